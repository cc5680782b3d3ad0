#include "db/replica.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

namespace pengcheng::db {

namespace {

constexpr std::chrono::milliseconds look_every{200};
constexpr std::size_t notes_max = 512;

constexpr Statement written_sql{"db.written_place", "SELECT (pg_current_wal_lsn() - '0/0')::bigint"};
constexpr Statement replayed_sql{"db.replayed_place", R"sql(
    SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
            - '0/0')::bigint
)sql"};

PoolOptions options_of_replica(const PoolOptions& options) {
    PoolOptions out = options;
    out.url = options.read_url;
    out.read_url.clear();
    out.listens = false;
    return out;
}

}  // namespace

Replica::Replica(Pool& primary, const PoolOptions& options)
    : primary_(primary),
      pool_(primary.executor(), options_of_replica(options)),
      timer_(primary.executor()),
      lag_max_(options.read_lag_ms_max) {
}

std::shared_ptr<Replica> Replica::watch(Pool& primary, const PoolOptions& options) {
    auto out = std::make_shared<Replica>(primary, options);
    spawn(primary.executor(), run(out), "db.replica");
    return out;
}

Pool* Replica::fresh() {
    auto lag = std::chrono::steady_clock::now() - caught_up_with_;
    return !stopped_ && caught_up_with_ != Moment{} && lag <= lag_max_ ? &pool_ : nullptr;
}

void Replica::stop() {
    stopped_ = true;
    timer_.cancel();
}

asio::awaitable<void> Replica::run(std::shared_ptr<Replica> self) {
    bool told = false;
    while (!self->stopped_) {
        std::string failure;
        try {
            co_await self->look();
            told = false;
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) {
            self->caught_up_with_ = {};
            if (!std::exchange(told, true)) {
                log::warn("db.replica-lost", {{"error", failure}});
            }
        }
        if (self->stopped_) {
            co_return;
        }
        self->timer_.expires_after(look_every);
        boost::system::error_code stopped;
        co_await self->timer_.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
    }
}

asio::awaitable<void> Replica::look() {
    Moment at = std::chrono::steady_clock::now();
    notes_.push_back({co_await primary_.one<std::int64_t>(written_sql), at});
    if (notes_.size() > notes_max) {
        notes_.pop_front();
    }
    std::int64_t replayed = co_await pool_.one<std::int64_t>(replayed_sql);
    while (!notes_.empty() && notes_.front().place <= replayed) {
        caught_up_with_ = notes_.front().at;
        notes_.pop_front();
    }
}

PENGCHENG_STATEMENTS(written_sql, replayed_sql);

}  // namespace pengcheng::db
