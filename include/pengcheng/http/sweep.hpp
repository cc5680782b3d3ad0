#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

namespace pengcheng::http {

/// Takes away kept replies that no client may ask for again (a day old) -> how many.
boost::asio::awaitable<std::int64_t> sweep_idempotency_keys(db::Transaction& tx);

}  // namespace pengcheng::http
