#include <pengcheng/jobs/routes.hpp>

#include "jobs/problems.hpp"
#include "jobs/schedule_routes.hpp"

#include <pengcheng/jobs/jobs.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::jobs {

namespace {

constexpr std::chrono::milliseconds look_every{400};
constexpr std::chrono::seconds keep_alive_every{15};

constexpr db::Statement job_owner_sql{"jobs.find_owner", R"sql(
    SELECT organization, nullif(created_by, '') AS account FROM jobs.job
     WHERE id = CASE WHEN $1 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $1::uuid END
)sql"};
PENGCHENG_STATEMENTS(job_owner_sql);

constexpr http::Schema sample_schema{"JobSampleRow", R"json({
    "type": "object", "description": "a row by column",
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]}
})json"};

// What the kinds of job answer: ingest.preview and ingest.load count rows, quality.run names its report,
// quality.nightly counts the runs it asked for, app.housekeeping what it swept away.
constexpr http::Schema result_schema{"JobResult", R"json({
    "type": ["object", "null"], "additionalProperties": false,
    "properties": {
        "rows_read": {"type": "integer"}, "rows_loaded": {"type": "integer"},
        "rows_rejected": {"type": "integer"}, "rejected": {"type": "integer"}, "added": {"type": "integer"},
        "changed": {"type": "integer"}, "removed": {"type": "integer"}, "unchanged": {"type": "integer"},
        "rows": {"type": "integer"},
        "load": {"type": "integer"}, "batch_id": {"type": "string"},
        "samples": {"type": "object", "additionalProperties": false, "properties": {
            "added": {"type": "array", "items": {"$ref": "#/components/schemas/JobSampleRow"}},
            "changed": {"type": "array", "items": {
                "type": "object", "additionalProperties": false,
                "properties": {"key": {"type": "string"},
                               "before": {"$ref": "#/components/schemas/JobSampleRow"},
                               "after": {"$ref": "#/components/schemas/JobSampleRow"}}}},
            "removed": {"type": "array", "items": {"$ref": "#/components/schemas/JobSampleRow"}}}},
        "rejects": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "properties": {"line": {"type": "integer"}, "column": {"type": "string"},
                           "code": {"type": "string"}, "reason": {"type": "string"},
                               "raw": {"type": "string"}}}},
        "runs": {"type": "integer"}, "sessions": {"type": "integer"}, "keys": {"type": "integer"},
        "tables": {"type": "integer"}, "jobs": {"type": "integer"},
        "run_id": {"type": "string"}, "score": {"type": ["number", "null"]},
        "grade": {"type": ["string", "null"]}, "bad_rows": {"type": "integer"}}
})json"};

constexpr http::Schema job_schema{"Job", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "kind", "organization", "object", "state", "stage", "done", "total", "rate",
                 "seconds_left", "priority", "attempt", "next_try_at", "schedule", "due_at", "result",
                 "error", "created_at", "started_at", "finished_at"],
    "properties": {
        "id": {"type": "string"}, "kind": {"type": "string"}, "organization": {"type": "string"},
        "object": {"type": "string"},
        "state": {"enum": ["queued", "running", "done", "failed", "cancelled", "dead"]},
        "stage": {"type": "string"}, "done": {"type": "integer"}, "total": {"type": "integer"},
        "rate": {"type": "number", "description": "done per second in this stage"},
        "seconds_left": {"type": ["integer", "null"], "description": "of this stage, at this rate"},
        "priority": {"type": "integer"}, "attempt": {"type": "integer"},
        "next_try_at": {"type": ["string", "null"], "description": "of a job that failed and waits"},
        "schedule": {"type": ["string", "null"], "description": "that fired it"},
        "due_at": {"type": ["string", "null"]}, "result": {"$ref": "#/components/schemas/JobResult"},
        "error": {"anyOf": [{"type": "null"}, {
            "type": "object", "additionalProperties": false, "required": ["zh", "en"],
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}}]},
        "created_at": {"type": "string"}, "started_at": {"type": ["string", "null"]},
        "finished_at": {"type": ["string", "null"]}}
})json"};

constexpr http::Schema jobs_schema{"JobList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

bool ended(const Job& job) {
    return job.state != "queued" && job.state != "running";
}

asio::awaitable<http::Reply> list_route(http::Call call) {
    bool sees_all = call.who.has_role("reviewer") || call.who.has_role("system_admin");
    int limit = call.limit(50, 200);
    Json out = {{"items", Json::array()}, {"next_cursor", nullptr}};
    if (!sees_all && call.who.organization.empty()) {
        co_return http::Reply::ok(out);
    }
    Filter filter{.kind = call.query("kind").value_or(""),
                  .object = call.query("object").value_or(""),
                  .state = call.query("state").value_or(""),
                  .organization = sees_all ? std::string() : call.who.organization,
                  .before_id = call.query("cursor").value_or(""),
                  .limit = limit + 1};
    auto found = co_await list(call.db, std::move(filter));
    if (found.size() > static_cast<std::size_t>(limit)) {
        found.pop_back();
        out["next_cursor"] = found.back().id;
    }
    for (const Job& job : found) {
        out["items"].push_back(to_json(job));
    }
    co_return http::Reply::ok(out);
}

asio::awaitable<http::Reply> show_route(http::Call call) {
    auto job = co_await find(call.db, call.param("id"));
    co_return job ? http::Reply::ok(to_json(*job)) : http::Reply::of(problem::no_job.plain());
}

using Change = asio::awaitable<Result<Job>> (*)(db::Pool&, const Principal&, std::string);

asio::awaitable<http::Reply> change_route(http::Call call, Change change) {
    auto changed = co_await change(call.db, call.who, call.param("id"));
    co_return changed ? http::Reply::ok(to_json(*changed)) : http::Reply::of(changed.error());
}

asio::awaitable<http::Reply> cancel_route(http::Call call) {
    return change_route(std::move(call), cancel);
}

asio::awaitable<http::Reply> retry_route(http::Call call) {
    return change_route(std::move(call), retry);
}

/// The job whenever it changed, until it ended or the client is gone (then write() throws).
asio::awaitable<void> write_events(db::Pool& db, std::string id, http::BodyWriter& out) {
    asio::steady_timer timer(db.executor());
    std::string last;
    auto written_at = std::chrono::steady_clock::now();
    while (true) {
        auto job = co_await find(db, id);
        if (!job) {
            co_return;
        }
        std::string text = to_json(*job).dump();
        auto now = std::chrono::steady_clock::now();
        if (text != last) {
            std::string event = "event: progress\ndata: " + text + "\n\n";
            co_await out.write(event);
            last = std::move(text);
            written_at = now;
        } else if (now - written_at >= keep_alive_every) {
            co_await out.write(": still here\n\n");
            written_at = now;
        }
        if (ended(*job)) {
            co_return;
        }
        timer.expires_after(look_every);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<http::Reply> events_route(http::Call call) {
    db::Pool& db = call.db;
    std::string id = call.param("id");
    auto body = [&db, id](http::BodyWriter& out) { return write_events(db, id, out); };
    http::Reply reply = http::Reply::streamed("text/event-stream; charset=utf-8", body);
    reply.header("Cache-Control", "no-store");
    co_return reply;
}

}  // namespace

http::Routes routes() {
    using enum http::Verb;
    const db::Statement* owner = &job_owner_sql;
    http::Routes out{
        {.verb = get,
         .path = "/api/v1/jobs",
         .permission = "jobs.job.list",
         .reply = &jobs_schema,
         .summary = "任务列表 / Jobs",
         .uses = {&job_schema, &result_schema, &sample_schema},
         .query = {"kind", "object", "state", "cursor", "limit"},
         .run = list_route},
        {.verb = get,
         .path = "/api/v1/jobs/{id}",
         .permission = "jobs.job.view",
         .object = "id",
         .owner = owner,
         .reply = &job_schema,
         .summary = "任务进度 / A job",
         .run = show_route},
        {.verb = post,
         .path = "/api/v1/jobs/{id}/cancel",
         .permission = "jobs.job.cancel",
         .object = "id",
         .owner = owner,
         .reply = &job_schema,
         .summary = "取消任务 / Cancel a job",
         .run = cancel_route},
        {.verb = post,
         .path = "/api/v1/jobs/{id}/retry",
         .permission = "jobs.job.retry",
         .object = "id",
         .owner = owner,
         .reply = &job_schema,
         .summary = "重新执行失败的任务 / Run a failed job again",
         .run = retry_route},
        {.verb = get,
         .path = "/api/v1/jobs/{id}/events",
         .permission = "jobs.job.view",
         .object = "id",
         .owner = owner,
         .summary = "任务进度流（SSE）/ Progress as server-sent events",
         .run = events_route},
    };
    std::ranges::move(schedule_routes(), std::back_inserter(out));
    return out;
}

}  // namespace pengcheng::jobs
