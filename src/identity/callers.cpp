#include <pengcheng/identity/callers.hpp>

namespace pengcheng::identity {

namespace {

constexpr db::Statement callers_sql{"identity.find_callers", R"sql(
    SELECT client_id AS caller, name, true AS system FROM identity.client WHERE client_id = ANY ($1::text[])
     UNION ALL
    SELECT username, display_name, false FROM identity.account WHERE username = ANY ($1::text[])
)sql"};

struct CallerRow : Caller {
    std::string caller;
};
constexpr auto describe(db::RowOf<CallerRow>) {
    return db::columns(db::column("caller", &CallerRow::caller),
                       db::column("name", static_cast<std::string CallerRow::*>(&CallerRow::name)),
                       db::column("system", static_cast<bool CallerRow::*>(&CallerRow::system)));
}

}  // namespace

boost::asio::awaitable<std::map<std::string, Caller>> callers(db::Pool& db, std::vector<std::string> names) {
    std::map<std::string, Caller> found;
    if (!names.empty()) {
        for (auto& row : co_await db.all<CallerRow>(callers_sql, std::move(names))) {
            found.emplace(std::move(row.caller), std::move(static_cast<Caller&>(row)));
        }
    }
    co_return found;
}

PENGCHENG_STATEMENTS(callers_sql);

}  // namespace pengcheng::identity
