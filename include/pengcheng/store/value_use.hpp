#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace pengcheng::store {

namespace asio = boost::asio;

/// Which of `values` stand in a column of the resource's present rows; nothing when nothing is stored or the
/// table has no such column. Reads the whole column.
asio::awaitable<std::vector<std::string>> values_in_use(db::Transaction& tx, std::string ref,
                                                        std::string column, std::vector<std::string> values);

}  // namespace pengcheng::store
