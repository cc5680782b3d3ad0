#include "jobs/running.hpp"

#include "jobs/lease.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/db/conninfo.hpp>

#include <nlohmann/json.hpp>

#include <random>

namespace pengcheng::jobs {

namespace {

constexpr db::Statement save_progress_sql{"jobs.save_progress", R"sql(
    UPDATE jobs.job
       SET stage = $3, done = $4::bigint, total = $5::bigint, rate = $6::float8,
           lease_until = now() + $7::int * interval '1 second'
     WHERE id = $1::uuid AND lease_token = $2::uuid
 RETURNING cancel_requested
)sql"};

// KEY SHARE stops only those who would take the job over, not this worker's own progress. A process that
// stands still inside the transaction loses its connection when the lease would have run out.
constexpr db::Statement lock_lease_sql{"jobs.lock_lease", R"sql(
    SELECT set_config('idle_in_transaction_session_timeout', $3, true)
      FROM jobs.job WHERE id = $1::uuid AND lease_token = $2::uuid FOR KEY SHARE
)sql"};

// now() would be when the body's last transaction began.
constexpr db::Statement finish_job_sql{"jobs.finish_job", R"sql(
    UPDATE jobs.job
       SET state = 'done', result = $3::jsonb, stage = $4, done = $5::bigint, total = $6::bigint,
           lease_token = NULL, lease_until = NULL, finished_at = clock_timestamp()
     WHERE id = $1::uuid AND lease_token = $2::uuid
)sql"};

constexpr db::Statement end_job_sql{"jobs.end_job", R"sql(
    UPDATE jobs.job
       SET state = $3, error_zh = $4, error_en = $5, lease_token = NULL, lease_until = NULL,
           finished_at = now()
     WHERE id = $1::uuid AND lease_token = $2::uuid
)sql"};

constexpr db::Statement hand_back_sql{"jobs.hand_back_job", R"sql(
    UPDATE jobs.job
       SET state = 'queued', attempt = attempt - 1, run_at = now(), lease_token = NULL, lease_until = NULL
     WHERE id = $1::uuid AND lease_token = $2::uuid
)sql"};

constexpr db::Statement retry_later_sql{"jobs.retry_later", R"sql(
    UPDATE jobs.job
       SET state = CASE WHEN attempt < attempt_max THEN 'queued' ELSE 'dead' END,
           run_at = now() + $3::bigint * interval '1 millisecond',
           error_zh = $4, error_en = $5, lease_token = NULL, lease_until = NULL,
           finished_at = CASE WHEN attempt < attempt_max THEN NULL ELSE now() END
     WHERE id = $1::uuid AND lease_token = $2::uuid
)sql"};

PENGCHENG_STATEMENTS(save_progress_sql, lock_lease_sql, finish_job_sql, end_job_sql, hand_back_sql,
                     retry_later_sql);

constexpr int lease_seconds = static_cast<int>(lease_time.count());

asio::awaitable<void> run_here(std::function<void()> work) {
    work();
    co_return;
}

}  // namespace

std::string session_name(const std::string& token) {
    return "pengcheng-job-" + token;
}

namespace {

/// A body reads on one connection and writes on another, and keeps what it rejects on a third.
db::PoolOptions own_options(const Runtime& runtime, const std::string& token) {
    return {.url = db::with_session_name(runtime.config.database_url, session_name(token)),
            .size_max = 4,
            .wait_ms_max = 30000};
}

double chance() {
    static thread_local std::mt19937 random(std::random_device{}());
    return std::uniform_real_distribution<double>(0, 1)(random);
}

}  // namespace

asio::awaitable<db::Transaction> Context::begin() {
    auto tx = co_await db().begin();
    co_await fence(tx);
    co_return tx;
}

Running::Running(const Runtime& runtime, db::Pool& shared, asio::thread_pool& workers, Job job,
                 std::string token)
    : runtime_(runtime),
      shared_(shared),
      own_(shared.executor(), own_options(runtime, token)),
      workers_(workers),
      job_(std::move(job)),
      token_(std::move(token)) {
}

void Running::stop_if_told() const {
    if (lost_) {
        throw Lost{};
    }
    if (cancelled_) {
        throw Cancelled{};
    }
    if (stopping_) {
        throw Stopping{};
    }
}

asio::awaitable<void> Running::progress(std::string_view stage, std::int64_t done, std::int64_t total) {
    stop_if_told();
    auto now = std::chrono::steady_clock::now();
    bool next_stage = job_.stage != stage;
    if (next_stage) {
        job_.stage = stage;
        stage_began_ = now;
        stage_first_ = done;
    }
    job_.done = done;
    job_.total = total;
    job_.rate = rate_of(stage_first_, done, now - stage_began_);
    if (!next_stage && now - saved_at_ < progress_every) {
        co_return;
    }
    saved_at_ = now;
    auto cancel_requested = co_await shared_.find<bool>(save_progress_sql, job_.id, token_, job_.stage, done,
                                                        total, job_.rate, lease_seconds);
    lost_ = lost_ || !cancel_requested;
    cancelled_ = cancelled_ || cancel_requested.value_or(false);
    stop_if_told();
}

asio::awaitable<void> Running::cpu(std::function<void()> work) {
    return asio::co_spawn(workers_.get_executor(), run_here(std::move(work)), asio::use_awaitable);
}

asio::awaitable<void> Running::fence(db::Transaction& tx) {
    stop_if_told();
    std::chrono::milliseconds idle_max(lease_time);
    auto held =
        co_await tx.find<std::string>(lock_lease_sql, job_.id, token_, std::to_string(idle_max.count()));
    if (!held) {
        lost_ = true;
        throw Lost{};
    }
}

asio::awaitable<Finished> Running::finish(db::Transaction tx, Json result) {
    co_await fence(tx);
    finishing_ = true;
    if (co_await tx.run(finish_job_sql, job_.id, token_, std::move(result), job_.stage, job_.done,
                        job_.total) == 0) {
        lost_ = true;
        throw Lost{};
    }
    co_await tx.commit();
    co_return finished();
}

namespace {

/// A statement cut short fails like any other; what counts is what the runner told.
std::optional<Ending> told(const Running& running) {
    try {
        running.stop_if_told();
    } catch (const Cancelled&) {
        return Ending{.kind = Ending::Kind::cancelled};
    } catch (const Lost&) {
        return Ending{.kind = Ending::Kind::lost};
    } catch (const Stopping&) {
        return Ending{.kind = Ending::Kind::handed_back};
    }
    return std::nullopt;
}

}  // namespace

asio::awaitable<Ending> run_body(Body body, Running& running) {
    Ending ending;
    try {
        Finished finished = co_await body(running);
        static_cast<void>(finished);
    } catch (const ProblemError& error) {
        ending = {Ending::Kind::failed, error.problem().text(true), error.problem().text(false)};
    } catch (const Cancelled&) {
        ending.kind = Ending::Kind::cancelled;
    } catch (const Lost&) {
        ending.kind = Ending::Kind::lost;
    } catch (const Stopping&) {
        ending.kind = Ending::Kind::handed_back;
    } catch (const db::Error& error) {
        ending = told(running).value_or(Ending{Ending::Kind::broken, {}, error.what(), error.sqlstate()});
    } catch (const std::exception& error) {
        ending = told(running).value_or(Ending{Ending::Kind::broken, {}, error.what()});
    }
    co_return ending;
}

namespace {

asio::awaitable<std::int64_t> try_later(db::Pool& db, const Running& running, const Ending& ending) {
    const Job& job = running.job();
    log::error("jobs.attempt-failed", {{"job", job.id},
                                       {"kind", job.kind},
                                       {"attempt", std::to_string(job.attempt)},
                                       {"error", ending.text_en}});
    std::string state = ending.sqlstate.empty() ? "" : "(SQLSTATE " + ending.sqlstate + ")";
    std::string attempt = std::to_string(job.attempt);
    std::string zh = "第 " + attempt + " 次执行出错" + state + "，详见服务日志（任务号 " + job.id + "）";
    std::string en = "Attempt " + attempt + " failed" + (state.empty() ? "" : " " + state) +
                     "; see the server log for job " + job.id;
    return db.run(retry_later_sql, job.id, running.token(), backoff(job.attempt, chance()).count(), zh, en);
}

}  // namespace

asio::awaitable<void> settle(db::Pool& db, const Running& running, Ending ending) {
    const Job& job = running.job();
    const std::string& token = running.token();
    std::string none;
    std::int64_t written = 0;
    switch (ending.kind) {
        case Ending::Kind::done:
            co_return;  // the body's own last transaction wrote it
        case Ending::Kind::failed:
            written = co_await db.run(end_job_sql, job.id, token, "failed", ending.text_zh, ending.text_en);
            break;
        case Ending::Kind::cancelled:
            written = co_await db.run(end_job_sql, job.id, token, "cancelled", none, none);
            break;
        case Ending::Kind::handed_back:
            written = co_await db.run(hand_back_sql, job.id, token);
            break;
        case Ending::Kind::broken:
            written = co_await try_later(db, running, ending);
            break;
        case Ending::Kind::lost:
            break;
    }
    if (written == 0) {
        log::warn("jobs.lease-lost", {{"job", job.id}, {"kind", job.kind}});
    }
}

}  // namespace pengcheng::jobs
