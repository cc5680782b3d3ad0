#include "store/names.hpp"
#include "store/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::store {

namespace {

constexpr db::Statement lock_sql{"store.lock_resource", R"sql(
    SELECT pg_advisory_xact_lock(hashtextextended('store.' || $1, 0))::text
)sql"};

constexpr db::Statement retire_sql{"store.retire_table", R"sql(
    INSERT INTO store.old_table (table_name, ref, load)
    SELECT table_name, ref, load FROM store.resource_table WHERE ref = $1
)sql"};

constexpr db::Statement switch_sql{"store.switch_table", R"sql(
    INSERT INTO store.resource_table AS t (ref, load, table_name, columns, key, rows)
    VALUES ($1, $2, $3, $4::jsonb, $5::text[], $6)
    ON CONFLICT (ref) DO UPDATE
       SET load = excluded.load, table_name = excluded.table_name, columns = excluded.columns,
           key = excluded.key, rows = excluded.rows, loaded_at = now()
)sql"};

constexpr db::Statement merged_sql{"store.record_merge", R"sql(
    UPDATE store.resource_table SET load = $2, rows = $3, loaded_at = now() WHERE ref = $1
)sql"};

constexpr db::Statement old_sql{"store.list_old_tables", R"sql(
    SELECT table_name FROM store.old_table WHERE ref = $1 ORDER BY load DESC OFFSET $2
)sql"};

constexpr db::Statement forget_sql{"store.forget_old_table", R"sql(
    DELETE FROM store.old_table WHERE table_name = $1
)sql"};

constexpr std::string_view system_columns = ", _line, _batch, _changed_at";
constexpr std::string_view staged_system_columns = ", s._line, s._batch, s._changed_at";

constexpr std::size_t table_prefix_max = 40;

std::string table_name(const std::string& ref, std::int64_t load) {
    std::string name = ref;
    std::replace(name.begin(), name.end(), '-', '_');
    if (name.size() > table_prefix_max) {
        // PostgreSQL cuts names at 63 bytes; the digest keeps two long refs apart.
        std::uint64_t digest = 1469598103934665603ULL;
        for (char c : ref) {
            digest = (digest ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        }
        name = name.substr(0, table_prefix_max - 16) + std::to_string(digest % 1000000000000ULL);
    }
    return "r" + name + "_l" + std::to_string(load);
}

Json columns_json(const std::vector<Column>& columns) {
    Json out = Json::array();
    for (const Column& column : columns) {
        out.push_back({{"name", column.name},
                       {"type", column.type},
                       {"pg_type", column.pg_type},
                       {"label", column.label}});
    }
    return out;
}

std::string append_sql(const Table& table, const Staging& staging) {
    const std::vector<Column>& columns = staging.shape.columns;
    return "INSERT INTO " + table.name + " (" + column_list(columns) + std::string(system_columns) +
           ", _id) SELECT " + column_list(columns, "s.") + std::string(staged_system_columns) +
           ", (SELECT coalesce(max(_id), 0) FROM " + table.name +
           ") + row_number() OVER (ORDER BY s._id) FROM " + staging.name + " s";
}

std::string merge_sql(const Table& table, const Staging& staging) {
    const Shape& shape = staging.shape;
    std::vector<Column> rest;
    for (const Column& column : shape.columns) {
        if (std::find(shape.key.begin(), shape.key.end(), column.name) == shape.key.end()) {
            rest.push_back(column);
        }
    }
    std::string system(system_columns);
    std::string staged_system(staged_system_columns);
    std::string sql =
        "MERGE INTO " + table.name + " c USING " + staging.name + " s ON " + key_match(shape.key);
    if (!rest.empty()) {
        sql += " WHEN MATCHED AND ROW(" + column_list(rest, "c.") + ") IS DISTINCT FROM ROW(" +
               column_list(rest, "s.") + ") THEN UPDATE SET (" + column_list(rest) + system + ") = ROW(" +
               column_list(rest, "s.") + staged_system + ")";
    }
    return sql + " WHEN NOT MATCHED THEN INSERT (" + column_list(shape.columns) + system + ", _id) VALUES (" +
           column_list(shape.columns, "s.") + staged_system + ", nextval('pg_temp.added_id'))";
}

/// One pass: every staged row looks its key up in the table's index. In the order of the file, so the
/// sequence numbers added rows as they stand there; a hash join would not keep it.
asio::awaitable<void> merge_by_key(db::Transaction& tx, const Table& table, const Staging& staging,
                                   Changes& out) {
    std::int64_t last = co_await count(tx, "SELECT coalesce(max(_id), 0) FROM " + table.name);
    co_await tx.script("CREATE TEMP SEQUENCE added_id START " + std::to_string(last + 1) +
                       "; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off");
    std::int64_t written = co_await run(tx, merge_sql(table, staging));
    std::int64_t next = co_await count(tx, "SELECT nextval('pg_temp.added_id')");
    co_await tx.script("DROP SEQUENCE pg_temp.added_id; RESET enable_hashjoin; RESET enable_mergejoin");
    out.added = next - last - 1;
    out.changed = written - out.added;
}

}  // namespace

bool same_shape(const Table& table, const Shape& shape) {
    auto plain = [](const std::vector<Column>& columns) {
        std::set<std::pair<std::string, std::string>> out;
        for (const Column& column : columns) {
            out.emplace(column.name, column.pg_type);
        }
        return out;
    };
    return plain(table.columns) == plain(shape.columns) && table.key == shape.key;
}

Problem shape_changed(const Table& table, const Shape& shape) {
    auto names = [](const std::vector<Column>& columns) {
        std::string out;
        for (const Column& column : columns) {
            out += (out.empty() ? "" : ", ") + column.name + " " + column.pg_type;
        }
        return out;
    };
    return problem::shape_changed.at("/mode",
                                     "现有数据的列是（" + names(table.columns) + "），主键（" +
                                         join(table.key, ", ") + "）；目录中现在是（" + names(shape.columns) +
                                         "），主键（" + join(shape.key, ", ") + "）。请用整表替换方式入库",
                                     "the stored columns are (" + names(table.columns) + ") with key (" +
                                         join(table.key, ", ") + "); the catalogue now has (" +
                                         names(shape.columns) + ") with key (" + join(shape.key, ", ") +
                                         "). Load with mode replace");
}

asio::awaitable<void> lock_resource(db::Transaction& tx, std::string ref) {
    co_await tx.run(lock_sql, std::move(ref));
}

asio::awaitable<Changes> swap_in(db::Transaction& tx, const Staging& staging) {
    co_await lock_resource(tx, staging.ref);
    auto before = co_await current(tx, staging.ref);
    Changes out;
    out.load = before ? before->load + 1 : 1;
    out.removed = before ? before->rows : 0;
    out.rows = staging.rows;
    out.added = out.rows;
    std::string table = table_name(staging.ref, out.load);
    std::string sql = std::string(index_memory_sql) + "CREATE UNIQUE INDEX ON " + staging.name + " (_id);";
    for (const std::string& column : staging.shape.indexed) {
        sql += "CREATE INDEX ON " + staging.name + " (" + sql_identifier(column) + ");";
    }
    // Statistics of a small sample serve until refresh_statistics: sorting 30,000 values of each column by
    // the city's collation takes as long as a quarter million rows take to copy.
    sql += "SET LOCAL default_statistics_target = 30; ANALYZE " + staging.name + "; ALTER TABLE " +
           staging.name + " RENAME TO " + sql_identifier(table);
    co_await tx.script(std::move(sql));
    co_await tx.run(retire_sql, staging.ref);
    Json columns = columns_json(staging.shape.columns);
    co_await tx.run(switch_sql, staging.ref, out.load, table, columns, staging.shape.key, out.rows);
    co_return out;
}

asio::awaitable<Result<Changes>> merge_in(db::Transaction& tx, const Staging& staging) {
    co_await lock_resource(tx, staging.ref);
    auto table = co_await current(tx, staging.ref);
    if (!table) {
        co_return co_await swap_in(tx, staging);
    }
    if (!same_shape(*table, staging.shape)) {
        co_return shape_changed(*table, staging.shape);
    }
    Changes out;
    if (staging.shape.key.empty()) {
        out.added = co_await run(tx, append_sql(*table, staging));
    } else {
        co_await merge_by_key(tx, *table, staging, out);
    }
    out.unchanged = staging.rows - out.added - out.changed;
    out.rows = table->rows + out.added;
    out.load = table->load + 1;
    co_await tx.run(merged_sql, staging.ref, out.load, out.rows);
    co_await drop_staging(tx, staging);
    co_return out;
}

asio::awaitable<void> refresh_statistics(db::Pool& db, std::string ref) {
    auto table = co_await current(db, std::move(ref));
    if (table) {
        db::Query query{"ANALYZE " + table->name, {}};
        co_await db.query(std::move(query));
    }
}

asio::awaitable<int> drop_old(db::Pool& db, std::string ref, int keep) {
    auto tables = co_await db.all<std::string>(old_sql, ref, keep);
    int dropped = 0;
    for (const std::string& table : tables) {
        auto tx = co_await db.begin();
        try {
            co_await tx.script("SET LOCAL lock_timeout = '2s'; DROP TABLE IF EXISTS " + qualified(table));
            co_await tx.run(forget_sql, table);
            co_await tx.commit();
            ++dropped;
        } catch (const db::Error& error) {
            if (error.sqlstate() != "55P03") {  // lock_not_available
                throw;
            }
        }
    }
    co_return dropped;
}

PENGCHENG_STATEMENTS(lock_sql, retire_sql, switch_sql, merged_sql, old_sql, forget_sql);

}  // namespace pengcheng::store
