#include <pengcheng/audit/audit.hpp>
#include <pengcheng/identity/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

constexpr auto describe(db::RowOf<Organization>) {
    return db::columns(db::column("code", &Organization::code), db::column("name", &Organization::name),
                       db::column("short_name", &Organization::short_name),
                       db::column("kind", &Organization::kind), db::column("region", &Organization::region),
                       db::column("parent", &Organization::parent),
                       db::column("status", &Organization::status), db::column("note", &Organization::note));
}

constexpr auto describe(db::RowOf<Region>) {
    return db::columns(db::column("code", &Region::code), db::column("name", &Region::name),
                       db::column("parent", &Region::parent), db::column("level", &Region::level));
}

constexpr auto describe(db::RowOf<Uses>) {
    return db::columns(db::column("accounts", &Uses::accounts), db::column("clients", &Uses::clients),
                       db::column("organizations", &Uses::organizations),
                       db::column("regions", &Uses::regions));
}

namespace {

constexpr db::Statement all_organizations_sql{"identity.all_organizations", R"sql(
    SELECT code, name, short_name, kind, region, coalesce(parent, '') AS parent, status, note
      FROM identity.organization ORDER BY code
)sql"};

constexpr db::Statement all_regions_sql{"identity.all_regions", R"sql(
    SELECT code, name, coalesce(parent, '') AS parent, level FROM identity.region ORDER BY code
)sql"};

constexpr db::Statement organization_uses_sql{"identity.count_organization_uses", R"sql(
    SELECT (SELECT count(*) FROM identity.account WHERE organization = $1) AS accounts,
           (SELECT count(*) FROM identity.client WHERE organization = $1) AS clients,
           (SELECT count(*) FROM identity.organization WHERE parent = $1) AS organizations,
           0::bigint AS regions
)sql"};

constexpr db::Statement region_uses_sql{"identity.count_region_uses", R"sql(
    SELECT 0::bigint AS accounts, 0::bigint AS clients,
           (SELECT count(*) FROM identity.organization WHERE region = $1) AS organizations,
           (SELECT count(*) FROM identity.region WHERE parent = $1) AS regions
)sql"};

constexpr db::Statement remove_organization_sql{"identity.remove_organization", R"sql(
    DELETE FROM identity.organization WHERE code = $1
)sql"};

constexpr db::Statement remove_region_sql{"identity.remove_region", R"sql(
    DELETE FROM identity.region WHERE code = $1
)sql"};

}  // namespace

asio::awaitable<std::vector<Organization>> organizations(db::Transaction& tx) {
    co_return co_await tx.all<Organization>(all_organizations_sql);
}

asio::awaitable<std::vector<Region>> regions(db::Transaction& tx) {
    co_return co_await tx.all<Region>(all_regions_sql);
}

asio::awaitable<Uses> organization_uses(db::Transaction& tx, std::string code) {
    co_return co_await tx.one<Uses>(organization_uses_sql, std::move(code));
}

asio::awaitable<Uses> region_uses(db::Transaction& tx, std::string code) {
    co_return co_await tx.one<Uses>(region_uses_sql, std::move(code));
}

asio::awaitable<void> remove_organization(db::Transaction& tx, const Principal& who, std::string code) {
    co_await tx.run(remove_organization_sql, code);
    co_await audit::record(tx, who, "identity.organization.remove", code);
}

asio::awaitable<void> remove_region(db::Transaction& tx, const Principal& who, std::string code) {
    co_await tx.run(remove_region_sql, code);
    co_await audit::record(tx, who, "identity.region.remove", code);
}

PENGCHENG_STATEMENTS(all_organizations_sql, all_regions_sql, organization_uses_sql, region_uses_sql,
                     remove_organization_sql, remove_region_sql);

}  // namespace pengcheng::identity
