#include <pengcheng/audit/routes.hpp>

#include <pengcheng/audit/sealer.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr http::Schema record_schema{"AuditRecord", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "at", "kind", "principal", "organization", "action", "object", "detail"],
    "properties": {
        "id": {"type": "string"}, "at": {"type": "string"},
        "kind": {"enum": ["event", "access-opened", "access-closed", "access", "refused"]},
        "principal": {"type": "string"}, "organization": {"type": "string"},
        "action": {"type": "string"}, "object": {"type": "string"},
        "detail": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["name", "value"],
            "properties": {"name": {"type": "string"}, "value": {"type": "string"}}}}}
})json"};

constexpr http::Schema records_schema{"AuditRecordList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/AuditRecord"}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

asio::awaitable<http::Reply> list_route(http::Call call) {
    RecordFilter filter{.kind = call.query("kind").value_or(""),
                        .object = call.query("object").value_or(""),
                        .principal = call.query("principal").value_or(""),
                        .before_id = call.query("cursor").value_or(""),
                        .limit = call.limit(50, 200)};
    if (!filter.kind.empty() && filter.kind != "event" && filter.kind != "access") {
        co_return http::Reply::of(
            problem::invalid_input.at("/kind", "kind 应为 event 或 access", "kind must be event or access"));
    }
    Json page = co_await records(call.db, std::move(filter));
    co_return http::Reply::ok(page);
}

}  // namespace

http::Routes routes() {
    return {
        {.verb = http::Verb::get,
         .path = "/api/v1/audit/records",
         .permission = "audit.record.list",
         .reply = &records_schema,
         .summary = "审计记录 / Audit records",
         .uses = {&record_schema},
         .query = {"kind", "object", "principal", "cursor", "limit"},
         .run = list_route},
    };
}

}  // namespace pengcheng::audit
