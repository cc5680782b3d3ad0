#include "jobs/running.hpp"

#include "jobs/lease.hpp"

#include <pengcheng/base/log.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::jobs {

namespace {

constexpr db::Statement save_progress_sql{"jobs.save_progress", R"sql(
    UPDATE jobs.job
       SET stage = $3, done = $4::bigint, total = $5::bigint, rate = $6::float8,
           lease_until = now() + $7::int * interval '1 second'
     WHERE id = $1::uuid AND lease_token = $2::uuid
 RETURNING cancel_requested
)sql"};

constexpr db::Statement lock_lease_sql{"jobs.lock_lease", R"sql(
    SELECT id FROM jobs.job WHERE id = $1::uuid AND lease_token = $2::uuid FOR UPDATE
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
           run_at = now() + $3::int * interval '1 second',
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
    if (fenced_ || (!next_stage && now - saved_at_ < progress_every)) {
        co_return;
    }
    saved_at_ = now;
    auto cancel_requested = co_await db_.find<bool>(save_progress_sql, job_.id, token_, job_.stage, done,
                                                    total, job_.rate, lease_seconds);
    lost_ = lost_ || !cancel_requested;
    cancelled_ = cancelled_ || cancel_requested.value_or(false);
    stop_if_told();
}

asio::awaitable<void> Running::cpu(std::function<void()> work) {
    return asio::co_spawn(workers_.get_executor(), run_here(std::move(work)), asio::use_awaitable);
}

asio::awaitable<void> Running::fence(db::Transaction& tx) {
    auto held = co_await tx.find<std::string>(lock_lease_sql, job_.id, token_);
    if (!held) {
        throw Lost{};
    }
    fenced_ = true;
}

asio::awaitable<void> Running::finish(db::Transaction& tx, Json result) {
    result_ = result;
    if (co_await tx.run(finish_job_sql, job_.id, token_, std::move(result), job_.stage, job_.done,
                        job_.total) == 0) {
        throw Lost{};
    }
    fenced_ = true;
}

asio::awaitable<Ending> run_body(Body body, Running& running) {
    Ending ending;
    try {
        co_await body(running);
    } catch (const ProblemError& error) {
        ending = {Ending::Kind::failed, error.problem().text(true), error.problem().text(false)};
    } catch (const Cancelled&) {
        ending.kind = Ending::Kind::cancelled;
    } catch (const Lost&) {
        ending.kind = Ending::Kind::lost;
    } catch (const Stopping&) {
        ending.kind = Ending::Kind::handed_back;
    } catch (const std::exception& error) {
        ending = {Ending::Kind::broken, {}, error.what()};
    }
    co_return ending;
}

asio::awaitable<void> settle(db::Pool& db, const Running& running, Ending ending) {
    const Job& job = running.job();
    const std::string& token = running.token();
    std::string none;
    switch (ending.kind) {
        case Ending::Kind::done:
            // No row when the body's own transaction did it.
            co_await db.run(finish_job_sql, job.id, token, running.result(), job.stage, job.done, job.total);
            break;
        case Ending::Kind::failed:
            co_await db.run(end_job_sql, job.id, token, "failed", ending.text_zh, ending.text_en);
            break;
        case Ending::Kind::cancelled:
            co_await db.run(end_job_sql, job.id, token, "cancelled", none, none);
            break;
        case Ending::Kind::handed_back:
            co_await db.run(hand_back_sql, job.id, token);
            break;
        case Ending::Kind::lost:
            log::warn("jobs.lease-lost", {{"job", job.id}, {"kind", job.kind}});
            break;
        case Ending::Kind::broken: {
            log::error("jobs.attempt-failed", {{"job", job.id},
                                               {"kind", job.kind},
                                               {"attempt", std::to_string(job.attempt)},
                                               {"error", ending.text_en}});
            std::string zh =
                "第 " + std::to_string(job.attempt) + " 次执行出错,详见服务日志(任务号 " + job.id + ")";
            std::string en =
                "Attempt " + std::to_string(job.attempt) + " failed; see the server log for job " + job.id;
            co_await db.run(retry_later_sql, job.id, token, backoff_seconds(job.attempt), zh, en);
            break;
        }
    }
}

}  // namespace pengcheng::jobs
