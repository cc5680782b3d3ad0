#pragma once

#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Tables of resources. Each full load is a table of its own; one row in store.resource_table points to the
/// current one, so a switch waits for no reader.
namespace pengcheng::store {

namespace asio = boost::asio;

/// A column of the resource's own. Beside them every table has `_id bigint` (dense from 1, unique,
/// indexed), `_batch uuid`, `_changed_at timestamptz`, `_line bigint` (line in the source file).
struct Column {
    std::string name;
    std::string type;     ///< guide letter
    std::string pg_type;  ///< text, numeric, bigint, date, timestamptz, boolean, double precision, real
    std::string label;
};

struct Table {
    std::string ref;
    std::string name;  ///< quoted, schema-qualified
    std::vector<Column> columns;
    std::vector<std::string> key;
    std::int64_t load = 0;  ///< rises with every load, upserts included
    std::int64_t rows = 0;
    std::string loaded_at;  ///< RFC 3339
};

/// PostgreSQL type of a guide letter. Lengths are held by the row checks, not by the column, so that a
/// longer length in the catalogue needs no new table.
std::string pg_type(std::string_view letter);

/// The table that readers of `ref` see now; nothing when nothing was loaded.
asio::awaitable<std::optional<Table>> current(db::Pool& db, std::string ref);
asio::awaitable<std::optional<Table>> current(db::Transaction& tx, std::string ref);

}  // namespace pengcheng::store
