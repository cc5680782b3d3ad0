#include <pengcheng/catalogue/routes.hpp>

#include "catalogue/code_list.hpp"
#include "catalogue/problems.hpp"
#include "catalogue/schemas.hpp"
#include "catalogue/search.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::catalogue {

namespace {

http::Reply shown(const Resource& resource) {
    http::Reply reply = http::Reply::ok(to_json(resource));
    reply.etag(resource.version);
    return reply;
}

/// Commits a step that succeeded; a refused one rolls back with its transaction.
asio::awaitable<http::Reply> settle_step(db::Transaction& tx, Result<Resource> outcome) {
    if (!outcome) {
        co_return http::Reply::of(outcome.error());
    }
    co_await tx.commit();
    co_return shown(*outcome);
}

/// Contacts are for the department and the data bureau; others see enough to recognise them.
void mask_contact(Resource& resource) {
    if (!resource.contact_name.empty()) {
        resource.contact_name = utf8_prefix(resource.contact_name, 1) + "**";
    }
    std::string& phone = resource.contact_phone;
    if (phone.size() > 4) {
        phone = "****" + phone.substr(phone.size() - 4);
    }
}

asio::awaitable<http::Reply> create_route(http::Call call) {
    auto input = input_from_json(call.body());
    if (!input) {
        co_return http::Reply::of(input.error());
    }
    auto tx = co_await call.db.begin();
    auto resource = co_await create(tx, call.who, std::move(*input));
    if (!resource) {
        co_return http::Reply::of(resource.error());
    }
    co_await tx.commit();
    auto reply = http::Reply::created(to_json(*resource), "/api/v1/catalogue/resources/" + resource->ref);
    reply.etag(resource->version);
    co_return reply;
}

asio::awaitable<http::Reply> list_route(http::Call call) {
    SearchInput input{.text = call.query("q").value_or(""),
                      .organization = call.query("organization").value_or(""),
                      .state = call.query("state").value_or(""),
                      .domain = call.query("domain").value_or(""),
                      .resource_class = call.query("class").value_or(""),
                      .mine = call.query("mine").value_or("") == "true",
                      .cursor = call.query("cursor").value_or(""),
                      .limit = call.limit(20, 100)};
    auto page = co_await search(call.db, call.who, std::move(input));
    co_return page ? http::Reply::ok(*page) : http::Reply::of(page.error());
}

asio::awaitable<http::Reply> read_route(http::Call call) {
    std::string ref = call.param("ref");
    auto resource = co_await find(call.db, ref);
    bool drafts = resource && sees_drafts(call.who, resource->organization);
    if (resource && (!drafts || call.query("edition").value_or("") == "published")) {
        resource = co_await find_published(call.db, ref);
    }
    if (!resource) {
        co_return http::Reply::of(problem::no_resource.plain());
    }
    if (!drafts) {
        mask_contact(*resource);
    }
    co_return shown(*resource);
}

asio::awaitable<http::Reply> update_route(http::Call call) {
    auto input = input_from_json(call.body());
    if (!input) {
        co_return http::Reply::of(input.error());
    }
    auto tx = co_await call.db.begin();
    auto outcome = co_await update(tx, call.who, call.param("ref"), call.if_match(), std::move(*input));
    co_return co_await settle_step(tx, std::move(outcome));
}

asio::awaitable<http::Reply> delete_route(http::Call call) {
    std::optional<std::int64_t> version;
    if (!call.header("If-Match").empty()) {
        version = call.if_match();
    }
    auto tx = co_await call.db.begin();
    auto outcome = co_await remove(tx, call.who, call.param("ref"), version);
    if (!outcome) {
        co_return http::Reply::of(outcome.error());
    }
    co_await tx.commit();
    co_return http::Reply::no_content();
}

asio::awaitable<http::Reply> submit_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto outcome = co_await submit(tx, call.who, call.param("ref"), call.if_match());
    co_return co_await settle_step(tx, std::move(outcome));
}

asio::awaitable<http::Reply> approve_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto outcome = co_await approve(tx, call.who, call.param("ref"), call.if_match());
    co_return co_await settle_step(tx, std::move(outcome));
}

asio::awaitable<http::Reply> return_route(http::Call call) {
    std::string reason = call.body().at("reason").get<std::string>();
    auto tx = co_await call.db.begin();
    auto outcome =
        co_await return_for_mending(tx, call.who, call.param("ref"), call.if_match(), std::move(reason));
    co_return co_await settle_step(tx, std::move(outcome));
}

asio::awaitable<http::Reply> publish_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto outcome = co_await publish(tx, call.who, call.param("ref"), call.if_match(), call.runtime.today());
    co_return co_await settle_step(tx, std::move(outcome));
}

asio::awaitable<http::Reply> retire_route(http::Call call) {
    std::string reason = call.body().at("reason").get<std::string>();
    auto tx = co_await call.db.begin();
    auto outcome = co_await retire(tx, call.who, call.param("ref"), call.if_match(), std::move(reason));
    co_return co_await settle_step(tx, std::move(outcome));
}

asio::awaitable<http::Reply> history_route(http::Call call) {
    auto steps = co_await history(call.db, call.who, call.param("ref"));
    co_return steps ? http::Reply::ok(*steps) : http::Reply::of(steps.error());
}

asio::awaitable<http::Reply> code_lists_route(http::Call call) {
    auto lists = co_await code_lists(call.db);
    Json items = Json::array();
    for (const auto& list : lists) {
        items.push_back({{"code", list.code}, {"name", list.name}, {"value_count", list.value_count}});
    }
    Json out = {{"items", std::move(items)}, {"next_cursor", nullptr}};
    co_return http::Reply::ok(out);
}

asio::awaitable<http::Reply> code_list_route(http::Call call) {
    auto list = co_await code_list(call.db, call.param("code"));
    if (!list) {
        co_return http::Reply::of(problem::no_code_list.plain());
    }
    Json values = Json::array();
    for (const auto& value : list->ordered) {
        values.push_back({{"value", value.value}, {"label", value.label}, {"parent", value.parent}});
    }
    Json out = {{"code", list->code}, {"name", list->name}, {"values", std::move(values)}};
    co_return http::Reply::ok(out);
}

using Parts = std::vector<const http::Schema*>;

Parts resource_parts() {
    return {&item_schema, &item_input_schema, &review_schema, &provider_schema};
}

/// A step of an entry's life: POST with If-Match, answered by the entry as it then stands.
http::Route step(std::string_view path, std::string_view permission, std::string_view summary,
                 const http::Schema* body, std::function<asio::awaitable<http::Reply>(http::Call)> run) {
    return {.verb = http::Verb::post,
            .path = path,
            .permission = permission,
            .object = "ref",
            .owner = &resource_owner_sql,
            .body_kind = body == nullptr ? http::BodyKind::none : http::BodyKind::json,
            .body = body,
            .reply = &resource_schema,
            .if_match = true,
            .summary = summary,
            .uses = resource_parts(),
            .run = std::move(run)};
}

void add_entry_routes(http::Routes& table) {
    using enum http::Verb;
    table.push_back({.verb = post,
                     .path = "/api/v1/catalogue/resources",
                     .permission = "catalogue.resource.create",
                     .body_kind = http::BodyKind::json,
                     .body = &input_schema,
                     .reply = &resource_schema,
                     .summary = "新建目录草稿 / Start a draft entry",
                     .uses = resource_parts(),
                     .run = create_route});
    table.push_back({.verb = get,
                     .path = "/api/v1/catalogue/resources",
                     .permission = "catalogue.resource.list",
                     .reply = &list_schema,
                     .summary = "检索数据资源目录 / Search the catalogue",
                     .uses = {&brief_schema, &provider_schema},
                     .query = {"q", "organization", "state", "domain", "class", "mine", "cursor", "limit"},
                     .run = list_route});
    table.push_back({.verb = get,
                     .path = "/api/v1/catalogue/resources/{ref}",
                     .permission = "catalogue.resource.view",
                     .reply = &resource_schema,
                     .summary = "目录详情 / An entry",
                     .uses = resource_parts(),
                     .query = {"edition"},
                     .run = read_route});
    table.push_back({.verb = put,
                     .path = "/api/v1/catalogue/resources/{ref}",
                     .permission = "catalogue.resource.update",
                     .object = "ref",
                     .owner = &resource_owner_sql,
                     .body_kind = http::BodyKind::json,
                     .body = &input_schema,
                     .reply = &resource_schema,
                     .if_match = true,
                     .summary = "修改目录 / Edit an entry",
                     .uses = resource_parts(),
                     .run = update_route});
    table.push_back({.verb = delete_,
                     .path = "/api/v1/catalogue/resources/{ref}",
                     .permission = "catalogue.resource.delete",
                     .object = "ref",
                     .owner = &resource_owner_sql,
                     .summary = "删除草稿 / Delete a draft",
                     .run = delete_route});
}

void add_life_routes(http::Routes& table) {
    table.push_back(step("/api/v1/catalogue/resources/{ref}/submit", "catalogue.resource.submit",
                         "提交审核 / Submit for review", nullptr, submit_route));
    table.push_back(step("/api/v1/catalogue/resources/{ref}/approve", "catalogue.resource.approve",
                         "审核通过 / Approve", nullptr, approve_route));
    table.push_back(step("/api/v1/catalogue/resources/{ref}/return", "catalogue.resource.return",
                         "退回修改 / Return with reasons", &reason_schema, return_route));
    table.push_back(step("/api/v1/catalogue/resources/{ref}/publish", "catalogue.resource.publish",
                         "发布目录 / Publish", nullptr, publish_route));
    table.push_back(step("/api/v1/catalogue/resources/{ref}/retire", "catalogue.resource.retire",
                         "下架目录 / Retire", &reason_schema, retire_route));
    table.push_back({.verb = http::Verb::get,
                     .path = "/api/v1/catalogue/resources/{ref}/history",
                     .permission = "catalogue.resource.history",
                     .object = "ref",
                     .owner = &resource_owner_sql,
                     .reply = &history_schema,
                     .summary = "目录办理记录 / Steps of an entry",
                     .run = history_route});
}

void add_code_list_routes(http::Routes& table) {
    table.push_back({.verb = http::Verb::get,
                     .path = "/api/v1/catalogue/code-lists",
                     .permission = "catalogue.code_list.list",
                     .reply = &code_lists_schema,
                     .summary = "代码表清单 / Code lists",
                     .run = code_lists_route});
    table.push_back({.verb = http::Verb::get,
                     .path = "/api/v1/catalogue/code-lists/{code}",
                     .permission = "catalogue.code_list.view",
                     .reply = &code_list_schema,
                     .summary = "代码表 / A code list",
                     .run = code_list_route});
}

}  // namespace

http::Routes routes() {
    http::Routes table;
    add_entry_routes(table);
    add_life_routes(table);
    add_code_list_routes(table);
    return table;
}

}  // namespace pengcheng::catalogue
