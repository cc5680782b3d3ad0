#include "store/names.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>

namespace pengcheng::store {

std::string name_list(const std::vector<std::string>& names, const std::string& prefix) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + prefix + sql_identifier(name);
    }
    return out;
}

std::string column_list(const std::vector<Column>& columns, const std::string& prefix) {
    std::vector<std::string> names;
    for (const Column& column : columns) {
        names.push_back(column.name);
    }
    return name_list(names, prefix);
}

std::string key_match(const std::vector<std::string>& key) {
    std::string out;
    for (const std::string& name : key) {
        std::string quoted = sql_identifier(name);
        out += (out.empty() ? "c." : " AND c.") + quoted + " = s." + quoted;
    }
    return out;
}

asio::awaitable<std::int64_t> run(db::Transaction& tx, std::string sql) {
    db::Query query{std::move(sql), {}};
    db::Rows rows = co_await tx.query(std::move(query));
    co_return rows.affected();
}

asio::awaitable<std::int64_t> count(db::Transaction& tx, std::string sql) {
    db::Query query{std::move(sql), {}};
    db::Rows rows = co_await tx.query(std::move(query));
    long out = 0;
    db::decode(rows.at(0, 0), out);
    co_return out;
}

asio::awaitable<Staging> open_staging(db::Transaction& tx, std::string ref, std::string batch, Shape shape,
                                      bool logged) {
    if (!is_id(batch)) {
        throw std::invalid_argument("a batch is named by a UUID");
    }
    Staging out{.ref = std::move(ref), .batch = batch, .shape = std::move(shape), .logged = logged};
    std::erase(batch, '-');
    out.table = "stage_" + batch;
    out.name = qualified(out.table);
    out.copy_sql = "COPY " + out.name + " (" + column_list(out.shape.columns) +
                   (out.shape.columns.empty() ? "" : ", ") + "_line, _id) FROM STDIN (FORMAT binary, FREEZE)";
    std::string sql = "DROP TABLE IF EXISTS " + out.name + "; CREATE " + (logged ? "" : "UNLOGGED ") +
                      "TABLE " + out.name + " (";
    for (const Column& column : out.shape.columns) {
        sql += sql_identifier(column.name) + " " + column.pg_type + ", ";
    }
    sql += "_id bigint NOT NULL, _line bigint NOT NULL, _batch uuid NOT NULL DEFAULT '" + out.batch +
           "', _changed_at timestamptz NOT NULL DEFAULT now())";
    // Room for changed rows beside the old ones: an upsert that leaves indexed columns alone then touches no
    // index. A table without key is never changed.
    sql += logged && !out.shape.key.empty() ? " WITH (fillfactor = 90)" : "";
    co_await tx.script(std::move(sql));
    co_return out;
}

namespace {

std::string key_index_sql(const Staging& staging) {
    return "CREATE UNIQUE INDEX ON " + staging.name + " (" + name_list(staging.shape.key) + ")";
}

/// The index is wanted anyway, and building it finds duplicates faster than looking for them would.
asio::awaitable<bool> index_key(db::Transaction& tx, const Staging& staging) {
    co_await tx.script(std::string(index_memory_sql) + "SAVEPOINT key_index");
    bool repeated = false;
    try {
        co_await tx.script(key_index_sql(staging));
    } catch (const db::Error& error) {
        if (!error.unique_violation()) {
            throw;
        }
        repeated = true;
    }
    co_await tx.script(repeated ? "ROLLBACK TO SAVEPOINT key_index" : "RELEASE SAVEPOINT key_index");
    co_return !repeated;
}

}  // namespace

asio::awaitable<bool> check_key(db::Transaction& tx, const Staging& staging) {
    if (staging.shape.key.empty()) {
        co_return true;
    }
    if (staging.logged) {
        co_return co_await index_key(tx, staging);
    }
    // Hashing the keys costs a fifth of sorting them by the city's collation.
    co_await tx.script("SET LOCAL work_mem = '64MB'");
    std::int64_t repeated =
        co_await count(tx, "SELECT count(*) FROM (SELECT FROM " + staging.name + " GROUP BY " +
                               name_list(staging.shape.key) + " HAVING count(*) > 1 LIMIT 1) repeated");
    co_return repeated == 0;
}

asio::awaitable<db::RowStream> take_duplicates(db::Transaction& tx, const Staging& staging) {
    std::string key = name_list(staging.shape.key);
    db::Query query{
        "WITH ranked AS (SELECT ctid AS place, _line, first_value(_line) OVER w AS first_line,"
        " row_number() OVER w AS n, concat_ws(', ', " +
            key + ") AS key FROM " + staging.name + " WINDOW w AS (PARTITION BY " + key +
            " ORDER BY _line, _id))"
            " DELETE FROM " +
            staging.name +
            " t USING ranked r WHERE t.ctid = r.place AND r.n > 1"
            " RETURNING r._line, r.first_line, r.key",
        {}};
    return tx.stream(std::move(query));
}

asio::awaitable<std::optional<db::RowStream>> take_stored(db::Transaction& tx, const Staging& staging) {
    co_await lock_resource(tx, staging.ref);
    auto table = co_await current(tx, staging.ref);
    if (!table || staging.shape.key.empty() || !same_shape(*table, staging.shape)) {
        co_return std::nullopt;
    }
    db::Query query{"DELETE FROM " + staging.name + " s USING " + table->name + " c WHERE " +
                        key_match(staging.shape.key) + " RETURNING s._line, 0::bigint, concat_ws(', ', " +
                        name_list(staging.shape.key, "s.") + ")",
                    {}};
    auto stream = co_await tx.stream(std::move(query));
    co_return std::optional<db::RowStream>(stream);
}

std::vector<Duplicate> duplicates(const db::Rows& rows) {
    std::vector<Duplicate> out;
    for (int i = 0; i < rows.size(); ++i) {
        Duplicate& one = out.emplace_back();
        db::decode(rows.at(i, 0), one.line);
        db::decode(rows.at(i, 1), one.first_line);
        db::decode(rows.at(i, 2), one.key);
    }
    return out;
}

asio::awaitable<void> close_duplicates(db::Transaction& tx, const Staging& staging) {
    if (!staging.logged) {
        co_return;  // a merge numbers the rows it adds
    }
    co_await tx.script("UPDATE " + staging.name +
                       " t SET _id = n.id FROM (SELECT ctid AS place,"
                       " row_number() OVER (ORDER BY _id) AS id FROM " +
                       staging.name + ") n WHERE t.ctid = n.place AND t._id <> n.id; " +
                       key_index_sql(staging));
}

asio::awaitable<void> drop_staging(db::Transaction& tx, const Staging& staging) {
    return tx.script("DROP TABLE IF EXISTS " + staging.name);
}

}  // namespace pengcheng::store
