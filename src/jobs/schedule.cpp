#include <pengcheng/jobs/schedule.hpp>

#include "jobs/cron.hpp"
#include "jobs/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/jobs/jobs.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::jobs {

static constexpr auto describe(db::RowOf<Schedule>) {
    return db::columns(
        db::column("code", &Schedule::code), db::column("title", &Schedule::title),
        db::column("kind", &Schedule::kind), db::column("object", &Schedule::object),
        db::column("organization", &Schedule::organization), db::column("cron", &Schedule::cron),
        db::column("days", &Schedule::days), db::column("nth", &Schedule::nth),
        db::column("missed", &Schedule::missed), db::column("missed_max", &Schedule::missed_max),
        db::column("paused", &Schedule::paused), db::column("next_due", &Schedule::next_due),
        db::column("last_due", &Schedule::last_due), db::column("last_job", &Schedule::last_job),
        db::column("last_state", &Schedule::last_state), db::column("version", &Schedule::version));
}

static constexpr auto describe(db::RowOf<Schedulable>) {
    return db::columns(
        db::column("kind", &Schedulable::kind), db::column("needs_object", &Schedulable::needs_object),
        db::column("title_zh", &Schedulable::title_zh), db::column("title_en", &Schedulable::title_en));
}

namespace {

constexpr int fire_at_once_max = 100;

constexpr db::Statement list_schedules_sql{"jobs.list_schedules", R"sql(
    SELECT s.code, s.title, s.kind, s.object, s.organization, s.cron, s.days, s.nth, s.missed, s.missed_max,
           s.paused, coalesce(base.rfc3339(s.next_due), '') AS next_due,
           coalesce(base.rfc3339(s.last_due), '') AS last_due, coalesce(s.last_job::text, '') AS last_job,
           coalesce(j.state, '') AS last_state, s.version
      FROM jobs.schedule s LEFT JOIN jobs.job j ON j.id = s.last_job
     WHERE $1 = '' OR s.code = $1
     ORDER BY s.code
)sql"};

constexpr db::Statement schedulable_sql{"jobs.list_schedulable", R"sql(
    SELECT kind, needs_object, title_zh, title_en FROM jobs.schedulable ORDER BY kind
)sql"};

constexpr db::Statement add_schedule_sql{"jobs.add_schedule", R"sql(
    INSERT INTO jobs.schedule (code, title, kind, object, organization, cron, days, nth, missed, missed_max,
                               next_due, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::int, $9, $10::int, $11::timestamptz, $12)
    ON CONFLICT (code) DO NOTHING
)sql"};

constexpr db::Statement change_schedule_sql{"jobs.change_schedule", R"sql(
    UPDATE jobs.schedule
       SET title = $2, kind = $3, object = $4, organization = $5, cron = $6, days = $7, nth = $8::int,
           missed = $9, missed_max = $10::int, next_due = $11::timestamptz, version = version + 1
     WHERE code = $1 AND version = $12::bigint
)sql"};

constexpr db::Statement remove_schedule_sql{"jobs.remove_schedule", R"sql(
    DELETE FROM jobs.schedule WHERE code = $1
)sql"};

constexpr db::Statement pause_schedule_sql{"jobs.pause_schedule", R"sql(
    UPDATE jobs.schedule
       SET paused = $2::boolean, next_due = $3::timestamptz, version = version + 1
     WHERE code = $1
)sql"};

// A row that another process is firing is left to it.
constexpr db::Statement lock_due_sql{"jobs.lock_due_schedule", R"sql(
    SELECT s.code, s.title, s.kind, s.object, s.organization, s.cron, s.days, s.nth, s.missed, s.missed_max,
           s.paused, coalesce(base.rfc3339(s.next_due), '') AS next_due, '' AS last_due, '' AS last_job,
           '' AS last_state, s.version
      FROM jobs.schedule s
     WHERE NOT paused AND (next_due <= $1::timestamptz OR next_due IS NULL AND last_due IS NULL)
     ORDER BY next_due LIMIT 1 FOR UPDATE SKIP LOCKED
)sql"};

// No second job while the last one of the same schedule waits or runs ($7), except where every time counts.
constexpr db::Statement fire_sql{"jobs.fire_schedule", R"sql(
    INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, created_by,
                          created_at, schedule, due_at)
    VALUES ($1::uuid, $2, $3, $4, $5::jsonb, $7, $6::int, $8, clock_timestamp(), $9,
            $10::timestamptz)
    ON CONFLICT DO NOTHING
)sql"};

// One that is never due again rests.
constexpr db::Statement fired_sql{"jobs.note_firing", R"sql(
    UPDATE jobs.schedule
       SET next_due = $2::timestamptz, paused = paused OR $2 IS NULL,
           last_due = coalesce($3::timestamptz, last_due),
           last_job = coalesce($4::uuid, last_job)
     WHERE code = $1
)sql"};

constexpr db::Statement ran_sql{"jobs.note_run_by_hand", R"sql(
    UPDATE jobs.schedule SET last_job = $2::uuid WHERE code = $1
)sql"};

PENGCHENG_STATEMENTS(list_schedules_sql, schedulable_sql, add_schedule_sql, change_schedule_sql,
                     remove_schedule_sql, pause_schedule_sql, lock_due_sql, fire_sql, fired_sql, ran_sql);

template <class T>
Result<T> one_of(std::string_view pointer, const std::string& text,
                 std::initializer_list<std::pair<std::string_view, T>> values) {
    std::string known;
    for (const auto& [name, value] : values) {
        if (name == text) {
            return value;
        }
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    return pengcheng::problem::invalid_input.at(pointer, "应为 " + known + " 之一", "it is one of " + known);
}

Result<Rule> rule_of(const ScheduleInput& input) {
    auto cron = parse_cron(input.cron);
    if (!cron) {
        return cron.error();
    }
    auto days = one_of<Days>("/days", input.days,
                             {{"any", Days::any},
                              {"working", Days::working},
                              {"nth_working", Days::nth_working},
                              {"last_working", Days::last_working}});
    if (!days) {
        return days.error();
    }
    if ((*days == Days::nth_working) != (input.nth > 0) || input.nth < 0 || input.nth > 23) {
        return pengcheng::problem::invalid_input.at(
            "/nth", "“第几个工作日”取 1 至 23，只与 nth_working 同用",
            "the number of the working day, 1 to 23, goes with nth_working and with nothing else");
    }
    return Rule{*cron, *days, input.nth};
}

Result<Missed> missed_of(const ScheduleInput& input) {
    if (input.missed_max < 1 || input.missed_max > fire_at_once_max) {
        return pengcheng::problem::invalid_input.at("/missed_max", "取 1 至 100", "it is 1 to 100");
    }
    return one_of<Missed>(
        "/missed", input.missed,
        {{"skip", Missed::skip}, {"run_once", Missed::run_once}, {"run_all", Missed::run_all}});
}

std::optional<std::string> text_of(std::optional<Time> at) {
    return at ? std::optional(to_rfc3339(*at)) : std::nullopt;
}

bool good_code(std::string_view code) {
    auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !code.empty() && code.size() <= 63 && code.front() != '-' && std::ranges::all_of(code, good);
}

/// Everything about the input that does not need its time; nothing when it is right.
asio::awaitable<std::optional<Problem>> fault_of(db::Pool& db, const ScheduleInput& input) {
    const ProblemType& invalid = pengcheng::problem::invalid_input;
    if (!good_code(input.code)) {
        co_return invalid.at("/code", "用小写字母、数字和连字符，至多 63 个",
                             "small letters, digits and hyphens, at most 63");
    }
    if (input.title.empty() || input.title.size() > 300) {
        co_return invalid.at("/title", "请填写名称，至多 100 字", "a title of at most 100 characters");
    }
    auto kinds = co_await schedulable(db);
    auto kind = std::ranges::find(kinds, input.kind, &Schedulable::kind);
    if (kind == kinds.end()) {
        co_return invalid.at("/kind", "这种任务不能定时", "this kind of job has no schedule");
    }
    if (kind->needs_object == input.object.empty()) {
        co_return kind->needs_object ? invalid.at("/object", "请指定资源", "name the resource")
                                     : invalid.at("/object", "这种任务没有对象", "this kind has no object");
    }
    auto missed = missed_of(input);
    co_return missed ? std::nullopt : std::optional(missed.error());
}

asio::awaitable<std::optional<Schedule>> find_schedule(db::Pool& db, std::string code) {
    return db.find<Schedule>(list_schedules_sql, std::move(code));
}

Json payload_of(const Schedule& schedule) {
    return schedule.object.empty() ? Json::object() : Json{{"ref", schedule.object}};
}

/// The job of one due time (none: run by hand) -> its id, or nothing when there is one already.
asio::awaitable<std::optional<std::string>> fire(db::Transaction& tx, const Principal& who, Schedule schedule,
                                                 std::optional<std::string> due) {
    std::string id = new_id();
    std::string key = due && schedule.missed != "run_all" ? "schedule:" + schedule.code : "";
    Json payload = payload_of(schedule);
    std::int64_t added =
        co_await tx.run(fire_sql, id, schedule.kind, schedule.organization, schedule.object,
                        std::move(payload), background_priority, key, who.id, schedule.code, due);
    if (added == 0) {
        co_return std::nullopt;
    }
    Json detail = {{"kind", schedule.kind}, {"schedule", schedule.code}, {"due_at", Json(nullptr)}};
    if (due) {
        detail["due_at"] = *due;
    }
    co_await audit::record(tx, who, "jobs.job.enqueue", id, std::move(detail));
    co_return id;
}

/// Fires one schedule that is due -> how many jobs; nothing when none is due.
asio::awaitable<std::optional<int>> fire_next(db::Pool& db, const Runtime& runtime) {
    Time now = runtime.now();
    auto tx = co_await db.begin();
    auto schedule = co_await tx.find<Schedule>(lock_due_sql, to_rfc3339(now));
    if (!schedule) {
        co_return std::nullopt;
    }
    Rule rule = rule_of(*schedule).value();
    std::vector<Time> times;
    if (auto due = parse_time(schedule->next_due)) {
        times =
            to_fire(rule, runtime.calendar, *due, now, missed_of(*schedule).value(), schedule->missed_max);
    }
    int fired = 0;
    std::optional<std::string> last_due;
    std::optional<std::string> last_job;
    Principal who = Principal::system("schedule");
    for (Time time : times) {
        last_due = to_rfc3339(time);
        auto id = co_await fire(tx, who, *schedule, last_due);
        fired += id ? 1 : 0;
        last_job = id ? id : last_job;
    }
    auto next = text_of(next_due(rule, runtime.calendar, now));
    co_await tx.run(fired_sql, schedule->code, next, last_due, last_job);
    co_await tx.commit();
    co_return fired;
}

}  // namespace

asio::awaitable<std::vector<Schedule>> schedules(db::Pool& db) {
    return db.all<Schedule>(list_schedules_sql, std::string());
}

asio::awaitable<std::vector<Schedulable>> schedulable(db::Pool& db) {
    return db.all<Schedulable>(schedulable_sql);
}

asio::awaitable<Result<Schedule>> add_schedule(db::Pool& db, const Runtime& runtime, const Principal& who,
                                               ScheduleInput input) {
    auto rule = rule_of(input);
    if (!rule) {
        co_return rule.error();
    }
    auto fault = co_await fault_of(db, input);
    if (fault) {
        co_return *fault;
    }
    auto next = text_of(next_due(*rule, runtime.calendar, runtime.now()));
    if (!next) {
        co_return problem::never_due.at("/cron");
    }
    auto tx = co_await db.begin();
    if (co_await tx.run(add_schedule_sql, input.code, input.title, input.kind, input.object,
                        input.organization, input.cron, input.days, input.nth, input.missed, input.missed_max,
                        next, who.id) == 0) {
        co_return problem::schedule_exists.at("/code");
    }
    Json detail = {{"kind", input.kind}, {"cron", input.cron}, {"days", input.days}};
    co_await audit::record(tx, who, "jobs.schedule.create", input.code, std::move(detail));
    auto made = co_await tx.one<Schedule>(list_schedules_sql, input.code);
    co_await tx.commit();
    co_return made;
}

asio::awaitable<Result<Schedule>> change_schedule(db::Pool& db, const Runtime& runtime, const Principal& who,
                                                  std::int64_t version, ScheduleInput input) {
    auto rule = rule_of(input);
    if (!rule) {
        co_return rule.error();
    }
    auto fault = co_await fault_of(db, input);
    if (fault) {
        co_return *fault;
    }
    auto next = text_of(next_due(*rule, runtime.calendar, runtime.now()));
    if (!next) {
        co_return problem::never_due.at("/cron");
    }
    auto present = co_await find_schedule(db, input.code);
    if (!present) {
        co_return problem::no_schedule.plain();
    }
    auto tx = co_await db.begin();
    if (co_await tx.run(change_schedule_sql, input.code, input.title, input.kind, input.object,
                        input.organization, input.cron, input.days, input.nth, input.missed, input.missed_max,
                        next, version) == 0) {
        co_return pengcheng::problem::stale.plain();
    }
    Json detail = {{"kind", input.kind}, {"cron", input.cron}, {"days", input.days}};
    co_await audit::record(tx, who, "jobs.schedule.update", input.code, std::move(detail));
    auto changed = co_await tx.one<Schedule>(list_schedules_sql, input.code);
    co_await tx.commit();
    co_return changed;
}

asio::awaitable<Result<void>> remove_schedule(db::Pool& db, const Principal& who, std::string code) {
    auto tx = co_await db.begin();
    if (co_await tx.run(remove_schedule_sql, code) == 0) {
        co_return problem::no_schedule.plain();
    }
    co_await audit::record(tx, who, "jobs.schedule.delete", code);
    co_await tx.commit();
    co_return Result<void>();
}

asio::awaitable<Result<Schedule>> pause_schedule(db::Pool& db, const Runtime& runtime, const Principal& who,
                                                 std::string code, bool paused) {
    auto present = co_await find_schedule(db, code);
    if (!present) {
        co_return problem::no_schedule.plain();
    }
    Rule rule = rule_of(*present).value();
    auto next = text_of(next_due(rule, runtime.calendar, runtime.now()));
    auto tx = co_await db.begin();
    co_await tx.run(pause_schedule_sql, code, paused, next);
    co_await audit::record(tx, who, paused ? "jobs.schedule.pause" : "jobs.schedule.resume", code);
    auto changed = co_await tx.one<Schedule>(list_schedules_sql, code);
    co_await tx.commit();
    co_return changed;
}

asio::awaitable<Result<std::string>> run_schedule(db::Pool& db, const Principal& who, std::string code) {
    auto schedule = co_await find_schedule(db, code);
    if (!schedule) {
        co_return problem::no_schedule.plain();
    }
    auto tx = co_await db.begin();
    auto id = co_await fire(tx, who, *schedule, std::nullopt);
    co_await tx.run(ran_sql, code, id);
    co_await tx.commit();
    co_return id.value();
}

Result<std::vector<std::string>> upcoming(const Runtime& runtime, const ScheduleInput& input, int count) {
    auto rule = rule_of(input);
    if (!rule) {
        return rule.error();
    }
    std::vector<std::string> out;
    auto due = next_due(*rule, runtime.calendar, runtime.now());
    while (due && static_cast<int>(out.size()) < count) {
        out.push_back(to_rfc3339(*due));
        due = next_due(*rule, runtime.calendar, *due);
    }
    if (out.empty()) {
        return problem::never_due.at("/cron");
    }
    return out;
}

asio::awaitable<int> fire_due(db::Pool& db, const Runtime& runtime) {
    int fired = 0;
    while (auto more = co_await fire_next(db, runtime)) {
        fired += *more;
    }
    co_return fired;
}

Json to_json(const Schedule& schedule) {
    auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
    return {{"code", schedule.code},
            {"title", schedule.title},
            {"kind", schedule.kind},
            {"object", schedule.object},
            {"organization", schedule.organization},
            {"cron", schedule.cron},
            {"days", schedule.days},
            {"nth", schedule.nth},
            {"missed", schedule.missed},
            {"missed_max", schedule.missed_max},
            {"paused", schedule.paused},
            {"next_due", or_null(schedule.next_due)},
            {"last_due", or_null(schedule.last_due)},
            {"last_job", or_null(schedule.last_job)},
            {"last_state", or_null(schedule.last_state)},
            {"version", schedule.version}};
}

}  // namespace pengcheng::jobs
