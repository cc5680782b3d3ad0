#include <pengcheng/jobs/jobs.hpp>

#include "jobs/lease.hpp"
#include "jobs/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::jobs {

static constexpr auto describe(db::RowOf<Job>) {
    return db::columns(db::column("id", &Job::id), db::column("kind", &Job::kind),
                       db::column("organization", &Job::organization), db::column("state", &Job::state),
                       db::column("object", &Job::object), db::column("payload", &Job::payload),
                       db::column("result", &Job::result), db::column("error_zh", &Job::error_zh),
                       db::column("error_en", &Job::error_en), db::column("done", &Job::done),
                       db::column("total", &Job::total), db::column("stage", &Job::stage),
                       db::column("rate", &Job::rate), db::column("attempt", &Job::attempt),
                       db::column("created_at", &Job::created_at), db::column("started_at", &Job::started_at),
                       db::column("finished_at", &Job::finished_at), db::column("priority", &Job::priority),
                       db::column("schedule", &Job::schedule), db::column("due_at", &Job::due_at),
                       db::column("run_at", &Job::run_at));
}

static constexpr auto describe(db::RowOf<KindGauge>) {
    return db::columns(db::column("kind", &KindGauge::kind), db::column("queued", &KindGauge::queued),
                       db::column("running", &KindGauge::running), db::column("dead", &KindGauge::dead));
}

namespace {

constexpr db::Statement add_job_sql{"jobs.add_job", R"sql(
    INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, created_by,
                          in_order, created_at)
    VALUES ($1::uuid, $2, $3, $4, $5::jsonb, $6, $7::int, $8, $9::boolean, clock_timestamp())
    ON CONFLICT (unique_key) WHERE unique_key <> '' AND state IN ('queued', 'running') DO NOTHING
)sql"};

constexpr db::Statement find_live_sql{"jobs.find_live_job", R"sql(
    SELECT id FROM jobs.job WHERE unique_key = $1 AND state IN ('queued', 'running')
)sql"};

constexpr db::Statement find_job_sql{"jobs.find_job", R"sql(
    SELECT * FROM jobs.shown WHERE id = $1::uuid
)sql"};

constexpr db::Statement find_latest_sql{"jobs.find_latest_job", R"sql(
    SELECT * FROM jobs.shown WHERE kind = $1 AND object = $2 ORDER BY id DESC LIMIT 1
)sql"};

// $1 kind, $2 object, $3 state, $4 organization, $5 id of the last job seen, $6 limit.
constexpr db::Statement list_jobs_sql{"jobs.list_jobs", R"sql(
    SELECT * FROM jobs.shown
     WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR object = $2) AND ($3 = '' OR state = $3)
       AND ($4 = '' OR organization = $4) AND ($5::uuid IS NULL OR id < $5::uuid)
     ORDER BY id DESC LIMIT $6::int
)sql"};

constexpr db::Statement cancel_job_sql{"jobs.cancel_job", R"sql(
    UPDATE jobs.job
       SET cancel_requested = true,
           state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
           finished_at = CASE state WHEN 'queued' THEN now() END
     WHERE id = $1::uuid AND state IN ('queued', 'running')
)sql"};

constexpr db::Statement retry_job_sql{"jobs.retry_job", R"sql(
    UPDATE jobs.job
       SET state = 'queued', attempt = 0, run_at = now(), cancel_requested = false, error_zh = '',
           error_en = '',
           finished_at = NULL
     WHERE id = $1::uuid AND state IN ('failed', 'dead', 'cancelled')
)sql"};

constexpr db::Statement prune_jobs_sql{"jobs.prune_jobs", R"sql(
    DELETE FROM jobs.job
     WHERE finished_at < $1::timestamptz
                         - CASE WHEN state IN ('failed', 'dead') THEN interval '180 days'
                                ELSE interval '30 days' END
)sql"};

// Ended jobs are not looked at: there may be many, and each state here has an index of its own.
constexpr db::Statement gauges_sql{"jobs.read_gauges", R"sql(
    SELECT kind, count(*) FILTER (WHERE state = 'queued') AS queued,
           count(*) FILTER (WHERE state = 'running') AS running,
           count(*) FILTER (WHERE state = 'dead') AS dead
      FROM (SELECT kind, state FROM jobs.job WHERE state = 'queued'
            UNION ALL SELECT kind, state FROM jobs.job WHERE state = 'running'
            UNION ALL SELECT kind, state FROM jobs.job WHERE state = 'dead') AS live
     GROUP BY kind ORDER BY kind
)sql"};

constexpr db::Statement oldest_sql{"jobs.find_oldest_wait", R"sql(
    SELECT coalesce(max(extract(epoch FROM now() - run_at)), 0)::float8
      FROM jobs.job WHERE state = 'queued' AND run_at <= now()
)sql"};

PENGCHENG_STATEMENTS(add_job_sql, find_live_sql, find_job_sql, find_latest_sql, list_jobs_sql, cancel_job_sql,
                     retry_job_sql, prune_jobs_sql, gauges_sql, oldest_sql);

/// Runs a change of one job's state with its audit event; `refusal` says why there was nothing to change.
asio::awaitable<Result<Job>> change(db::Pool& db, const Principal& who, std::string id,
                                    db::Statement statement, std::string action, const ProblemType& refusal) {
    auto job = co_await find(db, id);
    if (!job) {
        co_return problem::no_job.plain();
    }
    auto tx = co_await db.begin();
    if (co_await tx.run(statement, id) == 0) {
        co_return refusal.plain();
    }
    Json detail = {{"kind", job->kind}, {"object", job->object}};
    co_await audit::record(tx, who, action, id, std::move(detail));
    auto changed = co_await tx.one<Job>(find_job_sql, id);
    co_await tx.commit();
    co_return changed;
}

}  // namespace

asio::awaitable<std::string> enqueue(db::Transaction& tx, const Principal& who, NewJob job) {
    std::string id = new_id();
    // A live job of the same key may end between the two statements, so that neither finds it.
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::int64_t added = co_await tx.run(add_job_sql, id, job.kind, job.organization, job.object,
                                             job.payload, job.unique_key, job.priority, who.id, job.in_order);
        if (added == 1) {
            Json detail = {{"kind", job.kind}, {"object", job.object}};
            co_await audit::record(tx, who, "jobs.job.enqueue", id, std::move(detail));
            co_return id;
        }
        auto live = co_await tx.find<std::string>(find_live_sql, job.unique_key);
        if (live) {
            co_return *live;
        }
    }
    throw db::Error("40001", "a job of key " + job.unique_key + " comes and goes");
}

asio::awaitable<std::optional<Job>> find(db::Pool& db, std::string id) {
    if (!is_id(id)) {
        co_return std::nullopt;
    }
    co_return co_await db.find<Job>(find_job_sql, id);
}

asio::awaitable<std::optional<Job>> latest(db::Pool& db, std::string kind, std::string object) {
    co_return co_await db.find<Job>(find_latest_sql, kind, object);
}

asio::awaitable<std::vector<Job>> list(db::Pool& db, Filter filter) {
    std::optional<std::string> before;
    if (!filter.before_id.empty()) {
        before = filter.before_id;
        if (!is_id(*before)) {
            throw ProblemError(pengcheng::problem::invalid_input.at(
                "/cursor", "游标无效，请从第一页重新开始",
                "The cursor is not one of ours; begin with the first page"));
        }
    }
    co_return co_await db.all<Job>(list_jobs_sql, filter.kind, filter.object, filter.state,
                                   filter.organization, before, filter.limit);
}

asio::awaitable<Result<Job>> cancel(db::Pool& db, const Principal& who, std::string id) {
    co_return co_await change(db, who, std::move(id), cancel_job_sql, "jobs.job.cancel", problem::ended);
}

asio::awaitable<Result<Job>> retry(db::Pool& db, const Principal& who, std::string id) {
    co_return co_await change(db, who, std::move(id), retry_job_sql, "jobs.job.retry", problem::not_ended);
}

asio::awaitable<std::int64_t> prune(db::Transaction& tx, Time now) {
    return tx.run(prune_jobs_sql, to_rfc3339(now));
}

asio::awaitable<Gauges> gauges(db::Pool& db) {
    Gauges out{.kinds = co_await db.all<KindGauge>(gauges_sql)};
    for (const KindGauge& kind : out.kinds) {
        out.queued += kind.queued;
        out.running += kind.running;
        out.dead += kind.dead;
    }
    out.oldest_queued_s = co_await db.one<double>(oldest_sql);
    co_return out;
}

Json to_json(const Job& job) {
    Json error = nullptr;
    if (!job.error_zh.empty() || !job.error_en.empty()) {
        error = {{"zh", job.error_zh}, {"en", job.error_en}};
    }
    auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
    bool running = job.state == "running";
    auto left = running ? seconds_left(job.done, job.total, job.rate) : std::nullopt;
    bool waits_to_retry = job.state == "queued" && job.attempt > 0;
    return {{"id", job.id},
            {"kind", job.kind},
            {"organization", job.organization},
            {"object", job.object},
            {"state", job.state},
            {"stage", job.stage},
            {"done", job.done},
            {"total", job.total},
            {"rate", job.rate},
            {"seconds_left", left ? Json(*left) : Json(nullptr)},
            {"priority", job.priority},
            {"attempt", job.attempt},
            {"next_try_at", waits_to_retry ? Json(job.run_at) : Json(nullptr)},
            {"schedule", or_null(job.schedule)},
            {"due_at", or_null(job.due_at)},
            {"result", job.result},
            {"error", error},
            {"created_at", job.created_at},
            {"started_at", or_null(job.started_at)},
            {"finished_at", or_null(job.finished_at)}};
}

}  // namespace pengcheng::jobs
