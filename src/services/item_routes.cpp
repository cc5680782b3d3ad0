#include "services/attachments.hpp"
#include "services/cases.hpp"
#include "services/prefill.hpp"
#include "services/problems.hpp"
#include "services/route_tables.hpp"
#include "services/schemas.hpp"

namespace pengcheng::services {

namespace {

constexpr db::Statement attachment_owner_sql{"services.attachment_owner", R"sql(
    SELECT c.organization, a.account::text AS account
      FROM services.attachment a LEFT JOIN services.case_file c USING (case_no)
     WHERE a.id = CASE WHEN $1 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $1::uuid END
)sql"};

asio::awaitable<http::Reply> items_route(http::Call call) {
    const int limit = call.limit(20, 100);
    auto items =
        co_await list_items(call.db, call.query("q").value_or(""), call.query("organization").value_or(""),
                            call.query("cursor").value_or(""), limit + 1);
    Json reply{{"items", Json::array()}};
    if (static_cast<int>(items.size()) > limit) {
        items.pop_back();
        reply["next_cursor"] = items.back().code;
    }
    for (auto& item : items) {
        reply["items"].push_back(co_await item_brief(call.db, std::move(item)));
    }
    co_return http::Reply::ok(reply);
}

asio::awaitable<http::Reply> item_route(http::Call call) {
    auto item = co_await find_item(call.db, call.param("code"));
    if (!item) {
        co_return http::Reply::of(problem::no_item.plain());
    }
    co_return http::Reply::ok(co_await item_json(call.db, std::move(*item)));
}

asio::awaitable<http::Reply> prefill_route(http::Call call) {
    if (!call.body().at("consent").get<bool>()) {
        co_return http::Reply::of(problem::no_consent.at("/consent"));
    }
    auto item = co_await find_item(call.db, call.param("code"));
    if (!item) {
        co_return http::Reply::of(problem::no_item.plain());
    }
    std::string given_at = to_rfc3339(call.runtime.now());
    auto read = co_await read_prefill(call.db, call.who, *item, "");
    if (!read) {
        co_return http::Reply::of(read.error());
    }
    // Nothing of what was read leaves before the consent to it is committed.
    auto tx = co_await call.db.begin();
    co_await record_consent(tx, call.who, *item, "", std::move(given_at));
    co_await tx.commit();
    http::Reply reply = http::Reply::ok(*read);
    reply.header("Cache-Control", "no-store");
    co_return reply;
}

asio::awaitable<http::Reply> attach_route(http::Call call) {
    auto name = call.query("name").value_or("");
    auto file = co_await take_attachment(call, std::move(name));
    if (!file) {
        co_return http::Reply::of(file.error());
    }
    const Json reply{{"id", file->id},
                     {"name", file->name},
                     {"kind", file->kind},
                     {"bytes", file->bytes},
                     {"sha256", file->sha256}};
    co_return http::Reply::created(reply, "/api/v1/services/attachments/" + file->id);
}

std::string media_type(std::string_view kind) {
    if (kind == "png") {
        return "image/png";
    }
    if (kind == "jpg") {
        return "image/jpeg";
    }
    return kind == "pdf" ? "application/pdf" : "application/ofd";
}

asio::awaitable<http::Reply> attachment_route(http::Call call) {
    auto file = co_await find_attachment(call.db, call.param("id"));
    if (!file) {
        co_return http::Reply::of(problem::no_attachment.plain());
    }
    if (file->account != call.who.id) {
        auto one = co_await find_case(call.db, file->case_no);
        if (!one || !may_read(call.who, *one)) {
            co_return http::Reply::of(problem::forbidden.plain());
        }
    }
    http::Reply reply = http::Reply::of_file(attachment_path(call.runtime, file->id), media_type(file->kind));
    reply.download_as(file->name);
    reply.header("X-Content-Type-Options", "nosniff");
    reply.header("Cache-Control", "private, no-store");
    co_return reply;
}

}  // namespace

http::Routes item_routes() {
    using enum http::Verb;
    return {
        {.verb = get,
         .path = "/api/v1/services/items",
         .permission = "services.item.list",
         .reply = &schema::item_list,
         .summary = "查找服务事项 / Find service items",
         .uses = {&schema::item_brief, &schema::body_name},
         .query = {"q", "organization", "cursor", "limit"},
         .run = items_route},
        {.verb = get,
         .path = "/api/v1/services/items/{code}",
         .permission = "services.item.view",
         .reply = &schema::item,
         .summary = "办事指南 / The guide of an item",
         .uses = {&schema::body_name, &schema::material, &schema::form_field},
         .run = item_route},
        {.verb = post,
         .path = "/api/v1/services/items/{code}/prefill",
         .permission = "services.item.prefill",
         .body = &schema::prefill_body,
         .reply = &schema::prefill,
         .summary = "授权读取本人数据并预填 / Read one's own data into the form",
         .uses = {&schema::form_value},
         .run = prefill_route},
        {.verb = post,
         .path = "/api/v1/services/attachments",
         .permission = "services.attachment.create",
         .body_kind = http::BodyKind::streamed,
         .reply = &schema::attachment,
         .summary = "上传材料附件 / Hand in a file",
         .query = {"name"},
         .run = attach_route},
        {.verb = get,
         .path = "/api/v1/services/attachments/{id}",
         .permission = "services.attachment.view",
         .object = "id",
         .owner = &attachment_owner_sql,
         .summary = "下载附件 / Fetch a file",
         .run = attachment_route},
    };
}

PENGCHENG_STATEMENTS(attachment_owner_sql);

}  // namespace pengcheng::services
