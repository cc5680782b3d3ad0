#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <memory>

namespace pengcheng::db {

/// The pool of a streaming replica and how far it is behind: every `look_every` the primary's place in the
/// write-ahead log is noted with the time, and the replica has caught up with the newest note it has
/// replayed. That needs no clock but ours and tells the truth when replication stands still. Thread: the
/// primary pool's.
class Replica : public std::enable_shared_from_this<Replica> {
public:
    static std::shared_ptr<Replica> watch(Pool& primary, const PoolOptions& options);
    explicit Replica(Pool& primary, const PoolOptions& options);

    /// The replica's pool while its lag is within the bound; nothing otherwise.
    [[nodiscard]] Pool* fresh();
    void stop();

private:
    using Moment = std::chrono::steady_clock::time_point;
    struct Note {
        std::int64_t place;
        Moment at;
    };
    static asio::awaitable<void> run(std::shared_ptr<Replica> self);
    asio::awaitable<void> look();

    Pool& primary_;
    Pool pool_;
    asio::steady_timer timer_;
    std::chrono::milliseconds lag_max_;
    std::deque<Note> notes_;
    Moment caught_up_with_{};  ///< when the primary was where the replica is now
    bool stopped_ = false;
};

}  // namespace pengcheng::db
