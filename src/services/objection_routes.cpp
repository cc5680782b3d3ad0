#include "services/objections.hpp"
#include "services/problems.hpp"
#include "services/route_tables.hpp"
#include "services/schemas.hpp"

namespace pengcheng::services {

namespace {

http::Reply shown(const Runtime& runtime, const Objection& objection, Json person) {
    http::Reply reply = http::Reply::ok(objection_json(runtime, objection, std::move(person)));
    reply.etag(objection.version);
    reply.header("Cache-Control", "private, no-store");
    return reply;
}

asio::awaitable<http::Reply> object_route(http::Call call) {
    const Json& body = call.body();
    NewObjection input{.item = call.param("code"),
                       .field = body.at("field").get<std::string>(),
                       .shown = body.at("shown").get<std::string>(),
                       .right = body.at("right").get<std::string>(),
                       .note = body.value("note", "")};
    auto made = co_await object_to(call.db, call.runtime, call.who, std::move(input));
    if (!made) {
        co_return http::Reply::of(made.error());
    }
    Json reply = objection_json(call.runtime, *made, nullptr);
    co_return http::Reply::created(reply, "/api/v1/services/objections/" + made->id);
}

asio::awaitable<http::Reply> list_route(http::Call call) {
    const int limit = call.limit(20, 100);
    ObjectionFilter filter{.state = call.query("state").value_or(""),
                           .before = call.query("cursor").value_or(""),
                           .limit = limit + 1};
    auto found = co_await list_objections(call.db, call.who, std::move(filter));
    Json reply{{"items", Json::array()}, {"next_cursor", nullptr}};
    if (static_cast<int>(found.size()) > limit) {
        found.pop_back();
        reply["next_cursor"] = found.back().id;
    }
    for (auto& one : found) {
        Json person = co_await person_json(call.db, call.who, one);
        reply["items"].push_back(objection_json(call.runtime, one, std::move(person)));
    }
    http::Reply out = http::Reply::ok(reply);
    out.header("Cache-Control", "private, no-store");
    co_return out;
}

asio::awaitable<http::Reply> view_route(http::Call call) {
    auto found = co_await find_objection(call.db, call.param("id"));
    if (!found) {
        co_return http::Reply::of(problem::not_found.plain());
    }
    Json person = co_await person_json(call.db, call.who, *found);
    co_return shown(call.runtime, *found, std::move(person));
}

asio::awaitable<http::Reply> answer_route(http::Call call, bool mended) {
    ObjectionAnswer answer{.id = call.param("id"),
                           .version = call.if_match(),
                           .mended = mended,
                           .text = call.body().at(mended ? "mended" : "reason").get<std::string>()};
    // Read before: nothing may fail once the answer is committed.
    auto raised = co_await find_objection(call.db, answer.id);
    if (!raised) {
        co_return http::Reply::of(problem::not_found.plain());
    }
    Json person = co_await person_json(call.db, call.who, std::move(*raised));
    auto answered = co_await answer_objection(call.db, call.who, std::move(answer));
    if (!answered) {
        co_return http::Reply::of(answered.error());
    }
    co_return shown(call.runtime, *answered, std::move(person));
}

http::Route answer(std::string_view path, const http::Schema& body, std::string_view summary, bool mended) {
    auto run = [mended](http::Call call) { return answer_route(std::move(call), mended); };
    return {.verb = http::Verb::post,
            .path = path,
            .permission = "services.objection.answer",
            .object = "id",
            .owner = &objection_owner_sql,
            .body = &body,
            .reply = &schema::objection,
            .if_match = true,
            .summary = summary,
            .uses = {&schema::body_name},
            .run = std::move(run)};
}

}  // namespace

http::Routes objection_routes() {
    using enum http::Verb;
    return {
        {.verb = post,
         .path = "/api/v1/services/items/{code}/objections",
         .permission = "services.objection.create",
         .body = &schema::objection_body,
         .reply = &schema::objection,
         .summary = "对预填数据提出异议 / Say that a prefilled value is wrong",
         .uses = {&schema::body_name},
         .run = object_route},
        {.verb = get,
         .path = "/api/v1/services/objections",
         .permission = "services.objection.list",
         .reply = &schema::objection_list,
         .summary = "数据异议列表 / Objections: own, or of the department's registers",
         .uses = {&schema::objection, &schema::body_name},
         .query = {"state", "cursor", "limit"},
         .run = list_route},
        {.verb = get,
         .path = "/api/v1/services/objections/{id}",
         .permission = "services.objection.view",
         .object = "id",
         .owner = &objection_owner_sql,
         .reply = &schema::objection,
         .summary = "数据异议详情 / One objection",
         .uses = {&schema::body_name},
         .run = view_route},
        answer("/api/v1/services/objections/{id}/accept", schema::objection_accept,
               "异议成立，已更正 / Accept: say what was mended", true),
        answer("/api/v1/services/objections/{id}/reject", schema::reason_body,
               "经核实无误 / Reject: say why the value is right", false),
    };
}

}  // namespace pengcheng::services
