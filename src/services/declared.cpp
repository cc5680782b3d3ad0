#include <pengcheng/services/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::services {

namespace {

constexpr db::Statement definitions_sql{"services.list_definitions", R"sql(
    SELECT v.definition FROM services.item i JOIN services.item_version v USING (code, version)
     ORDER BY i.code
)sql"};

constexpr db::Statement live_cases_sql{"services.count_live_cases", R"sql(
    SELECT count(*) FROM services.case_file
     WHERE item = $1 AND state NOT IN ('closed', 'withdrawn', 'refused')
)sql"};

constexpr db::Statement item_count_sql{"services.count_items", R"sql(
    SELECT count(*) FROM services.item WHERE organization = $1 AND state <> 'retired'
)sql"};

}  // namespace

asio::awaitable<std::vector<Json>> definitions(db::Transaction& tx) {
    co_return co_await tx.all<Json>(definitions_sql);
}

asio::awaitable<long> live_cases(db::Transaction& tx, std::string code) {
    co_return co_await tx.one<long>(live_cases_sql, std::move(code));
}

asio::awaitable<long> item_count(db::Transaction& tx, std::string organization) {
    co_return co_await tx.one<long>(item_count_sql, std::move(organization));
}

PENGCHENG_STATEMENTS(definitions_sql, live_cases_sql, item_count_sql);

}  // namespace pengcheng::services
