#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace pengcheng::store {

namespace asio = boost::asio;

/// A resource that has rows, and its present load.
struct Mounted {
    std::string ref;
    std::int64_t load = 0;
};
asio::awaitable<std::vector<Mounted>> mounted(db::Transaction& tx);  ///< by ref

/// Drops what switches left behind, of every resource but the `keep` newest each -> how many. A table that a
/// reader holds is left for the next call.
asio::awaitable<std::int64_t> drop_every_old(db::Pool& db, int keep);

}  // namespace pengcheng::store
