#include <pengcheng/jobs/jobs.hpp>

#include "jobs/lease.hpp"
#include "jobs/running.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

#include <nlohmann/json.hpp>

#include <sys/resource.h>
#include <unistd.h>

namespace pengcheng::jobs {

namespace {

// Higher priority first, then whoever has least at work, then the oldest. A job whose lease ran out belongs
// to a worker that died: anybody may take it over. A row that is locked is being finished: left alone.
constexpr db::Statement claim_job_sql{"jobs.claim_job", R"sql(
    WITH busy AS (
        SELECT organization, count(*) AS jobs FROM jobs.job WHERE state = 'running' GROUP BY organization
    ), next AS (
        SELECT j.id
          FROM jobs.job j LEFT JOIN busy b ON b.organization = j.organization
         WHERE j.kind = ANY ($1::text[]) AND NOT j.cancel_requested
           AND (j.state = 'queued' AND j.run_at <= now()
                OR j.state = 'running' AND j.lease_until < now() AND j.attempt < j.attempt_max)
         ORDER BY j.priority DESC, coalesce(b.jobs, 0), j.created_at
         LIMIT 1
           FOR UPDATE OF j SKIP LOCKED)
    UPDATE jobs.job j
       SET state = 'running', attempt = attempt + 1, lease_token = $2::uuid,
           lease_until = now() + $4::int * interval '1 second', worker = $3, started_at = now(),
           stage = '', done = 0, total = 0, rate = 0, error_zh = '', error_en = ''
      FROM next
     WHERE j.id = next.id
 RETURNING j.id
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
    UPDATE jobs.job
       SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'dead' END,
           error_zh = CASE WHEN cancel_requested THEN '' ELSE '多次执行中断,不再重试' END,
           error_en = CASE WHEN cancel_requested THEN ''
                           ELSE 'Its worker died too often; not tried again' END,
           lease_token = NULL, lease_until = NULL, finished_at = now()
     WHERE id IN (SELECT id FROM jobs.job
                   WHERE state = 'running' AND lease_until < now()
                       AND (cancel_requested OR attempt >= attempt_max)
                     FOR UPDATE SKIP LOCKED)
)sql"};

constexpr db::Statement release_leases_sql{"jobs.release_leases", R"sql(
    UPDATE jobs.job
       SET state = 'queued', attempt = attempt - 1, run_at = now(), lease_token = NULL, lease_until = NULL
     WHERE id IN (SELECT id FROM jobs.job WHERE lease_token = ANY ($1::uuid[]) AND state = 'running'
                     FOR UPDATE SKIP LOCKED)
)sql"};

PENGCHENG_STATEMENTS(claim_job_sql, watch_jobs_sql, extend_leases_sql, bury_jobs_sql, release_leases_sql);

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

/// Called by wake() for every runner of the process.
struct Wakers {
    std::mutex mutex;
    std::map<const void*, std::function<void()>> each;
};
Wakers& wakers() {
    static Wakers all;
    return all;
}

std::string worker_name() {
    std::array<char, 65> host{};
    gethostname(host.data(), host.size() - 1);
    return std::string(host.data()) + ":" + std::to_string(getpid());
}

}  // namespace

void wake() {
    std::lock_guard lock(wakers().mutex);
    for (const auto& [runner, call] : wakers().each) {
        call();
    }
}

struct Runner::Impl {
    using SteadyTime = std::chrono::steady_clock::time_point;

    Impl(const Runtime& runtime_, Bodies bodies_)
        : runtime(runtime_), bodies(std::move(bodies_)), threads(thread_count(runtime_.config)) {
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
        timer->cancel();
    }

    asio::awaitable<bool> claim_one() {
        std::string token = new_id();
        int lease_seconds = static_cast<int>(lease_time.count());
        auto id = co_await db->find<std::string>(claim_job_sql, kinds, token, worker, lease_seconds);
        if (!id) {
            co_return false;
        }
        auto job = co_await find(*db, *id);
        auto at_work = std::make_shared<Running>(runtime, *db, *workers, std::move(*job), token);
        running[token] = at_work;
        spawn(io->get_executor(), run_one(at_work), "jobs." + at_work->job().kind);
        co_return true;
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
            co_await db->run(bury_jobs_sql);
        }
        bool more = true;
        while (more && !stopping && running.size() < static_cast<std::size_t>(threads)) {
            more = co_await claim_one();
        }
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
            bool eager = std::chrono::steady_clock::now() < eager_until;
            co_await rest(eager ? eager_poll_every : poll_every);
        }
        for (const auto& [token, job] : running) {
            job->stop();
        }
        while (!running.empty()) {
            co_await rest(eager_poll_every);
        }
    }

    asio::awaitable<void> rest(std::chrono::milliseconds time) {
        timer->expires_after(time);
        boost::system::error_code woken;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }

    void start_threads() {
        // Requests come first, so workers run at a lower priority. Linux hands it down from the thread that
        // makes them.
        std::thread([this] {
            setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 10);
            workers.emplace(static_cast<std::size_t>(threads));
        }).join();
        thread = std::thread([this] {
            io->run();
            std::lock_guard lock(end_mutex);
            ended = true;
            end_condition.notify_all();
        });
    }

    void wake_up() {
        asio::post(*io, [this] {
            eager_until = std::chrono::steady_clock::now() + eager_for;
            timer->cancel();
        });
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
    int threads;
    std::optional<asio::thread_pool> workers;
    std::unique_ptr<asio::io_context> io;
    std::unique_ptr<db::Pool> db;
    std::unique_ptr<asio::steady_timer> timer;
    std::map<std::string, std::shared_ptr<Running>> running;  ///< by lease token
    bool stopping = false;
    SteadyTime beaten_at{};
    SteadyTime eager_until{};
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
    // A body reads on one connection and writes on another, and reports progress on a third.
    db::PoolOptions options{.url = impl->runtime.config.database_url, .size_max = 3 * impl->threads + 2};
    options.wait_ms_max = 30000;
    impl->db = std::make_unique<db::Pool>(impl->io->get_executor(), options);
    impl->timer = std::make_unique<asio::steady_timer>(*impl->io);
    spawn(impl->io->get_executor(), impl->loop(), "jobs.runner");
    impl->start_threads();
    std::lock_guard lock(wakers().mutex);
    wakers().each[impl] = [impl] { impl->wake_up(); };
}

void Runner::stop() {
    Impl* impl = impl_.get();
    if (!impl->thread.joinable()) {
        return;
    }
    {
        std::lock_guard lock(wakers().mutex);
        wakers().each.erase(impl);
    }
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
