#include <pengcheng/events/notices.hpp>
#include <pengcheng/events/routes.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::events {

namespace {

constexpr int page_default = 20;
constexpr int page_max = 100;

constexpr http::Schema notices_schema{"EventsNotices", R"json({
    "type": "object", "required": ["items", "next_cursor"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "required": ["id", "at", "title", "text", "link", "read"],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "date-time"},
                "title": {"type": "string"}, "text": {"type": "string"}, "link": {"type": "string"},
                "read": {"type": "boolean"}}}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

asio::awaitable<http::Reply> list_route(http::Call call) {
    int limit = call.limit(page_default, page_max);
    std::string before = call.query("cursor").value_or("");
    auto notices = co_await notices_of(call.db, call.who, std::move(before), limit + 1);
    bool more = notices.size() > static_cast<std::size_t>(limit);
    if (more) {
        notices.pop_back();
    }
    Json items = Json::array();
    for (const ReceivedNotice& notice : notices) {
        items.push_back({{"id", notice.id},
                         {"at", notice.at},
                         {"title", notice.title},
                         {"text", notice.text},
                         {"link", notice.link},
                         {"read", notice.read}});
    }
    Json cursor = more ? Json(notices.back().id) : Json(nullptr);
    co_return http::Reply::ok({{"items", std::move(items)}, {"next_cursor", std::move(cursor)}});
}

asio::awaitable<http::Reply> read_route(http::Call call) {
    auto marked = co_await mark_read(call.db, call.who, call.param("id"));
    co_return marked ? http::Reply::no_content() : http::Reply::of(marked.error());
}

}  // namespace

http::Routes routes() {
    using enum http::Verb;
    return {
        {.verb = get,
         .path = "/api/v1/me/notices",
         .permission = "events.notice.list",
         .reply = &notices_schema,
         .summary = "我的消息 / My notices, newest first",
         .query = {"cursor", "limit"},
         .run = list_route},
        {.verb = post,
         .path = "/api/v1/me/notices/{id}/read",
         .permission = "events.notice.read",
         .summary = "标为已读 / Mark a notice as read",
         .run = read_route},
    };
}

}  // namespace pengcheng::events
