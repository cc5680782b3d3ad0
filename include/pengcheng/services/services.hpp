#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace pengcheng::services {

namespace asio = boost::asio;

/// Faults of a service item's definition (implementation list fields, materials, form), by JSON pointer.
/// Pure: packs call it before anything touches the database.
std::vector<FieldError> check_item(const Json& definition);

enum class Put { added, changed, unchanged };

/// What put_item would do with `definition`.
asio::awaitable<Put> compare_item(db::Transaction& tx, Json definition);

/// Publishes a definition as the item's next version; running cases keep the version they started with.
/// The definition must have passed check_item.
asio::awaitable<Put> put_item(db::Transaction& tx, Principal who, Json definition);

}  // namespace pengcheng::services
