#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pengcheng::jobs {

namespace asio = boost::asio;

struct Job {
    std::string id;
    std::string kind;          ///< "ingest.load", "quality.run", ...
    std::string organization;  ///< whose work it is
    std::string state;         ///< queued, running, done, failed, cancelled, dead
    std::string object;        ///< resource ref or the like, for look-up
    Json payload;
    Json result;  ///< set when done
    std::string error_zh, error_en;
    std::int64_t done = 0, total = 0;
    std::string stage;  ///< short word for people: reading, loading, checking
    double rate = 0;    ///< of `done` per second in this stage
    int attempt = 0;
    int priority = 0;
    std::string schedule;                             ///< code of the schedule that fired it, or empty
    std::string due_at;                               ///< when that was due, or empty: run by hand
    std::string run_at;                               ///< not taken before
    std::string created_at, started_at, finished_at;  ///< RFC 3339, or empty
};

struct NewJob {
    std::string kind;
    std::string organization;
    std::string object;
    Json payload;
    std::string unique_key;  ///< a second live job of the same key is not made; the first is returned
    int priority = 0;        ///< of all departments' waiting jobs, the highest goes first
    bool in_order = false;   ///< not begun before the earlier jobs of its kind and object have ended
};

/// Priorities in use: people wait for a preview, nobody for the nightly work.
inline constexpr int interactive_priority = 10;
inline constexpr int background_priority = -10;

/// Puts a job in the queue within the caller's transaction -> job id.
asio::awaitable<std::string> enqueue(db::Transaction& tx, const Principal& who, NewJob job);
/// A failed, dead or cancelled job goes back to the queue with fresh attempts. The job as it stands then.
asio::awaitable<Result<Job>> retry(db::Pool& db, const Principal& who, std::string id);
struct Filter {
    std::string kind, object, state;
    std::string organization;  ///< empty: all
    std::string before_id;     ///< cursor
    int limit = 50;
};
asio::awaitable<std::vector<Job>> list(db::Pool& db, Filter filter);  ///< newest first
Json to_json(const Job& job);                                         ///< as the API shows it: no payload
asio::awaitable<std::optional<Job>> find(db::Pool& db, std::string id);
asio::awaitable<std::optional<Job>> latest(db::Pool& db, std::string kind, std::string object);
/// A waiting job ends at once; a running one within a second, its statement cancelled. The job
/// as it stands then.
asio::awaitable<Result<Job>> cancel(db::Pool& db, const Principal& who, std::string id);

/// Forgets jobs that ended well or were cancelled 30 days ago, failed and given-up ones after 180 -> how
/// many.
asio::awaitable<std::int64_t> prune(db::Transaction& tx, Time now);

/// The queue in figures, for /metrics.
struct KindGauge {
    std::string kind;
    std::int64_t queued = 0, running = 0, dead = 0;
};
struct Gauges {
    std::int64_t queued = 0, running = 0, dead = 0;
    double oldest_queued_s = 0;  ///< how long the oldest job that may run has waited
    std::vector<KindGauge> kinds;
};
asio::awaitable<Gauges> gauges(db::Pool& db);

/// Proof that a body ended its work in a transaction that its lease fenced: only Context::finish() gives it.
class [[nodiscard]] Finished {
    friend class Context;
    Finished() = default;
};

/// What a job body works with. Every body is safe to run again from the start.
class Context {
public:
    virtual ~Context() = default;
    [[nodiscard]] virtual const Job& job() const = 0;
    /// Connections of this attempt alone: cancelling the job cancels what runs on them, and whoever takes the
    /// job over closes them. Nothing written outside begin() and finish() is fenced.
    [[nodiscard]] virtual db::Pool& db() = 0;
    [[nodiscard]] virtual const Runtime& runtime() const = 0;
    /// Saves progress at most twice a second; throws Cancelled when the job was cancelled, Lost when its
    /// lease is another's.
    virtual asio::awaitable<void> progress(std::string_view stage, std::int64_t done, std::int64_t total) = 0;
    /// Runs CPU work on the shared, niced worker pool and returns to the job's thread. Keep a slice under
    /// 50 ms: a job is not cancelled within one.
    virtual asio::awaitable<void> cpu(std::function<void()> work) = 0;
    /// Until `tx` ends nobody takes the job over. Throws Lost unless this worker still holds the lease.
    virtual asio::awaitable<void> fence(db::Transaction& tx) = 0;
    /// The end of every body: marks the job done with `result` in the body's last transaction, if this worker
    /// still holds the lease (otherwise Lost), and commits it.
    virtual asio::awaitable<Finished> finish(db::Transaction tx, Json result) = 0;

    /// A fenced transaction, for what a body writes before its last one.
    asio::awaitable<db::Transaction> begin();

protected:
    static Finished finished() { return {}; }
};

struct Cancelled {};
struct Lost {};

using Body = std::function<asio::awaitable<Finished>(Context&)>;
/// kind -> body. A body that throws ProblemError fails for good with that reason; any other exception is
/// retried.
using Bodies = std::map<std::string, Body>;

/// Takes jobs of the queue and runs them on its own thread and pool until stop(). A db::Listener of the
/// process wakes it when a job is put in; without one it looks twice a second.
class Runner {
public:
    Runner(const Runtime& runtime, Bodies bodies);
    ~Runner();
    void start();
    void stop();  ///< hands leases back

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pengcheng::jobs
