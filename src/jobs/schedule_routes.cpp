#include "jobs/schedule_routes.hpp"

#include <pengcheng/jobs/schedule.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::jobs {

namespace {

constexpr int upcoming_shown = 5;

constexpr http::Schema schedule_schema{"Schedule", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["code", "title", "kind", "object", "organization", "cron", "days", "nth", "missed",
                 "missed_max", "paused", "next_due", "last_due", "last_job", "last_state", "version"],
    "properties": {
        "code": {"type": "string"}, "title": {"type": "string"}, "kind": {"type": "string"},
        "object": {"type": "string"}, "organization": {"type": "string"},
        "cron": {"type": "string", "description": "minute hour day month weekday, on the city's clock"},
        "days": {"enum": ["any", "working", "nth_working", "last_working"]}, "nth": {"type": "integer"},
        "missed": {"enum": ["skip", "run_once", "run_all"]}, "missed_max": {"type": "integer"},
        "paused": {"type": "boolean"}, "next_due": {"type": ["string", "null"]},
        "last_due": {"type": ["string", "null"]}, "last_job": {"type": ["string", "null"]},
        "last_state": {"type": ["string", "null"]}, "version": {"type": "integer"}}
})json"};

constexpr http::Schema kind_schema{"SchedulableKind", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["kind", "needs_object", "title_zh", "title_en"],
    "properties": {"kind": {"type": "string"}, "needs_object": {"type": "boolean"},
                   "title_zh": {"type": "string"}, "title_en": {"type": "string"}}
})json"};

constexpr http::Schema schedules_schema{"ScheduleList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "kinds"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Schedule"}},
        "kinds": {"type": "array", "items": {"$ref": "#/components/schemas/SchedulableKind"}}}
})json"};

constexpr http::Schema new_schedule_schema{"NewSchedule", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "title", "kind", "cron"],
    "properties": {
        "code": {"type": "string"}, "title": {"type": "string"}, "kind": {"type": "string"},
        "object": {"type": "string"}, "organization": {"type": "string"}, "cron": {"type": "string"},
        "days": {"enum": ["any", "working", "nth_working", "last_working"]},
        "nth": {"type": "integer", "minimum": 0, "maximum": 23},
        "missed": {"enum": ["skip", "run_once", "run_all"]},
        "missed_max": {"type": "integer", "minimum": 1, "maximum": 100}}
})json"};

constexpr http::Schema changed_schedule_schema{"ChangedSchedule", R"json({
    "type": "object", "additionalProperties": false, "required": ["title", "kind", "cron"],
    "properties": {
        "title": {"type": "string"}, "kind": {"type": "string"},
        "object": {"type": "string"}, "organization": {"type": "string"}, "cron": {"type": "string"},
        "days": {"enum": ["any", "working", "nth_working", "last_working"]},
        "nth": {"type": "integer", "minimum": 0, "maximum": 23},
        "missed": {"enum": ["skip", "run_once", "run_all"]},
        "missed_max": {"type": "integer", "minimum": 1, "maximum": 100}}
})json"};

constexpr http::Schema rule_schema{"ScheduleRule", R"json({
    "type": "object", "additionalProperties": false, "required": ["cron"],
    "properties": {
        "cron": {"type": "string"}, "days": {"enum": ["any", "working", "nth_working", "last_working"]},
        "nth": {"type": "integer", "minimum": 0, "maximum": 23}}
})json"};

constexpr http::Schema upcoming_schema{"UpcomingTimes", R"json({
    "type": "object", "additionalProperties": false, "required": ["due"],
    "properties": {"due": {"type": "array", "items": {"type": "string"}}}
})json"};

constexpr http::Schema pause_schema{"SchedulePause", R"json({
    "type": "object", "additionalProperties": false, "required": ["paused"],
    "properties": {"paused": {"type": "boolean"}}
})json"};

constexpr http::Schema run_schema{"ScheduleRun", R"json({
    "type": "object", "additionalProperties": false, "required": ["job_id"],
    "properties": {"job_id": {"type": "string"}}
})json"};

ScheduleInput input_of(const Json& body, std::string code) {
    ScheduleInput out{.code = std::move(code),
                      .title = body.value("title", ""),
                      .kind = body.value("kind", ""),
                      .object = body.value("object", ""),
                      .organization = body.value("organization", ""),
                      .cron = body.at("cron").get<std::string>()};
    out.days = body.value("days", out.days);
    out.nth = body.value("nth", out.nth);
    out.missed = body.value("missed", out.missed);
    out.missed_max = body.value("missed_max", out.missed_max);
    return out;
}

http::Reply shown(const Result<Schedule>& schedule) {
    if (!schedule) {
        return http::Reply::of(schedule.error());
    }
    http::Reply reply = http::Reply::ok(to_json(*schedule));
    reply.etag(schedule->version);
    return reply;
}

asio::awaitable<http::Reply> list_route(http::Call call) {
    Json out = {{"items", Json::array()}, {"kinds", Json::array()}};
    for (const Schedule& schedule : co_await schedules(call.db)) {
        out["items"].push_back(to_json(schedule));
    }
    for (const Schedulable& kind : co_await schedulable(call.db)) {
        out["kinds"].push_back({{"kind", kind.kind},
                                {"needs_object", kind.needs_object},
                                {"title_zh", kind.title_zh},
                                {"title_en", kind.title_en}});
    }
    co_return http::Reply::ok(out);
}

asio::awaitable<http::Reply> create_route(http::Call call) {
    ScheduleInput input = input_of(call.body(), call.body().at("code").get<std::string>());
    auto made = co_await add_schedule(call.db, call.runtime, call.who, std::move(input));
    if (!made) {
        co_return http::Reply::of(made.error());
    }
    http::Reply reply = http::Reply::created(to_json(*made), "/api/v1/schedules/" + made->code);
    reply.etag(made->version);
    co_return reply;
}

asio::awaitable<http::Reply> change_route(http::Call call) {
    ScheduleInput input = input_of(call.body(), call.param("code"));
    co_return shown(
        co_await change_schedule(call.db, call.runtime, call.who, call.if_match(), std::move(input)));
}

asio::awaitable<http::Reply> remove_route(http::Call call) {
    auto removed = co_await remove_schedule(call.db, call.who, call.param("code"));
    co_return removed ? http::Reply::no_content() : http::Reply::of(removed.error());
}

asio::awaitable<http::Reply> pause_route(http::Call call) {
    bool paused = call.body().at("paused").get<bool>();
    co_return shown(co_await pause_schedule(call.db, call.runtime, call.who, call.param("code"), paused));
}

asio::awaitable<http::Reply> run_route(http::Call call) {
    auto job = co_await run_schedule(call.db, call.who, call.param("code"));
    if (!job) {
        co_return http::Reply::of(job.error());
    }
    Json body = {{"job_id", *job}};
    co_return http::Reply::accepted(body, "/api/v1/jobs/" + *job);
}

asio::awaitable<http::Reply> upcoming_route(http::Call call) {
    auto times = upcoming(call.runtime, input_of(call.body(), ""), upcoming_shown);
    if (!times) {
        co_return http::Reply::of(times.error());
    }
    Json body = {{"due", *times}};
    co_return http::Reply::ok(body);
}

}  // namespace

http::Routes schedule_routes() {
    using enum http::Verb;
    return {
        {.verb = get,
         .path = "/api/v1/schedules",
         .permission = "jobs.schedule.list",
         .reply = &schedules_schema,
         .summary = "定时任务 / Schedules",
         .uses = {&schedule_schema, &kind_schema},
         .run = list_route},
        {.verb = post,
         .path = "/api/v1/schedules",
         .permission = "jobs.schedule.create",
         .body = &new_schedule_schema,
         .reply = &schedule_schema,
         .summary = "新建定时任务 / Add a schedule",
         .run = create_route},
        {.verb = post,
         .path = "/api/v1/schedules/upcoming",
         .permission = "jobs.schedule.list",
         .body = &rule_schema,
         .reply = &upcoming_schema,
         .summary = "表达式的下几次时间 / The next times of an expression",
         .run = upcoming_route},
        {.verb = put,
         .path = "/api/v1/schedules/{code}",
         .permission = "jobs.schedule.update",
         .body = &changed_schedule_schema,
         .reply = &schedule_schema,
         .if_match = true,
         .summary = "修改定时任务 / Change a schedule",
         .run = change_route},
        {.verb = delete_,
         .path = "/api/v1/schedules/{code}",
         .permission = "jobs.schedule.delete",
         .summary = "删除定时任务 / Delete a schedule",
         .run = remove_route},
        {.verb = post,
         .path = "/api/v1/schedules/{code}/pause",
         .permission = "jobs.schedule.update",
         .body = &pause_schema,
         .reply = &schedule_schema,
         .summary = "暂停或恢复定时任务 / Pause a schedule or let it go on",
         .run = pause_route},
        {.verb = post,
         .path = "/api/v1/schedules/{code}/run",
         .permission = "jobs.schedule.run",
         .reply = &run_schema,
         .summary = "立即执行一次 / Run a schedule now",
         .run = run_route},
    };
}

}  // namespace pengcheng::jobs
