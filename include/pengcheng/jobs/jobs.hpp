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
    std::string created_at, started_at, finished_at;
};

struct NewJob {
    std::string kind;
    std::string organization;
    std::string object;
    Json payload;
    std::string unique_key;  ///< a second live job of the same key is not made; the first is returned
    int priority = 0;
};

/// Puts a job in the queue within the caller's transaction -> job id.
asio::awaitable<std::string> enqueue(db::Transaction& tx, const Principal& who, NewJob job);
/// Tells the runner of this process to look at the queue now and in the next second; enqueue() calls it.
/// Thread-safe; nothing happens without a runner.
void wake();
/// A failed, dead or cancelled job goes back to the queue with fresh attempts.
asio::awaitable<Result<void>> retry(db::Pool& db, const Principal& who, std::string id);
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
asio::awaitable<Result<void>> cancel(db::Pool& db, const Principal& who, std::string id);

/// What a job body works with. Every body is safe to run again from the start.
class Context {
public:
    virtual ~Context() = default;
    [[nodiscard]] virtual const Job& job() const = 0;
    [[nodiscard]] virtual db::Pool& db() = 0;
    [[nodiscard]] virtual const Runtime& runtime() const = 0;
    /// Saves progress at most twice a second; throws Cancelled when the job was cancelled or its lease lost.
    virtual asio::awaitable<void> progress(std::string_view stage, std::int64_t done, std::int64_t total) = 0;
    /// Runs CPU work on the shared, niced worker pool and returns to the job's thread.
    virtual asio::awaitable<void> cpu(std::function<void()> work) = 0;
    /// Inside the body's last transaction, near its end: locks the job until commit, so that nobody takes it
    /// over meanwhile. Throws Lost unless this worker still holds the lease (fencing).
    virtual asio::awaitable<void> fence(db::Transaction& tx) = 0;
    /// Marks the job done with `result` in the body's own last transaction.
    virtual asio::awaitable<void> finish(db::Transaction& tx, Json result) = 0;
};

struct Cancelled {};
struct Lost {};

using Body = std::function<asio::awaitable<void>(Context&)>;
/// kind -> body. A body that throws ProblemError fails for good with that reason; any other exception is
/// retried.
using Bodies = std::map<std::string, Body>;

/// Takes jobs of the queue and runs them on its own thread and pool until stop().
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
