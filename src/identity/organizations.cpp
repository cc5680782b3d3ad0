#include <pengcheng/audit/audit.hpp>
#include <pengcheng/identity/identity.hpp>

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

namespace {

constexpr db::Statement find_organization_sql{"identity.find_organization", R"sql(
    SELECT code, name, short_name, kind, region, coalesce(parent, '') AS parent, status, note
      FROM identity.organization WHERE code = $1
)sql"};

constexpr db::Statement list_organizations_sql{"identity.list_organizations", R"sql(
    SELECT code, name, short_name, kind, region, coalesce(parent, '') AS parent, status, note
      FROM identity.organization ORDER BY code LIMIT 1000
)sql"};

// Only a difference writes; a returned row tells whether it was there before (xmax is 0 for a fresh row).
constexpr db::Statement put_organization_sql{"identity.put_organization", R"sql(
    INSERT INTO identity.organization AS o (code, name, short_name, kind, region, parent, status, note)
    VALUES ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8)
    ON CONFLICT (code) DO UPDATE
       SET name = excluded.name, short_name = excluded.short_name, kind = excluded.kind,
           region = excluded.region, parent = excluded.parent, status = excluded.status, note = excluded.note
     WHERE (o.name, o.short_name, o.kind, o.region, o.parent, o.status, o.note)
           IS DISTINCT FROM (excluded.name, excluded.short_name, excluded.kind, excluded.region,
                             excluded.parent, excluded.status, excluded.note)
 RETURNING (xmax::text = '0') AS added
)sql"};

constexpr db::Statement list_regions_sql{"identity.list_regions", R"sql(
    SELECT code, name, coalesce(parent, '') AS parent, level FROM identity.region ORDER BY code LIMIT 5000
)sql"};

constexpr db::Statement put_region_sql{"identity.put_region", R"sql(
    INSERT INTO identity.region AS r (code, name, parent, level)
    VALUES ($1, $2, nullif($3, ''), $4::integer)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent = excluded.parent, level = excluded.level
     WHERE (r.name, r.parent, r.level) IS DISTINCT FROM (excluded.name, excluded.parent, excluded.level)
 RETURNING (xmax::text = '0') AS added
)sql"};

Put outcome(std::optional<bool> added) {
    return !added ? Put::unchanged : *added ? Put::added : Put::changed;
}

}  // namespace

Json to_json(const Organization& organization) {
    return {{"code", organization.code},
            {"name", organization.name},
            {"short_name", organization.short_name},
            {"kind", organization.kind},
            {"region", organization.region},
            {"parent", organization.parent},
            {"status", organization.status},
            {"note", organization.note}};
}

Json to_json(const Region& region) {
    return {{"code", region.code}, {"name", region.name}, {"parent", region.parent}, {"level", region.level}};
}

asio::awaitable<std::optional<Organization>> organization(db::Pool& db, std::string code) {
    co_return co_await db.find<Organization>(find_organization_sql, std::move(code));
}

asio::awaitable<std::optional<Organization>> organization(db::Transaction& tx, std::string code) {
    co_return co_await tx.find<Organization>(find_organization_sql, std::move(code));
}

asio::awaitable<std::vector<Organization>> organizations(db::Pool& db) {
    co_return co_await db.all<Organization>(list_organizations_sql);
}

asio::awaitable<std::vector<Region>> regions(db::Pool& db) {
    co_return co_await db.all<Region>(list_regions_sql);
}

asio::awaitable<Put> add_organization(db::Transaction& tx, const Principal& who, Organization organization) {
    auto added = co_await tx.find<bool>(put_organization_sql, organization.code, organization.name,
                                        organization.short_name, organization.kind, organization.region,
                                        organization.parent, organization.status, organization.note);
    Put put = outcome(added);
    if (put != Put::unchanged) {
        Json detail = to_json(organization);
        co_await audit::record(tx, who, "identity.organization.put", organization.code, std::move(detail));
    }
    co_return put;
}

asio::awaitable<Put> add_region(db::Transaction& tx, const Principal& who, Region region) {
    auto added =
        co_await tx.find<bool>(put_region_sql, region.code, region.name, region.parent, region.level);
    Put put = outcome(added);
    if (put != Put::unchanged) {
        Json detail = to_json(region);
        co_await audit::record(tx, who, "identity.region.put", region.code, std::move(detail));
    }
    co_return put;
}

PENGCHENG_STATEMENTS(find_organization_sql, list_organizations_sql, put_organization_sql, list_regions_sql,
                     put_region_sql);

}  // namespace pengcheng::identity
