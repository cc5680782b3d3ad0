#pragma once

#include <pengcheng/jobs/jobs.hpp>

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <string>

namespace pengcheng::jobs {

/// Thrown by progress() while the runner stops: the job goes back to the queue.
struct Stopping {};

/// Name of the connections of one attempt. Whoever takes a job over knows the lease it had, and so whose
/// connections to close.
std::string session_name(const std::string& token);

/// One job at work in this process. Lives on the jobs thread.
class Running : public Context {
public:
    /// `shared` is the runner's own pool, for progress.
    Running(const Runtime& runtime, db::Pool& shared, asio::thread_pool& workers, Job job, std::string token);

    [[nodiscard]] const Job& job() const override { return job_; }
    [[nodiscard]] db::Pool& db() override { return own_; }
    [[nodiscard]] const Runtime& runtime() const override { return runtime_; }
    asio::awaitable<void> progress(std::string_view stage, std::int64_t done, std::int64_t total) override;
    asio::awaitable<void> cpu(std::function<void()> work) override;
    asio::awaitable<void> fence(db::Transaction& tx) override;
    asio::awaitable<Finished> finish(db::Transaction tx, Json result) override;

    [[nodiscard]] const std::string& token() const { return token_; }
    /// Told by the runner: someone cancelled the job, another worker has it, this process stops.
    void cancel() { cancelled_ = true; }
    void lose() { lost_ = true; }
    void stop() { stopping_ = true; }
    /// Whether statements of the body are to be cut short now. Its last COMMIT never is.
    [[nodiscard]] bool to_be_cut() const { return (cancelled_ || lost_ || stopping_) && !finishing_; }
    /// Throws what the runner told.
    void stop_if_told() const;

private:
    const Runtime& runtime_;
    db::Pool& shared_;
    db::Pool own_;
    asio::thread_pool& workers_;
    Job job_;
    std::string token_;
    bool cancelled_ = false, lost_ = false, stopping_ = false;
    bool finishing_ = false;
    std::chrono::steady_clock::time_point saved_at_{};
    std::chrono::steady_clock::time_point stage_began_{};
    std::int64_t stage_first_ = 0;
};

/// How a body ended.
struct Ending {
    enum class Kind { done, failed, cancelled, lost, handed_back, broken };
    Kind kind = Kind::done;
    std::string text_zh, text_en;  ///< failed: why; broken: what the log says
    std::string sqlstate;          ///< broken by the database
};

/// Runs the body; nothing escapes.
asio::awaitable<Ending> run_body(Body body, Running& running);
/// Writes the ending, if this worker still holds the job.
asio::awaitable<void> settle(db::Pool& db, const Running& running, Ending ending);

}  // namespace pengcheng::jobs
