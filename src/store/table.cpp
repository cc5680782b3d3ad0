#include <pengcheng/store/table.hpp>

#include <pengcheng/base/text.hpp>

#include "store/names.hpp"

#include <nlohmann/json.hpp>

namespace pengcheng::store {

namespace {

constexpr db::Statement current_sql{"store.find_current", R"sql(
    SELECT ref, load, table_name, columns, key, rows, base.rfc3339(loaded_at) AS loaded_at
      FROM store.resource_table WHERE ref = $1
)sql",
                                    db::Lane::shared};

struct TableRow {
    std::string ref, table_name, loaded_at;
    std::int64_t load = 0, rows = 0;
    Json columns;
    std::vector<std::string> key;
};

constexpr auto describe(db::RowOf<TableRow>) {
    return db::columns(db::column("ref", &TableRow::ref), db::column("load", &TableRow::load),
                       db::column("table_name", &TableRow::table_name),
                       db::column("columns", &TableRow::columns), db::column("key", &TableRow::key),
                       db::column("rows", &TableRow::rows), db::column("loaded_at", &TableRow::loaded_at));
}

std::optional<Table> as_table(std::optional<TableRow> row) {
    if (!row) {
        return std::nullopt;
    }
    Table out{.ref = row->ref,
              .name = qualified(row->table_name),
              .key = row->key,
              .load = row->load,
              .rows = row->rows,
              .loaded_at = row->loaded_at};
    for (const Json& column : row->columns) {
        out.columns.push_back({column.at("name").get<std::string>(), column.at("type").get<std::string>(),
                               column.at("pg_type").get<std::string>(),
                               column.at("label").get<std::string>()});
    }
    return out;
}

}  // namespace

std::string qualified(const std::string& table) {
    return "store." + sql_identifier(table);
}

std::string pg_type(std::string_view letter) {
    if (letter == "N" || letter == "Y") {
        return "numeric";
    }
    if (letter == "D") {
        return "date";
    }
    if (letter == "T") {
        return "timestamptz";
    }
    if (letter == "L") {
        return "boolean";
    }
    if (letter == "B") {
        return "double precision";
    }
    if (letter == "I") {
        return "bigint";
    }
    return letter == "F" ? "real" : "text";
}

asio::awaitable<std::optional<Table>> current(db::Pool& db, std::string ref) {
    co_return as_table(co_await db.find<TableRow>(current_sql, std::move(ref)));
}

asio::awaitable<std::optional<Table>> current(db::Transaction& tx, std::string ref) {
    co_return as_table(co_await tx.find<TableRow>(current_sql, std::move(ref)));
}

PENGCHENG_STATEMENTS(current_sql);

}  // namespace pengcheng::store
