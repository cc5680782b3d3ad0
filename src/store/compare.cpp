#include "store/names.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::store {

namespace {

/// What of the staging table can be compared with the current one: columns that both have, as text.
struct Common {
    std::vector<std::string> columns;
    bool keyed = false;
};

Common common_of(const Table& table, const Shape& shape) {
    Common out;
    std::set<std::string> there;
    for (const Column& column : table.columns) {
        there.insert(column.name);
    }
    for (const Column& column : shape.columns) {
        if (there.contains(column.name)) {
            out.columns.push_back(column.name);
        }
    }
    out.keyed = !shape.key.empty() && std::all_of(shape.key.begin(), shape.key.end(),
                                                  [&](auto& name) { return there.contains(name); });
    return out;
}

std::vector<std::string> names_of(const std::vector<Column>& columns) {
    std::vector<std::string> out;
    for (const Column& column : columns) {
        out.push_back(column.name);
    }
    return out;
}

/// Samples are shown as text: a numeric of thirty digits would not survive as a JSON number.
std::string text_list(const std::vector<std::string>& names, const std::string& prefix) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + prefix + sql_identifier(name) + "::text";
    }
    return out;
}

std::string key_match_as_text(const std::vector<std::string>& key, const Table& table, const Shape& shape) {
    auto type_of = [](const std::vector<Column>& columns, const std::string& name) {
        auto found =
            std::find_if(columns.begin(), columns.end(), [&](auto& one) { return one.name == name; });
        return found == columns.end() ? std::string() : found->pg_type;
    };
    std::string out;
    for (const std::string& name : key) {
        std::string quoted = sql_identifier(name);
        std::string cast = type_of(table.columns, name) == type_of(shape.columns, name) ? "" : "::text";
        out += (out.empty() ? "c." : " AND c.") + quoted + cast + " = s." + quoted + cast;
    }
    return out;
}

asio::awaitable<Json> sample(db::Transaction& tx, std::string sql, int most) {
    db::Query query{"SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') FROM (" + sql + " LIMIT " +
                        std::to_string(most) + ") x",
                    {}};
    db::Rows rows = co_await tx.query(std::move(query));
    Json out;
    db::decode(rows.at(0, 0), out);
    co_return out;
}

struct Sides {
    std::string from_current, from_staging, match, differs, columns_current, columns_staging, row_current,
        row_staging;
};

Sides sides_of(const Table& table, const Staging& staging, const Common& common) {
    Sides out;
    out.from_current = " FROM " + table.name + " c";
    out.from_staging = " FROM " + staging.name + " s";
    out.match = key_match_as_text(staging.shape.key, table, staging.shape);
    out.row_current = text_list(common.columns, "c.");
    out.row_staging = text_list(common.columns, "s.");
    out.differs = "ROW(" + out.row_current + ") IS DISTINCT FROM ROW(" + out.row_staging + ")";
    out.columns_current = text_list(names_of(table.columns), "c.");
    out.columns_staging = text_list(names_of(staging.shape.columns), "s.");
    return out;
}

asio::awaitable<Comparison> by_key(db::Transaction& tx, const Sides& sides, const Staging& staging,
                                   const Table& table, bool replaces, int most) {
    Comparison out;
    const std::string& name = staging.name;
    out.changes.rows = co_await count(tx, "SELECT count(*)" + sides.from_staging);
    std::string missing = " WHERE NOT EXISTS (SELECT" + sides.from_current + " WHERE " + sides.match + ")";
    std::string gone = " WHERE NOT EXISTS (SELECT" + sides.from_staging + " WHERE " + sides.match + ")";
    std::string joined =
        sides.from_current + " JOIN " + name + " s ON " + sides.match + " WHERE " + sides.differs;
    out.changes.added = co_await count(tx, "SELECT count(*)" + sides.from_staging + missing);
    out.changes.changed = co_await count(tx, "SELECT count(*)" + joined);
    out.changes.unchanged = out.changes.rows - out.changes.added - out.changes.changed;
    out.samples["added"] =
        co_await sample(tx, "SELECT " + sides.columns_staging + sides.from_staging + missing, most);
    std::string before = "(SELECT to_jsonb(b) FROM (SELECT " + sides.columns_current + ") b)";
    std::string after = "(SELECT to_jsonb(a) FROM (SELECT " + sides.columns_staging + ") a)";
    std::string key = "concat_ws(', ', " + name_list(staging.shape.key, "s.") + ")";
    out.samples["changed"] = co_await sample(
        tx, "SELECT " + key + " AS key, " + before + " AS before, " + after + " AS after" + joined, most);
    out.samples["removed"] = Json::array();
    if (replaces) {
        out.changes.removed = co_await count(tx, "SELECT count(*)" + sides.from_current + gone);
        out.samples["removed"] =
            co_await sample(tx, "SELECT " + sides.columns_current + sides.from_current + gone, most);
    } else {
        out.changes.rows = table.rows + out.changes.added;
    }
    co_return out;
}

asio::awaitable<Comparison> by_row(db::Transaction& tx, const Sides& sides, const Table& table, bool replaces,
                                   int most) {
    Comparison out;
    out.samples = {{"added", Json::array()}, {"changed", Json::array()}, {"removed", Json::array()}};
    std::int64_t staged = co_await count(tx, "SELECT count(*)" + sides.from_staging);
    if (!replaces || sides.row_current.empty()) {
        out.changes.removed = replaces ? table.rows : 0;
        out.changes.added = staged;
        out.changes.unchanged = replaces ? 0 : table.rows;
        out.changes.rows = out.changes.unchanged + staged;
        std::string sql = "SELECT " + sides.columns_staging + sides.from_staging + " ORDER BY s._id";
        out.samples["added"] = co_await sample(tx, std::move(sql), most);
        co_return out;
    }
    std::string there = "SELECT " + sides.row_current + sides.from_current;
    std::string here = "SELECT " + sides.row_staging + sides.from_staging;
    std::string added = "(" + here + " EXCEPT ALL " + there + ")";
    std::string removed = "(" + there + " EXCEPT ALL " + here + ")";
    out.changes.added = co_await count(tx, "SELECT count(*) FROM " + added + " x");
    out.changes.removed = co_await count(tx, "SELECT count(*) FROM " + removed + " x");
    out.changes.unchanged = staged - out.changes.added;
    out.changes.rows = staged;
    out.samples["added"] = co_await sample(tx, "SELECT * FROM " + added + " y", most);
    out.samples["removed"] = co_await sample(tx, "SELECT * FROM " + removed + " y", most);
    co_return out;
}

}  // namespace

asio::awaitable<Result<Comparison>> compare(db::Transaction& tx, const Staging& staging, bool replaces,
                                            int samples_max) {
    auto table = co_await current(tx, staging.ref);
    if (!table) {
        Comparison out;
        out.changes.added = co_await count(tx, "SELECT count(*) FROM " + staging.name);
        out.changes.rows = out.changes.added;
        out.samples = {{"added", Json::array()}, {"changed", Json::array()}, {"removed", Json::array()}};
        std::string sql = "SELECT " + text_list(names_of(staging.shape.columns), "s.") + " FROM " +
                          staging.name + " s ORDER BY s._id";
        out.samples["added"] = co_await sample(tx, std::move(sql), samples_max);
        co_return out;
    }
    if (!replaces && !same_shape(*table, staging.shape)) {
        co_return shape_changed(*table, staging.shape);
    }
    co_await tx.script("ANALYZE " + staging.name);
    Common common = common_of(*table, staging.shape);
    Sides sides = sides_of(*table, staging, common);
    if (common.keyed) {
        co_return co_await by_key(tx, sides, staging, *table, replaces, samples_max);
    }
    co_return co_await by_row(tx, sides, *table, replaces, samples_max);
}

}  // namespace pengcheng::store
