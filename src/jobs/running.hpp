#pragma once

#include <pengcheng/jobs/jobs.hpp>

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <string>

namespace pengcheng::jobs {

/// Thrown by progress() while the runner stops: the job goes back to the queue.
struct Stopping {};

/// One job at work in this process. Lives on the jobs thread.
class Running : public Context {
public:
    Running(const Runtime& runtime, db::Pool& db, asio::thread_pool& workers, Job job, std::string token)
        : runtime_(runtime), db_(db), workers_(workers), job_(std::move(job)), token_(std::move(token)) {}

    [[nodiscard]] const Job& job() const override { return job_; }
    [[nodiscard]] db::Pool& db() override { return db_; }
    [[nodiscard]] const Runtime& runtime() const override { return runtime_; }
    asio::awaitable<void> progress(std::string_view stage, std::int64_t done, std::int64_t total) override;
    asio::awaitable<void> cpu(std::function<void()> work) override;
    asio::awaitable<void> fence(db::Transaction& tx) override;
    asio::awaitable<void> finish(db::Transaction& tx, Json result) override;

    [[nodiscard]] const std::string& token() const { return token_; }
    [[nodiscard]] const Json& result() const { return result_; }
    /// Told by the runner: someone cancelled the job, another worker has it, this process stops.
    void cancel() { cancelled_ = true; }
    void lose() { lost_ = true; }
    void stop() { stopping_ = true; }

private:
    void stop_if_told() const;

    const Runtime& runtime_;
    db::Pool& db_;
    asio::thread_pool& workers_;
    Job job_;
    std::string token_;
    Json result_;
    bool cancelled_ = false, lost_ = false, stopping_ = false;
    bool fenced_ = false;  ///< the body's transaction holds the row: a second connection would wait for it
    std::chrono::steady_clock::time_point saved_at_{};
    std::chrono::steady_clock::time_point stage_began_{};
    std::int64_t stage_first_ = 0;
};

/// How a body ended.
struct Ending {
    enum class Kind { done, failed, cancelled, lost, handed_back, broken };
    Kind kind = Kind::done;
    std::string text_zh, text_en;  ///< failed: why; broken: what the log says
};

/// Runs the body; nothing escapes.
asio::awaitable<Ending> run_body(Body body, Running& running);
/// Writes the ending, if this worker still holds the job.
asio::awaitable<void> settle(db::Pool& db, const Running& running, Ending ending);

}  // namespace pengcheng::jobs
