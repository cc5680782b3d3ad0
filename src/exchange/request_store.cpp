#include "exchange/box.hpp"
#include "exchange/limits.hpp"
#include "exchange/request.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/identity/identity.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::exchange {

namespace {

constexpr db::Statement find_request_sql{"exchange.find_request", R"sql(
    SELECT *, base.rfc3339(created_at) AS created, base.rfc3339(answered_at) AS answered
      FROM exchange.request WHERE id = $1
)sql"};

constexpr db::Statement lock_request_sql{"exchange.lock_request", R"sql(
    SELECT *, base.rfc3339(created_at) AS created, base.rfc3339(answered_at) AS answered
      FROM exchange.request WHERE id = $1 FOR UPDATE
)sql"};

constexpr db::Statement add_request_sql{"exchange.add_request", R"sql(
    INSERT INTO exchange.request (id, resource, resource_name, provider, provider_name, organization,
                organization_name, account, account_name, items, row_filter, basis, scene, scope, purpose,
                mode, months, state, limit_days, received_on, due_on)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14, $15, $16, $17::int,
            'provider_review', $18::int, $19::date, $20::date)
    ON CONFLICT (organization, resource) WHERE state = 'provider_review' DO NOTHING
)sql"};

constexpr db::Statement set_answer_sql{"exchange.set_answer", R"sql(
    UPDATE exchange.request
       SET state = $2, by_rule = $3, answer = $4, answered_by_name = $5,
           answered_at = CASE WHEN $6::boolean THEN now() END, grant_id = $7, version = version + 1
     WHERE id = $1
)sql"};

// Parameters: in_box.
constexpr db::Statement list_requests_sql{"exchange.list_requests", R"sql(
    SELECT *, base.rfc3339(created_at) AS created, base.rfc3339(answered_at) AS answered
      FROM exchange.request
     WHERE CASE $1 WHEN 'sent' THEN organization = $2
                   WHEN 'received' THEN provider = $2
                   ELSE $3::boolean OR organization = ANY ($8::text[])
                        OR provider = ANY ($8::text[]) END
       AND ($4 = '' OR state = $4)
       AND ($5 = '' OR resource = $5)
       AND ($6 = '' OR id < $6)
     ORDER BY id DESC
     LIMIT $7::int
)sql"};

struct RequestRow : Request {
    Json raw_items;
};

constexpr auto describe(db::RowOf<RequestRow>) {
    using R = RequestRow;
    auto text = [](std::string_view name, std::string Request::* at) {
        return db::column(name, static_cast<std::string R::*>(at));
    };
    return db::columns(
        text("id", &R::id), text("resource", &R::resource), text("resource_name", &R::resource_name),
        text("provider", &R::provider), text("provider_name", &R::provider_name),
        text("organization", &R::organization), text("organization_name", &R::organization_name),
        text("account", &R::account), text("account_name", &R::account_name),
        db::column("items", &R::raw_items), text("row_filter", &R::row_filter), text("basis", &R::basis),
        text("scene", &R::scene), text("scope", &R::scope), text("purpose", &R::purpose),
        text("mode", &R::mode), db::column("months", static_cast<int R::*>(&R::months)),
        text("state", &R::state), db::column("by_rule", static_cast<bool R::*>(&R::by_rule)),
        db::column("limit_days", static_cast<int R::*>(&R::limit_days)), text("received_on", &R::received_on),
        text("due_on", &R::due_on), text("answer", &R::answer),
        text("answered_by_name", &R::answered_by_name),
        db::column("answered", static_cast<std::optional<std::string> R::*>(&R::answered_at)),
        db::column("grant_id", static_cast<std::optional<std::string> R::*>(&R::grant_id)),
        db::column("version", static_cast<std::int64_t R::*>(&R::version)), text("created", &R::created_at));
}

Request to_request(RequestRow row) {
    for (const auto& item : row.raw_items) {
        row.items.push_back({.column = item.at("column").get<std::string>(),
                             .name = item.at("name").get<std::string>(),
                             .mask = item.at("mask").get<std::string>(),
                             .reason = item.at("reason").get<std::string>()});
    }
    return std::move(static_cast<Request&>(row));
}

Json items_json(const std::vector<RequestItem>& items) {
    Json out = Json::array();
    for (const auto& item : items) {
        out.push_back(
            {{"column", item.column}, {"name", item.name}, {"mask", item.mask}, {"reason", item.reason}});
    }
    return out;
}

Json or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json(nullptr);
}

}  // namespace

Json to_json(const Request& request, const WorkCalendar& calendar, Day today) {
    Json provider = {{"code", request.provider}, {"name", request.provider_name}};
    Json resource = {
        {"ref", request.resource}, {"name", request.resource_name}, {"provider", std::move(provider)}};
    Json out = {{"id", request.id},
                {"resource", std::move(resource)},
                {"asker", {{"code", request.organization}, {"name", request.organization_name}}},
                {"asked_by", request.account_name},
                {"items", items_json(request.items)},
                {"row_filter", request.row_filter},
                {"basis", request.basis},
                {"scene", request.scene},
                {"scope", request.scope},
                {"purpose", request.purpose},
                {"mode", request.mode},
                {"months", request.months},
                {"state", request.state},
                {"by_rule", request.by_rule},
                {"limit_days", request.limit_days},
                {"due_at", request.due_on + "T23:59:59.999+08:00"},
                {"days_left", nullptr},
                {"light", nullptr},
                {"provisional", false},
                {"answer", request.answer},
                {"answered_by", request.answered_by_name},
                {"answered_at", or_null(request.answered_at)},
                {"grant_id", or_null(request.grant_id)},
                {"version", request.version},
                {"created_at", request.created_at}};
    auto due = parse_day(request.due_on);
    if (request.state == "provider_review" && due) {
        Standing standing = standing_of(calendar, *due, request.limit_days, today);
        out["days_left"] = standing.days_left;
        out["light"] = standing.light;
        out["provisional"] = standing.provisional;
    }
    return out;
}

asio::awaitable<std::optional<Request>> find_request(db::Pool& db, std::string id) {
    auto row = co_await db.find<RequestRow>(find_request_sql, std::move(id));
    if (!row) {
        co_return std::nullopt;
    }
    co_return to_request(std::move(*row));
}

asio::awaitable<std::optional<Request>> lock_request(db::Transaction& tx, std::string id) {
    auto row = co_await tx.find<RequestRow>(lock_request_sql, std::move(id));
    if (!row) {
        co_return std::nullopt;
    }
    co_return to_request(std::move(*row));
}

asio::awaitable<bool> add_request(db::Transaction& tx, const Request& request) {
    Json items = items_json(request.items);
    auto added = co_await tx.run(add_request_sql, request.id, request.resource, request.resource_name,
                                 request.provider, request.provider_name, request.organization,
                                 request.organization_name, request.account, request.account_name, items,
                                 request.row_filter, request.basis, request.scene, request.scope,
                                 request.purpose, request.mode, request.months, request.limit_days,
                                 request.received_on, request.due_on);
    co_return added == 1;
}

asio::awaitable<Request> set_answer(db::Transaction& tx, const Principal& who, Request request,
                                    std::string_view action, bool answered) {
    co_await tx.run(set_answer_sql, request.id, request.state, request.by_rule, request.answer,
                    request.answered_by_name, answered, request.grant_id);
    Json detail = {{"resource", request.resource},
                   {"asker", request.organization},
                   {"state", request.state},
                   {"by_rule", request.by_rule},
                   {"items", items_json(request.items)}};
    if (!request.answer.empty()) {
        detail["answer"] = request.answer;
    }
    std::string event = "exchange.request." + std::string(action);
    co_await audit::record(tx, who, event, request.id, std::move(detail));
    auto row = co_await tx.one<RequestRow>(find_request_sql, request.id);
    co_return to_request(std::move(row));
}

asio::awaitable<std::vector<Request>> requests(db::Pool& db, const Principal& who, BoxInput input) {
    return in_box(db, list_requests_sql, who, "exchange.request.list", std::move(input), to_request);
}

constexpr db::Statement request_parties_sql{"exchange.find_request_parties", R"sql(
    SELECT organization || ',' || provider AS organization, NULL::text AS account
      FROM exchange.request WHERE id = $1
)sql"};
constexpr db::Statement request_provider_sql{"exchange.find_request_provider", R"sql(
    SELECT provider AS organization, NULL::text AS account FROM exchange.request WHERE id = $1
)sql"};
constexpr db::Statement request_asker_sql{"exchange.find_request_asker", R"sql(
    SELECT organization, NULL::text AS account FROM exchange.request WHERE id = $1
)sql"};

PENGCHENG_STATEMENTS(find_request_sql, lock_request_sql, add_request_sql, set_answer_sql, list_requests_sql,
                     request_parties_sql, request_provider_sql, request_asker_sql);

}  // namespace pengcheng::exchange
