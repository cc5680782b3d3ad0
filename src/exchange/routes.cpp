#include <pengcheng/exchange/routes.hpp>

#include "exchange/delivery.hpp"
#include "exchange/grant.hpp"
#include "exchange/problems.hpp"
#include "exchange/request.hpp"
#include "exchange/schemas.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/identity/callers.hpp>
#include <pengcheng/identity/identity.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::exchange {

namespace {

constexpr int page_max = 100;

http::Reply shown(const Request& request, const Runtime& runtime) {
    http::Reply reply = http::Reply::ok(to_json(request, runtime.calendar, runtime.today()));
    reply.etag(request.version);
    return reply;
}

asio::awaitable<http::Reply> settle_step(db::Transaction& tx, const Runtime& runtime,
                                         Result<Request> outcome) {
    if (!outcome) {
        co_return http::Reply::of(outcome.error());
    }
    co_await tx.commit();
    co_return shown(*outcome, runtime);
}

std::string text_of(const Json& body, std::string_view name) {
    auto found = body.find(name);
    return found == body.end() ? std::string() : found->get<std::string>();
}

RequestInput request_input(const Json& body) {
    RequestInput input;
    input.resource = text_of(body, "resource");
    for (const auto& item : body.at("items")) {
        input.items.push_back({.column = text_of(item, "column"),
                               .mask = text_of(item, "mask"),
                               .reason = text_of(item, "reason")});
    }
    input.row_filter = text_of(body, "row_filter");
    input.basis = text_of(body, "basis");
    input.scene = text_of(body, "scene");
    input.scope = text_of(body, "scope");
    input.purpose = text_of(body, "purpose");
    input.mode = text_of(body, "mode");
    input.months = body.value("months", input.months);
    return input;
}

BoxInput box_input(const http::Call& call) {
    return {.box = call.query("box").value_or("all"),
            .state = call.query("state").value_or(""),
            .resource = call.query("resource").value_or(""),
            .cursor = call.query("cursor").value_or(""),
            .limit = call.limit(20, page_max)};
}

/// A page whose cursor is the last id on it; ids are UUIDv7, so newer ones come first and none shifts.
template <class T, class F>
Json page_of(std::vector<T> found, int limit, F json_of) {
    Json out = {{"items", Json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(limit)) {
        found.resize(static_cast<std::size_t>(limit));
        out["next_cursor"] = found.back().id;
    }
    for (const auto& one : found) {
        out["items"].push_back(json_of(one));
    }
    return out;
}

asio::awaitable<http::Reply> ask_route(http::Call call) {
    RequestInput input = request_input(call.body());
    auto tx = co_await call.db.begin();
    auto request = co_await ask(tx, call.runtime, call.who, std::move(input));
    if (!request) {
        co_return http::Reply::of(request.error());
    }
    co_await tx.commit();
    Json body = to_json(*request, call.runtime.calendar, call.runtime.today());
    auto reply = http::Reply::created(body, "/api/v1/exchange/requests/" + request->id);
    reply.etag(request->version);
    co_return reply;
}

asio::awaitable<http::Reply> list_requests_route(http::Call call) {
    BoxInput input = box_input(call);
    int limit = input.limit;
    auto found = co_await requests(call.db, call.who, std::move(input));
    const Runtime& runtime = call.runtime;
    Day today = runtime.today();
    auto as_json = [&](const Request& request) { return to_json(request, runtime.calendar, today); };
    co_return http::Reply::ok(page_of(std::move(found), limit, as_json));
}

asio::awaitable<http::Reply> view_request_route(http::Call call) {
    auto request = co_await find_request(call.db, call.param("id"));
    co_return request ? shown(*request, call.runtime) : http::Reply::of(problem::no_request.plain());
}

asio::awaitable<http::Reply> approve_route(http::Call call) {
    const Json& body = call.body();
    Answer answer;
    answer.note = text_of(body, "note");
    if (auto masks = body.find("masks"); masks != body.end()) {
        answer.masks = masks->get<std::map<std::string, std::string>>();
    }
    if (auto drop = body.find("drop"); drop != body.end()) {
        answer.drop = drop->get<std::vector<std::string>>();
    }
    auto tx = co_await call.db.begin();
    auto outcome = co_await approve(tx, call.runtime, call.who, call.param("id"), std::move(answer));
    co_return co_await settle_step(tx, call.runtime, std::move(outcome));
}

asio::awaitable<http::Reply> refuse_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto outcome = co_await refuse(tx, call.who, call.param("id"), text_of(call.body(), "reason"));
    co_return co_await settle_step(tx, call.runtime, std::move(outcome));
}

asio::awaitable<http::Reply> withdraw_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto outcome = co_await withdraw(tx, call.who, call.param("id"), text_of(call.body(), "reason"));
    co_return co_await settle_step(tx, call.runtime, std::move(outcome));
}

http::Reply shown(const Grant& grant) {
    http::Reply reply = http::Reply::ok(to_json(grant));
    reply.etag(grant.version);
    return reply;
}

asio::awaitable<http::Reply> list_grants_route(http::Call call) {
    BoxInput input = box_input(call);
    int limit = input.limit;
    auto found = co_await grants(call.db, call.who, std::move(input));
    auto as_json = [](const Grant& grant) { return to_json(grant); };
    co_return http::Reply::ok(page_of(std::move(found), limit, as_json));
}

asio::awaitable<http::Reply> view_grant_route(http::Call call) {
    auto grant = co_await find_grant(call.db, call.param("id"));
    co_return grant ? shown(*grant) : http::Reply::of(problem::no_such_grant.plain());
}

asio::awaitable<http::Reply> revoke_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto outcome = co_await revoke(tx, call.who, call.param("id"), text_of(call.body(), "reason"));
    if (!outcome) {
        co_return http::Reply::of(outcome.error());
    }
    co_await tx.commit();
    co_return shown(*outcome);
}

/// Names of those who stand in the evidence: people read names, not ids.
struct AccessNames {
    std::map<std::string, identity::Caller> callers;
    std::map<std::string, std::string> organizations;
};

asio::awaitable<AccessNames> names_in(db::Pool& db, const std::vector<audit::AccessRecord>& records) {
    AccessNames names;
    std::set<std::string> principals;
    for (const auto& record : records) {
        principals.insert(record.principal);
    }
    std::vector<std::string> asked(principals.begin(), principals.end());
    names.callers = co_await identity::callers(db, std::move(asked));
    for (auto& organization : co_await identity::organizations(db)) {
        names.organizations.emplace(organization.code, std::move(organization.name));
    }
    co_return names;
}

asio::awaitable<http::Reply> accesses_of(http::Call call, audit::AccessFilter filter) {
    int limit = call.limit(50, page_max);
    filter.limit = limit + 1;
    filter.before_id = call.query("cursor").value_or("");
    auto found = co_await audit::accesses(call.db, std::move(filter));
    AccessNames names = co_await names_in(call.db, found);
    auto as_json = [&names](const audit::AccessRecord& record) {
        const auto caller = names.callers.find(record.principal);
        const auto organization = names.organizations.find(record.organization);
        const bool known = caller != names.callers.end();
        return Json{{"id", record.id},
                    {"at", record.at},
                    {"principal", record.principal},
                    {"principal_name", known ? caller->second.name : record.principal},
                    {"system", known && caller->second.system},
                    {"organization", record.organization},
                    {"organization_name",
                     organization == names.organizations.end() ? record.organization : organization->second},
                    {"resource", record.resource},
                    {"grant", record.grant},
                    {"channel", record.channel},
                    {"purpose", record.purpose},
                    {"fields", record.fields},
                    {"rows", record.rows},
                    {"outcome", record.outcome}};
    };
    co_return http::Reply::ok(page_of(std::move(found), limit, as_json));
}

asio::awaitable<http::Reply> grant_accesses_route(http::Call call) {
    audit::AccessFilter filter;
    filter.grant = call.param("id");
    return accesses_of(call, std::move(filter));
}

asio::awaitable<http::Reply> resource_accesses_route(http::Call call) {
    audit::AccessFilter filter;
    filter.resource = call.param("ref");
    return accesses_of(call, std::move(filter));
}

/// A step of one request or grant: POST, answered by how it then stands.
http::Route step(std::string_view path, std::string_view permission, const db::Statement* owner,
                 std::string_view summary, const http::Schema* body, const http::Schema* reply,
                 std::function<asio::awaitable<http::Reply>(http::Call)> run) {
    return {.verb = http::Verb::post,
            .path = path,
            .permission = permission,
            .object = "id",
            .owner = owner,
            .body_kind = http::BodyKind::json,
            .body = body,
            .reply = reply,
            .summary = summary,
            .uses = {&party_schema},
            .run = std::move(run)};
}

http::Route read(std::string_view path, std::string_view permission, std::string_view object,
                 const db::Statement* owner, std::string_view summary, const http::Schema* reply,
                 std::function<asio::awaitable<http::Reply>(http::Call)> run) {
    return {.verb = http::Verb::get,
            .path = path,
            .permission = permission,
            .object = object,
            .owner = owner,
            .reply = reply,
            .summary = summary,
            .uses = {&party_schema, &request_schema, &grant_schema},
            .query = {"box", "state", "resource", "cursor", "limit"},
            .run = std::move(run)};
}

}  // namespace

http::Routes routes() {
    http::Route ask{.verb = http::Verb::post,
                    .path = "/api/v1/exchange/requests",
                    .permission = "exchange.request.create",
                    .body_kind = http::BodyKind::json,
                    .body = &request_input_schema,
                    .reply = &request_schema,
                    .summary = "申请使用数据 / Ask for items of a resource",
                    .uses = {&party_schema},
                    .run = ask_route};
    http::Route rows{.verb = http::Verb::get,
                     .path = "/api/v1/data/{ref}",
                     .permission = "exchange.data.read",
                     .summary = "读取数据 / Read rows in the row language",
                     .query = {"select", "order", "limit", "offset"},
                     .run = read_rows_route};
    return {
        std::move(ask),
        read("/api/v1/exchange/requests", "exchange.request.list", "", nullptr, "申请列表 / Requests",
             &request_list_schema, list_requests_route),
        read("/api/v1/exchange/requests/{id}", "exchange.request.view", "id", &request_parties_sql,
             "申请详情 / A request", &request_schema, view_request_route),
        step("/api/v1/exchange/requests/{id}/approve", "exchange.request.approve", &request_provider_sql,
             "同意申请 / Approve", &approve_schema, &request_schema, approve_route),
        step("/api/v1/exchange/requests/{id}/refuse", "exchange.request.refuse", &request_provider_sql,
             "不同意申请 / Refuse with reasons", &reason_schema, &request_schema, refuse_route),
        step("/api/v1/exchange/requests/{id}/withdraw", "exchange.request.withdraw", &request_asker_sql,
             "撤回申请 / Withdraw", &withdraw_schema, &request_schema, withdraw_route),
        read("/api/v1/exchange/grants", "exchange.grant.list", "", nullptr, "授权列表 / Grants",
             &grant_list_schema, list_grants_route),
        read("/api/v1/exchange/grants/{id}", "exchange.grant.view", "id", &grant_parties_sql,
             "授权详情 / A grant", &grant_schema, view_grant_route),
        step("/api/v1/exchange/grants/{id}/revoke", "exchange.grant.revoke", &grant_provider_sql,
             "收回授权 / Revoke at once", &reason_schema, &grant_schema, revoke_route),
        read("/api/v1/exchange/grants/{id}/accesses", "exchange.access.list", "id", &grant_parties_sql,
             "授权的使用记录 / Who read through this grant", &access_list_schema, grant_accesses_route),
        read("/api/v1/exchange/resources/{ref}/accesses", "exchange.access.list", "ref",
             &catalogue::resource_owner_sql, "资源的使用记录 / Who read this resource", &access_list_schema,
             resource_accesses_route),
        std::move(rows),
    };
}

}  // namespace pengcheng::exchange
