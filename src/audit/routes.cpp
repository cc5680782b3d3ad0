#include <pengcheng/audit/routes.hpp>

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/audit/export.hpp>
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

constexpr http::Schema chain_schema{"AuditChainStatus", R"json({
    "type": "object", "additionalProperties": false, "required": ["checkpoint", "verification"],
    "properties": {
        "checkpoint": {"type": ["object", "null"], "additionalProperties": false,
            "required": ["number", "at", "heads"],
            "properties": {
                "number": {"type": "integer"}, "at": {"type": "string"},
                "heads": {"type": "array", "items": {
                    "type": "object", "additionalProperties": false, "required": ["chain", "seq", "hash"],
                    "properties": {"chain": {"type": "integer"}, "seq": {"type": "integer"},
                                   "hash": {"type": "string"}}}}}},
        "verification": {"type": ["object", "null"], "additionalProperties": false,
            "required": ["at", "ok", "records", "break"],
            "properties": {
                "at": {"type": "string"}, "ok": {"type": "boolean"}, "records": {"type": "integer"},
                "break": {"type": "string"}}}}
})json"};

asio::awaitable<http::Reply> chain_route(http::Call call) {
    Json now = co_await status(call.db, call.who.chinese);
    co_return http::Reply::ok(now);
}

asio::awaitable<void> send_to(db::Pool& db, Stretch stretch, http::BodyWriter& out) {
    auto sink = [&out](std::string_view piece) { return out.write(piece); };
    co_await send_stretch(db, std::move(stretch), sink);
}

asio::awaitable<http::Reply> export_route(http::Call call) {
    std::string from = call.query("from").value_or("");
    std::string to = call.query("to").value_or("");
    auto stretch = co_await find_stretch(call.db, call.runtime, from, to);
    if (!stretch) {
        co_return http::Reply::of(stretch.error());
    }
    Json detail = {{"from", from}, {"to", to}};
    co_await note(call.db, call.who, "audit.record.export", "", std::move(detail));
    db::Pool& db = call.db;
    auto body = [&db, found = *stretch](http::BodyWriter& out) { return send_to(db, found, out); };
    http::Reply reply = http::Reply::streamed("application/x-ndjson", body);
    reply.download_as("evidence.jsonl");
    co_return reply;
}

asio::awaitable<http::Reply> list_route(http::Call call) {
    RecordFilter filter{.kind = call.query("kind").value_or(""),
                        .object = call.query("object").value_or(""),
                        .principal = call.query("principal").value_or(""),
                        .from = call.query("from").value_or(""),
                        .to = call.query("to").value_or(""),
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
         .query = {"kind", "object", "principal", "from", "to", "cursor", "limit"},
         .run = list_route},
        {.verb = http::Verb::get,
         .path = "/api/v1/audit/chain",
         .permission = "audit.chain.read",
         .reply = &chain_schema,
         .summary = "证据链现状 / State of the evidence chains",
         .run = chain_route},
        {.verb = http::Verb::get,
         .path = "/api/v1/audit/export",
         .permission = "audit.record.export",
         .summary = "导出一段证据及核验所需的一切 / A stretch of evidence with all that proves it",
         .query = {"from", "to"},
         .run = export_route},
    };
}

}  // namespace pengcheng::audit
