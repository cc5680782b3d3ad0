#include "catalogue/code_list.hpp"

#include <pengcheng/audit/audit.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::catalogue {

namespace {

constexpr db::Statement find_code_list_sql{"catalogue.find_code_list", R"sql(
    SELECT code, name FROM catalogue.code_list WHERE code = $1
)sql"};

constexpr db::Statement list_code_values_sql{"catalogue.list_code_values", R"sql(
    SELECT value, label, parent FROM catalogue.code_value WHERE list = $1 ORDER BY no
)sql"};

constexpr db::Statement list_code_lists_sql{"catalogue.list_code_lists", R"sql(
    SELECT l.code, l.name, (SELECT count(*) FROM catalogue.code_value v WHERE v.list = l.code) AS value_count
      FROM catalogue.code_list l ORDER BY l.code
)sql"};

constexpr db::Statement put_code_list_sql{"catalogue.put_code_list", R"sql(
    INSERT INTO catalogue.code_list AS l (code, name) VALUES ($1, $2)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE l.name <> excluded.name
)sql"};

constexpr db::Statement drop_code_values_sql{"catalogue.drop_code_values", R"sql(
    DELETE FROM catalogue.code_value WHERE list = $1 AND NOT value = ANY ($2::text[])
)sql"};

constexpr db::Statement put_code_values_sql{"catalogue.put_code_values", R"sql(
    INSERT INTO catalogue.code_value AS v (list, value, label, parent, no)
    SELECT $1, value, label, parent, no
      FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS new (value, label, parent, no)
    ON CONFLICT (list, value) DO UPDATE
       SET label = excluded.label, parent = excluded.parent, no = excluded.no
     WHERE (v.label, v.parent, v.no) IS DISTINCT FROM (excluded.label, excluded.parent, excluded.no)
)sql"};

}  // namespace

constexpr auto describe(db::RowOf<CodeListBrief>) {
    return db::columns(db::column("code", &CodeListBrief::code), db::column("name", &CodeListBrief::name),
                       db::column("value_count", &CodeListBrief::value_count));
}

constexpr auto describe(db::RowOf<CodeList>) {
    return db::columns(db::column("code", &CodeList::code), db::column("name", &CodeList::name));
}

constexpr auto describe(db::RowOf<CodeList::Value>) {
    return db::columns(db::column("value", &CodeList::Value::value),
                       db::column("label", &CodeList::Value::label),
                       db::column("parent", &CodeList::Value::parent));
}

namespace {

template <class Db>
asio::awaitable<std::optional<CodeList>> read_list(Db& db, std::string code) {
    auto list = co_await db.template find<CodeList>(find_code_list_sql, code);
    if (list) {
        list->ordered = co_await db.template all<CodeList::Value>(list_code_values_sql, code);
        for (const auto& value : list->ordered) {
            list->values.emplace(value.value, value.label);
        }
    }
    co_return list;
}

}  // namespace

asio::awaitable<std::optional<CodeList>> code_list(db::Pool& db, std::string code) {
    return read_list(db, std::move(code));
}

asio::awaitable<std::optional<CodeList>> code_list(db::Transaction& tx, std::string code) {
    return read_list(tx, std::move(code));
}

asio::awaitable<std::vector<CodeListBrief>> code_lists(db::Pool& db) {
    return db.all<CodeListBrief>(list_code_lists_sql);
}

asio::awaitable<void> put_code_list(db::Transaction& tx, const Principal& who, CodeList list) {
    std::vector<std::string> values;
    std::vector<std::string> labels;
    std::vector<std::string> parents;
    for (const auto& value : list.ordered) {
        values.push_back(value.value);
        labels.push_back(value.label);
        parents.push_back(value.parent);
    }
    auto touched = co_await tx.run(put_code_list_sql, list.code, list.name);
    touched += co_await tx.run(drop_code_values_sql, list.code, values);
    touched += co_await tx.run(put_code_values_sql, list.code, values, labels, parents);
    if (touched > 0) {
        Json detail = {{"values", values.size()}, {"touched", touched}};
        co_await audit::record(tx, who, "catalogue.code_list.put", list.code, std::move(detail));
    }
}

PENGCHENG_STATEMENTS(find_code_list_sql, list_code_values_sql, list_code_lists_sql, put_code_list_sql,
                     drop_code_values_sql, put_code_values_sql);

}  // namespace pengcheng::catalogue
