#include "exchange/grant.hpp"

#include "exchange/box.hpp"
#include "exchange/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/events/notices.hpp>
#include <pengcheng/identity/identity.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pengcheng::exchange {

namespace {

constexpr db::Statement active_grant_sql{"exchange.find_active_grant", R"sql(
    SELECT g.* FROM exchange.standing_grant g
     WHERE g.organization = $1 AND g.resource = $2 AND g.state = 'active'
)sql",
                                         db::Lane::shared};

constexpr db::Statement find_grant_sql{"exchange.find_grant", R"sql(
    SELECT * FROM exchange.standing_grant WHERE id = $1
)sql",
                                       db::Lane::shared};

constexpr db::Statement lock_grant_sql{"exchange.lock_grant", R"sql(
    SELECT id FROM exchange.access_grant WHERE id = $1 FOR UPDATE
)sql"};

// Parameters: in_box.
constexpr db::Statement list_grants_sql{"exchange.list_grants", R"sql(
    SELECT * FROM exchange.standing_grant
     WHERE CASE $1 WHEN 'held' THEN organization = $2
                   WHEN 'given' THEN provider = $2
                   ELSE $3::boolean OR organization = ANY ($8::text[])
                        OR provider = ANY ($8::text[]) END
       AND ($4 = '' OR state = $4)
       AND ($5 = '' OR resource = $5)
       AND ($6 = '' OR id < $6)
     ORDER BY id DESC
     LIMIT $7::int
)sql"};

constexpr db::Statement replace_grant_sql{"exchange.replace_grant", R"sql(
    UPDATE exchange.access_grant
       SET state = 'expired', ended_reason = $3, ended_at = now(), version = version + 1
     WHERE organization = $1 AND resource = $2 AND state = 'active'
)sql"};

constexpr db::Statement add_grant_sql{"exchange.add_grant", R"sql(
    INSERT INTO exchange.access_grant (id, request, resource, resource_name, provider, provider_name,
                organization, organization_name, fields, row_filter, basis, scene, scope, purpose, mode,
                mask_key, starts_at, ends_at, state)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12, $13, $14, $15, $16,
            $17::timestamptz, $17::timestamptz + make_interval(months => $18::int), 'active')
)sql"};

constexpr db::Statement revoke_grant_sql{"exchange.revoke_grant", R"sql(
    UPDATE exchange.access_grant
       SET state = 'revoked', ended_reason = $2, ended_at = now(), version = version + 1
     WHERE id = $1
)sql"};

struct GrantRow : Grant {
    Json raw_fields;
    std::optional<std::string> ended;
};

constexpr auto describe(db::RowOf<GrantRow>) {
    using G = GrantRow;
    auto text = [](std::string_view name, std::string Grant::* at) {
        return db::column(name, static_cast<std::string G::*>(at));
    };
    return db::columns(text("id", &G::id), text("request", &G::request), text("resource", &G::resource),
                       text("resource_name", &G::resource_name), text("provider", &G::provider),
                       text("provider_name", &G::provider_name), text("organization", &G::organization),
                       text("organization_name", &G::organization_name), db::column("fields", &G::raw_fields),
                       text("row_filter", &G::row_filter), text("basis", &G::basis), text("scene", &G::scene),
                       text("scope", &G::scope), text("purpose", &G::purpose), text("mode", &G::mode),
                       text("mask_key", &G::mask_key), text("starts_at", &G::starts_at),
                       text("ends_at", &G::ends_at), text("state", &G::state),
                       text("ended_reason", &G::ended_reason), db::column("ended_at", &G::ended),
                       db::column("version", static_cast<std::int64_t G::*>(&G::version)));
}

Grant to_grant(GrantRow row) {
    for (const auto& field : row.raw_fields) {
        row.fields.push_back({.column = field.at("column").get<std::string>(),
                              .label = field.at("label").get<std::string>(),
                              .mask = field.at("mask").get<std::string>()});
    }
    row.ended_at = row.ended.value_or("");
    return std::move(static_cast<Grant&>(row));
}

Json fields_json(const std::vector<Grant::Field>& fields) {
    Json out = Json::array();
    for (const auto& field : fields) {
        out.push_back({{"column", field.column}, {"label", field.label}, {"mask", field.mask}});
    }
    return out;
}

}  // namespace

Json to_json(const Grant& grant) {
    return {{"id", grant.id},
            {"request", grant.request},
            {"resource", {{"ref", grant.resource}, {"name", grant.resource_name}}},
            {"provider", {{"code", grant.provider}, {"name", grant.provider_name}}},
            {"organization", {{"code", grant.organization}, {"name", grant.organization_name}}},
            {"fields", fields_json(grant.fields)},
            {"row_filter", grant.row_filter},
            {"basis", grant.basis},
            {"scene", grant.scene},
            {"scope", grant.scope},
            {"purpose", grant.purpose},
            {"mode", grant.mode},
            {"starts_at", grant.starts_at},
            {"ends_at", grant.ends_at},
            {"state", grant.state},
            {"ended_reason", grant.ended_reason},
            {"ended_at", grant.ended_at.empty() ? Json(nullptr) : Json(grant.ended_at)},
            {"version", grant.version}};
}

asio::awaitable<std::optional<Grant>> active_grant(db::Pool& db, std::string organization, std::string ref) {
    if (organization.empty()) {
        co_return std::nullopt;
    }
    auto row = co_await db.find<GrantRow>(active_grant_sql, std::move(organization), std::move(ref));
    if (!row) {
        co_return std::nullopt;
    }
    co_return to_grant(std::move(*row));
}

asio::awaitable<std::optional<Grant>> find_grant(db::Pool& db, std::string id) {
    auto row = co_await db.find<GrantRow>(find_grant_sql, std::move(id));
    if (!row) {
        co_return std::nullopt;
    }
    co_return to_grant(std::move(*row));
}

asio::awaitable<std::vector<Grant>> grants(db::Pool& db, const Principal& who, BoxInput input) {
    return in_box(db, list_grants_sql, who, "exchange.grant.list", std::move(input), to_grant);
}

asio::awaitable<std::string> make_grant(db::Transaction& tx, const Runtime& runtime, const Principal& who,
                                        const Request& request, const std::vector<RequestItem>& items) {
    std::vector<Grant::Field> fields;
    for (const auto& item : items) {
        fields.push_back({.column = item.column, .label = item.name, .mask = item.mask});
    }
    std::string id = new_id();
    Json granted = fields_json(fields);
    co_await tx.run(replace_grant_sql, request.organization, request.resource,
                    "由新的授权取代 / replaced by " + id);
    co_await tx.run(add_grant_sql, id, request.id, request.resource, request.resource_name, request.provider,
                    request.provider_name, request.organization, request.organization_name, granted,
                    request.row_filter, request.basis, request.scene, request.scope, request.purpose,
                    request.mode, random_hex(32), to_rfc3339(runtime.now()), request.months);
    Json detail = {{"request", request.id},
                   {"resource", request.resource},
                   {"organization", request.organization},
                   {"fields", std::move(granted)},
                   {"by_rule", request.by_rule}};
    co_await audit::record(tx, who, "exchange.grant.create", id, std::move(detail));
    co_return id;
}

asio::awaitable<Result<Grant>> revoke(db::Transaction& tx, const Principal& who, std::string id,
                                      std::string reason) {
    if (trim(reason).empty() || utf8_length(reason) > 500) {
        co_return problem::no_reason.at("/reason", "请写明理由（500字以内）",
                                        "Say why, in at most 500 characters");
    }
    auto locked = co_await tx.find<std::string>(lock_grant_sql, id);
    if (!locked) {
        co_return problem::no_such_grant.plain();
    }
    auto row = co_await tx.one<GrantRow>(find_grant_sql, id);
    bool server = who.kind == Principal::Kind::operator_ || who.kind == Principal::Kind::system;
    if (!server && who.organization != row.provider) {
        co_return pengcheng::problem::forbidden.because("只有提供部门可以收回", "Only the provider revokes");
    }
    if (row.state != "active") {
        co_return problem::wrong_state.at("/state", "该授权已不在有效期", "This grant is no longer in force");
    }
    co_await tx.run(revoke_grant_sql, id, reason);
    Json detail = {{"resource", row.resource}, {"organization", row.organization}, {"reason", reason}};
    co_await audit::record(tx, who, "exchange.grant.revoke", id, std::move(detail));
    events::Notice notice;
    notice.organization = row.organization;
    notice.role = "data_officer";
    notice.title_zh = "数据使用授权被收回：" + row.resource_name;
    notice.title_en = "Grant revoked: " + row.resource_name;
    notice.text_zh = reason;
    notice.text_en = reason;
    notice.link = "/console/exchange/grants?box=held&id=" + id;
    co_await events::notify(tx, std::move(notice));
    auto ended = co_await tx.one<GrantRow>(find_grant_sql, id);
    co_return to_grant(std::move(ended));
}

rows::View view_of(const Grant& grant, store::Table table) {
    rows::View view;
    for (const auto& field : grant.fields) {
        auto column =
            std::find_if(table.columns.begin(), table.columns.end(),
                         [&](const store::Column& candidate) { return candidate.name == field.column; });
        if (column != table.columns.end()) {
            view.fields.push_back(
                {.column = field.column, .label = field.label, .type = column->type, .mask = field.mask});
        }
    }
    view.row_filter = grant.row_filter;
    view.mask_key = grant.mask_key;
    view.file_name = grant.resource_name;
    view.access = {.resource = grant.resource,
                   .owner = grant.provider,
                   .grant = grant.id,
                   .channel = "data-api",
                   .purpose = grant.purpose};
    view.table = std::move(table);
    return view;
}

rows::View own_view(store::Table table, std::string organization) {
    rows::View view;
    for (const auto& column : table.columns) {
        view.fields.push_back({.column = column.name, .label = column.label, .type = column.type});
    }
    view.file_name = table.ref;
    view.access = {
        .resource = table.ref, .owner = std::move(organization), .channel = "data-api", .purpose = "own"};
    view.table = std::move(table);
    return view;
}

constexpr db::Statement grant_parties_sql{"exchange.find_grant_parties", R"sql(
    SELECT organization || ',' || provider AS organization, NULL::text AS account
      FROM exchange.access_grant WHERE id = $1
)sql",
                                          db::Lane::shared};
constexpr db::Statement grant_provider_sql{"exchange.find_grant_provider", R"sql(
    SELECT provider AS organization, NULL::text AS account FROM exchange.access_grant WHERE id = $1
)sql",
                                           db::Lane::shared};

PENGCHENG_STATEMENTS(active_grant_sql, find_grant_sql, lock_grant_sql, list_grants_sql, replace_grant_sql,
                     add_grant_sql, revoke_grant_sql, grant_parties_sql, grant_provider_sql);

}  // namespace pengcheng::exchange
