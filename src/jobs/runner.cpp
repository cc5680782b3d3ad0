#include <pengcheng/jobs/jobs.hpp>

#include "jobs/lease.hpp"
#include "jobs/priority.hpp"
#include "jobs/running.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>
#include <pengcheng/db/changes.hpp>
#include <pengcheng/jobs/schedule.hpp>

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace pengcheng::jobs {

namespace {

// Higher priority first; then the department with least at work, of those the one served longest ago, then
// its oldest job. Only the heads of each department's queue are looked at, so a thousand waiting jobs cost no
// more than one. A job in order waits for those before it. $5: only a department with nothing at work. A job
// whose lease ran out belongs to a worker that died or stands still: anybody may take it over, and learns
// whose connections to close. A row that is locked is being finished: left alone.
constexpr db::Statement claim_job_sql{"jobs.claim_job", R"sql(
    WITH RECURSIVE waiting AS (
        (SELECT organization FROM jobs.job WHERE state = 'queued' ORDER BY organization LIMIT 1)
        UNION ALL
        SELECT (SELECT j.organization FROM jobs.job j
                 WHERE j.state = 'queued' AND j.organization > w.organization
                 ORDER BY j.organization LIMIT 1)
          FROM waiting w WHERE w.organization IS NOT NULL
    ), head AS (
        SELECT h.* FROM waiting w CROSS JOIN LATERAL (
            SELECT id, organization, priority, created_at FROM jobs.job q
             WHERE state = 'queued' AND organization = w.organization AND run_at <= now()
                 AND kind = ANY ($1::text[])
                 AND NOT (in_order AND EXISTS (
                     SELECT FROM jobs.job e
                      WHERE e.object = q.object AND e.kind = q.kind AND e.id < q.id
                          AND e.state IN ('queued', 'running')))
             ORDER BY priority DESC, created_at LIMIT 8) h
        UNION ALL
        SELECT id, organization, priority, created_at FROM jobs.job
         WHERE state = 'running' AND lease_until < now() AND attempt < attempt_max AND NOT cancel_requested
             AND kind = ANY ($1::text[])
    ), busy AS (
        SELECT organization, count(*) AS jobs FROM jobs.job
         WHERE state = 'running' AND lease_until >= now() GROUP BY organization
    ), next AS (
        SELECT j.id, j.organization, j.lease_token AS left_by
          FROM head h
          JOIN jobs.job j ON j.id = h.id
          LEFT JOIN busy b ON b.organization = h.organization
          LEFT JOIN jobs.turn t ON t.organization = h.organization
         WHERE (j.state = 'queued' OR j.state = 'running' AND j.lease_until < now())
             AND (NOT $5::boolean OR b.jobs IS NULL)
         ORDER BY h.priority DESC, coalesce(b.jobs, 0), t.served_at NULLS FIRST, h.created_at
         LIMIT 1
           FOR UPDATE OF j SKIP LOCKED
    ), served AS (
        INSERT INTO jobs.turn AS t (organization, served_at)
        SELECT organization, clock_timestamp() FROM next
        ON CONFLICT (organization) DO UPDATE SET served_at = greatest(t.served_at, excluded.served_at)
    )
    UPDATE jobs.job j
       SET state = 'running', attempt = attempt + 1, lease_token = $2::uuid,
           lease_until = now() + $4::int * interval '1 second', worker = $3, started_at = now(),
           stage = '', done = 0, total = 0, rate = 0, error_zh = '', error_en = ''
      FROM next
     WHERE j.id = next.id
 RETURNING j.id, next.left_by
)sql"};

// Transactions of a worker that stands still hold what its successor needs, its staging table first of all.
constexpr db::Statement close_sessions_sql{"jobs.close_sessions", R"sql(
    SELECT count(pg_terminate_backend(pid, 3000)) FROM pg_stat_activity
     WHERE application_name = ANY ($1::text[]) AND datname = current_database()
)sql"};

constexpr db::Statement cut_statements_sql{"jobs.cut_statements", R"sql(
    SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity
     WHERE application_name = ANY ($1::text[]) AND datname = current_database() AND state = 'active'
)sql"};

constexpr db::Statement find_backends_sql{"jobs.find_backends", R"sql(
    SELECT pid FROM pg_stat_activity
     WHERE application_name = ANY ($1::text[]) AND datname = current_database()
)sql"};

constexpr db::Statement watch_jobs_sql{"jobs.watch_jobs", R"sql(
    SELECT id, lease_token, cancel_requested FROM jobs.job WHERE id = ANY ($1::uuid[])
)sql"};

// Skips what a body's last transaction has locked: nobody can take that one over meanwhile.
constexpr db::Statement extend_leases_sql{"jobs.extend_leases", R"sql(
    UPDATE jobs.job
       SET lease_until = now() + $2::int * interval '1 second'
     WHERE id IN (SELECT id FROM jobs.job WHERE lease_token = ANY ($1::uuid[]) AND state = 'running'
                     FOR UPDATE SKIP LOCKED)
)sql"};

// What a dead worker left and nobody shall take over.
constexpr db::Statement bury_jobs_sql{"jobs.bury_jobs", R"sql(
    WITH left_behind AS (
        SELECT id, lease_token FROM jobs.job
         WHERE state = 'running' AND lease_until < now() AND (cancel_requested OR attempt >= attempt_max)
           FOR UPDATE SKIP LOCKED)
    UPDATE jobs.job j
       SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'dead' END,
           error_zh = CASE WHEN cancel_requested THEN '' ELSE '多次执行中断，不再重试' END,
           error_en = CASE WHEN cancel_requested THEN ''
                           ELSE 'Its worker died too often; not tried again' END,
           lease_token = NULL, lease_until = NULL, finished_at = now()
      FROM left_behind
     WHERE j.id = left_behind.id
 RETURNING left_behind.lease_token
)sql"};

constexpr db::Statement release_leases_sql{"jobs.release_leases", R"sql(
    UPDATE jobs.job
       SET state = 'queued', attempt = attempt - 1, run_at = now(), lease_token = NULL, lease_until = NULL
     WHERE id IN (SELECT id FROM jobs.job WHERE lease_token = ANY ($1::uuid[]) AND state = 'running'
                     FOR UPDATE SKIP LOCKED)
)sql"};

PENGCHENG_STATEMENTS(claim_job_sql, close_sessions_sql, cut_statements_sql, find_backends_sql, watch_jobs_sql,
                     extend_leases_sql, bury_jobs_sql, release_leases_sql);

struct Claimed {
    std::string id;
    std::optional<std::string> left_by;  ///< lease of the worker that died
};
constexpr auto describe(db::RowOf<Claimed>) {
    return db::columns(db::column("id", &Claimed::id), db::column("left_by", &Claimed::left_by));
}

struct Watched {
    std::string id;
    std::optional<std::string> lease_token;
    bool cancel_requested = false;
};
constexpr auto describe(db::RowOf<Watched>) {
    return db::columns(db::column("id", &Watched::id), db::column("lease_token", &Watched::lease_token),
                       db::column("cancel_requested", &Watched::cancel_requested));
}

int thread_count(const Config& config) {
    return config.worker_threads > 0 ? config.worker_threads
                                     : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::string worker_name() {
    std::array<char, 65> host{};
    gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + ":" + std::to_string(getpid());
}

}  // namespace

struct Runner::Impl {
    using SteadyTime = std::chrono::steady_clock::time_point;

    Impl(const Runtime& runtime_, Bodies bodies_)
        : runtime(runtime_),
          bodies(std::move(bodies_)),
          threads(thread_count(runtime_.config)),
          places(threads + 1),
          local_database(runtime_.config.database_url.find("host=/") != std::string::npos) {
        for (const auto& [kind, body] : bodies) {
            kinds.push_back(kind);
        }
    }

    asio::awaitable<void> watch() {
        std::vector<std::string> ids;
        for (const auto& [token, job] : running) {
            ids.push_back(job->job().id);
        }
        auto rows = co_await db->all<Watched>(watch_jobs_sql, ids);
        for (const auto& [token, job] : running) {
            auto row = std::ranges::find(rows, job->job().id, &Watched::id);
            // A job claimed while the reply was on its way is not among the rows: the next look sees it.
            if (row != rows.end() && row->lease_token != token) {
                job->lose();
            } else if (row != rows.end() && row->cancel_requested) {
                job->cancel();
            }
        }
        co_await cut_statements();
    }

    [[nodiscard]] std::vector<std::string> sessions() const {
        std::vector<std::string> out;
        for (const auto& [token, job] : running) {
            out.push_back(session_name(token));
        }
        return out;
    }

    /// Backends that work for jobs, of a database on this machine.
    asio::awaitable<void> lower_backends() {
        auto working = sessions();
        for (int pid : co_await db->all<int>(find_backends_sql, std::move(working))) {
            make_backend_give_way(pid);
        }
    }

    /// A body that waits for the database would not hear that it shall stop.
    asio::awaitable<void> cut_statements() {
        std::vector<std::string> sessions;
        for (const auto& [token, job] : running) {
            if (job->to_be_cut()) {
                sessions.push_back(session_name(token));
            }
        }
        if (!sessions.empty()) {
            co_await db->run(cut_statements_sql, std::move(sessions));
        }
    }

    asio::awaitable<void> close_sessions(std::vector<std::string> tokens_of_dead) {
        std::vector<std::string> sessions;
        for (const std::string& token : tokens_of_dead) {
            sessions.push_back(session_name(token));
        }
        if (!sessions.empty()) {
            co_await db->run(close_sessions_sql, std::move(sessions));
        }
    }

    [[nodiscard]] std::vector<std::string> tokens() const {
        std::vector<std::string> out;
        for (const auto& [token, job] : running) {
            out.push_back(token);
        }
        return out;
    }

    asio::awaitable<void> run_one(std::shared_ptr<Running> job) {
        Ending ending = co_await run_body(bodies.at(job->job().kind), *job);
        std::string failure;
        try {
            co_await settle(*db, *job, std::move(ending));
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) {
            // Its lease will run out, and the job starts again.
            log::error("jobs.settle-failed", {{"job", job->job().id}, {"error", failure}});
        }
        running.erase(job->token());
        look_again();
    }

    asio::awaitable<bool> claim_one(bool only_idle) {
        std::string token = new_id();
        int lease_seconds = static_cast<int>(lease_time.count());
        auto claimed =
            co_await db->find<Claimed>(claim_job_sql, kinds, token, worker, lease_seconds, only_idle);
        if (!claimed) {
            co_return false;
        }
        if (claimed->left_by) {
            std::vector<std::string> left{*claimed->left_by};
            co_await close_sessions(std::move(left));
        }
        auto job = co_await find(*db, claimed->id);
        auto at_work = std::make_shared<Running>(runtime, *db, *workers, std::move(*job), token);
        running[token] = at_work;
        spawn(io->get_executor(), run_one(at_work), "jobs." + at_work->job().kind);
        co_return true;
    }

    /// The last place is kept for a department that has nothing at work, so that none waits for another's
    /// long job.
    asio::awaitable<void> claim() {
        bool more = true;
        while (more && !stopping && running.size() < static_cast<std::size_t>(places)) {
            bool last_place = running.size() + 1 == static_cast<std::size_t>(places);
            more = co_await claim_one(last_place);
        }
    }

    asio::awaitable<void> turn() {
        auto now = std::chrono::steady_clock::now();
        if (!running.empty()) {
            co_await watch();
        }
        if (now - beaten_at >= beat_every) {
            beaten_at = now;
            int lease_seconds = static_cast<int>(lease_time.count());
            auto held = tokens();
            co_await db->run(extend_leases_sql, held, lease_seconds);
            auto buried = co_await db->all<std::string>(bury_jobs_sql);
            co_await close_sessions(std::move(buried));
        }
        if (now - looked_at_clock_at >= clock_every) {
            looked_at_clock_at = now;
            co_await fire_due(*db, runtime);
            if (local_database && !running.empty()) {
                co_await lower_backends();
            }
        }
        co_await claim();
    }

    asio::awaitable<void> loop() {
        while (!stopping) {
            std::string failure;
            try {
                co_await turn();
            } catch (const std::exception& error) {
                failure = error.what();
            }
            if (!failure.empty()) {
                log::error("jobs.poll-failed", {{"error", failure}});
            }
            co_await rest(running.empty() ? poll_every : watch_every);
        }
        for (const auto& [token, job] : running) {
            job->stop();
        }
        while (!running.empty()) {
            co_await cut_statements();
            co_await rest(watch_every);
        }
    }

    asio::awaitable<void> rest(std::chrono::milliseconds time) {
        if (std::exchange(woken, false)) {
            co_return;  // while the queue was looked at
        }
        timer->expires_after(time);
        boost::system::error_code ignored;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        woken = false;
    }

    void look_again() {
        woken = true;
        timer->cancel();
    }

    void start_threads() {
        std::thread([this] {
            give_way();
            workers.emplace(static_cast<std::size_t>(threads));
        }).join();
        // Not this one: on a busy machine a lease must still be renewed and a cancelled job stopped.
        thread = std::thread([this] {
            io->run();
            std::lock_guard lock(end_mutex);
            ended = true;
            end_condition.notify_all();
        });
    }

    void wake_up() {
        asio::post(*io, [this] { look_again(); });
    }

    /// Waits until every body ended at its next progress(); one that does not is dropped with its
    /// transaction.
    void wait_for_end() {
        std::unique_lock lock(end_mutex);
        std::chrono::milliseconds longest(runtime.config.drain_ms_max);
        if (!end_condition.wait_for(lock, longest, [this] { return ended; })) {
            io->stop();
        }
    }

    void release(const std::vector<std::string>& held) const {
        asio::io_context last(1);
        db::Pool pool(last.get_executor(), {.url = runtime.config.database_url, .size_max = 1});
        auto task = [](db::Pool& db, std::vector<std::string> tokens) -> asio::awaitable<void> {
            co_await db.run(release_leases_sql, std::move(tokens));
        };
        spawn(last.get_executor(), task(pool, held), "jobs.release");
        last.run();
    }

    const Runtime& runtime;
    Bodies bodies;
    std::vector<std::string> kinds;
    std::string worker = worker_name();
    int threads;  ///< for CPU work
    int places;   ///< for jobs at work
    bool local_database;
    std::optional<asio::thread_pool> workers;
    std::unique_ptr<asio::io_context> io;
    std::unique_ptr<db::Pool> db;
    std::unique_ptr<asio::steady_timer> timer;
    std::map<std::string, std::shared_ptr<Running>> running;  ///< by lease token
    bool stopping = false;
    bool woken = false;
    std::optional<db::Subscription> notified;  ///< polling stays: a notification may be lost
    SteadyTime beaten_at{};
    SteadyTime looked_at_clock_at{};
    std::thread thread;
    std::mutex end_mutex;
    std::condition_variable end_condition;
    bool ended = false;
};

Runner::Runner(const Runtime& runtime, Bodies bodies)
    : impl_(std::make_unique<Impl>(runtime, std::move(bodies))) {
}
Runner::~Runner() {
    stop();
}

void Runner::start() {
    Impl* impl = impl_.get();
    impl->io = std::make_unique<asio::io_context>(1);
    // For the queue itself and progress; each body has connections of its own.
    db::PoolOptions options{.url = impl->runtime.config.database_url, .size_max = impl->places + 1};
    options.wait_ms_max = 30000;
    impl->db = std::make_unique<db::Pool>(impl->io->get_executor(), options);
    impl->timer = std::make_unique<asio::steady_timer>(*impl->io);
    spawn(impl->io->get_executor(), impl->loop(), "jobs.runner");
    impl->notified.emplace("pengcheng_jobs", [impl](std::string_view) { impl->wake_up(); });
    impl->start_threads();
}

void Runner::stop() {
    Impl* impl = impl_.get();
    if (!impl->thread.joinable()) {
        return;
    }
    impl->notified.reset();
    asio::post(*impl->io, [impl] {
        impl->stopping = true;
        impl->timer->cancel();
    });
    impl->wait_for_end();
    impl->thread.join();
    impl->workers->join();
    std::vector<std::string> held = impl->tokens();
    impl->timer.reset();
    impl->db.reset();
    impl->running.clear();
    impl->io.reset();  // drops what is left of bodies, and with it their transactions
    if (!held.empty()) {
        impl->release(held);
    }
}

}  // namespace pengcheng::jobs
