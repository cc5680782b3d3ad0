#pragma once

#include <pengcheng/base/time.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

namespace pengcheng::identity {

/// Takes away sessions that have ended -> how many.
boost::asio::awaitable<std::int64_t> sweep_sessions(db::Transaction& tx, Time now);

}  // namespace pengcheng::identity
