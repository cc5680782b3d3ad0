#pragma once

#include <pengcheng/store/load.hpp>

#include <string>
#include <vector>

namespace pengcheng::store {

/// store."name".
std::string qualified(const std::string& table);

/// "a, b" of quoted column names; with a prefix "s.a, s.b".
std::string column_list(const std::vector<Column>& columns, const std::string& prefix = {});
std::string name_list(const std::vector<std::string>& names, const std::string& prefix = {});
/// c."a" = s."a" AND ...
std::string key_match(const std::vector<std::string>& key);

/// Whether rows of `shape` fit into the table, and the refusal where they do not.
bool same_shape(const Table& table, const Shape& shape);
Problem shape_changed(const Table& table, const Shape& shape);

/// A million keys sort in memory instead of on disk.
inline constexpr std::string_view index_memory_sql = "SET LOCAL maintenance_work_mem = '256MB';";

/// One load of a resource at a time: held until the transaction ends.
asio::awaitable<void> lock_resource(db::Transaction& tx, std::string ref);
/// Rows of an SQL count.
asio::awaitable<std::int64_t> count(db::Transaction& tx, std::string sql);
asio::awaitable<std::int64_t> run(db::Transaction& tx, std::string sql);

}  // namespace pengcheng::store
