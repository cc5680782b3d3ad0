#include <pengcheng/audit/audit.hpp>
#include <pengcheng/catalogue/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::catalogue {

constexpr auto describe(db::RowOf<CodeListUse>) {
    return db::columns(db::column("ref", &CodeListUse::ref), db::column("name", &CodeListUse::name),
                       db::column("column", &CodeListUse::column));
}

namespace {

constexpr db::Statement code_list_codes_sql{"catalogue.list_code_list_codes", R"sql(
    SELECT code FROM catalogue.code_list ORDER BY code
)sql"};

constexpr db::Statement code_list_uses_sql{"catalogue.list_code_list_uses", R"sql(
    SELECT DISTINCT e.ref, e.name, item ->> 'column' AS "column"
      FROM catalogue.edition e, jsonb_array_elements(e.content -> 'items') item
     WHERE item ->> 'code_list' = $1::text AND e.state <> 'retired'
     ORDER BY e.ref, 3
)sql"};

constexpr db::Statement remove_code_list_sql{"catalogue.remove_code_list", R"sql(
    DELETE FROM catalogue.code_list WHERE code = $1
)sql"};

constexpr db::Statement living_refs_sql{"catalogue.list_living_refs", R"sql(
    SELECT DISTINCT ref FROM catalogue.edition WHERE state <> 'retired' ORDER BY ref
)sql"};

constexpr db::Statement entry_count_sql{"catalogue.count_entries", R"sql(
    SELECT count(DISTINCT ref) FROM catalogue.edition WHERE organization = $1 AND state <> 'retired'
)sql"};

}  // namespace

asio::awaitable<std::vector<std::string>> code_list_codes(db::Transaction& tx) {
    co_return co_await tx.all<std::string>(code_list_codes_sql);
}

asio::awaitable<std::vector<CodeListUse>> code_list_uses(db::Transaction& tx, std::string code) {
    co_return co_await tx.all<CodeListUse>(code_list_uses_sql, std::move(code));
}

asio::awaitable<void> remove_code_list(db::Transaction& tx, const Principal& who, std::string code) {
    co_await tx.run(remove_code_list_sql, code);
    co_await audit::record(tx, who, "catalogue.code_list.remove", code);
}

asio::awaitable<std::vector<std::string>> living_refs(db::Transaction& tx) {
    co_return co_await tx.all<std::string>(living_refs_sql);
}

asio::awaitable<long> entry_count(db::Transaction& tx, std::string organization) {
    co_return co_await tx.one<long>(entry_count_sql, std::move(organization));
}

PENGCHENG_STATEMENTS(code_list_codes_sql, code_list_uses_sql, remove_code_list_sql, living_refs_sql,
                     entry_count_sql);

}  // namespace pengcheng::catalogue
