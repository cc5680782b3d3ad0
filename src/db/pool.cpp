#include <pengcheng/db/pool.hpp>

#include "db/connection.hpp"
#include "db/lane.hpp"
#include "db/replica.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

namespace pengcheng::db {

namespace {

struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    std::unique_ptr<Connection> connection;
    bool may_open = false;
};

}  // namespace

struct Mark {
    Statement statement;
    std::vector<Param> params;
    bool left = false;
};

struct PoolState : std::enable_shared_from_this<PoolState> {
    asio::any_io_executor executor;
    PoolOptions options;
    std::vector<std::unique_ptr<Connection>> idle;
    std::deque<std::shared_ptr<Waiter>> waiting;
    std::optional<ReadLane> lane;
    std::shared_ptr<Replica> replica;
    int total = 0;
    int lent = 0;
    /// PostgreSQL could not be reached: who comes before `ask_again` is told so at once. A recovery that
    /// every caller asks for a connection takes far longer.
    std::optional<Error> unreachable;
    std::chrono::steady_clock::time_point ask_again;
    static constexpr std::chrono::milliseconds ask_again_after{50};
    bool closed = false;  ///< the Pool is gone: what comes back is closed, nothing is started any more

    asio::awaitable<std::unique_ptr<Connection>> open() {
        auto connection = std::make_unique<Connection>(executor);
        bool opened = false;
        auto give_up = [this, &opened](void*) {
            if (!opened) {
                forget();
            }
        };
        std::unique_ptr<void, decltype(give_up)> guard(this, give_up);
        if (unreachable && std::chrono::steady_clock::now() < ask_again) {
            throw Error(*unreachable);
        }
        try {
            co_await connection->connect(
                options.url, {.statement_ms_max = options.statement_ms_max, .listens = options.listens});
        } catch (const Error& error) {
            unreachable = error;
            ask_again = std::chrono::steady_clock::now() + ask_again_after;
            throw;
        }
        unreachable.reset();
        opened = true;
        co_return connection;
    }

    asio::awaitable<std::unique_ptr<Connection>> wait_for_one() {
        if (waiting.size() >= static_cast<std::size_t>(options.waiting_max)) {
            throw Busy();
        }
        auto waiter = std::make_shared<Waiter>(executor);
        waiting.push_back(waiter);
        waiter->timer.expires_after(std::chrono::milliseconds(options.wait_ms_max));
        boost::system::error_code ignored;
        co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (waiter->connection) {
            co_return std::move(waiter->connection);
        }
        if (waiter->may_open) {
            co_return co_await open();
        }
        std::erase(waiting, waiter);
        throw Busy();
    }

    asio::awaitable<std::unique_ptr<Connection>> take() {
        while (!idle.empty()) {
            auto connection = std::move(idle.back());
            idle.pop_back();
            if (connection->alive()) {
                co_return connection;
            }
            --total;
        }
        if (total < options.size_max) {
            ++total;
            co_return co_await open();
        }
        co_return co_await wait_for_one();
    }

    /// Rows of a short read; nothing when it ran over and wants a connection of its own.
    asio::awaitable<std::optional<Rows>> on_lane(LaneText text, std::vector<Param> params) {
        try {
            co_return co_await lane->read(std::move(text), std::move(params));
        } catch (const Error& error) {
            if (error.sqlstate() != "57014" && !error.connection_lost()) {
                throw;
            }
        }
        co_return std::nullopt;
    }

    /// `work` on a connection of its own; once more on another one if it only reads and the first was lost.
    template <class Work>
    asio::awaitable<Rows> alone(bool again, Work& work);

    /// A lost connection seldom comes alone, and one that is about to end still looks alive: what comes next,
    /// and what is tried again, goes to a fresh one.
    void drop_idle() {
        total -= static_cast<int>(idle.size());
        idle.clear();
    }

    /// A connection was closed: its place is free for whoever waits first.
    void forget() {
        --total;
        if (!waiting.empty()) {
            auto waiter = std::move(waiting.front());
            waiting.pop_front();
            ++total;
            waiter->may_open = true;
            waiter->timer.cancel();
        }
    }

    void give_back(std::unique_ptr<Connection> connection) {
        if (connection->status() == PQTRANS_ACTIVE) {
            connection->cancel_running();
        }
        if (closed || connection->status() == PQTRANS_ACTIVE || !connection->alive()) {
            connection.reset();
            forget();
            return;
        }
        if (connection->status() != PQTRANS_IDLE) {
            spawn(executor, roll_back(shared_from_this(), std::move(connection)), "db.roll_back");
            return;
        }
        hand_on(std::move(connection));
    }

    /// An abandoned transaction lets go of its locks at once. A destructor cannot wait for the server, so
    /// this does, and the connection goes on only when it is clean.
    static asio::awaitable<void> roll_back(std::shared_ptr<PoolState> state,
                                           std::unique_ptr<Connection> connection) {
        std::exception_ptr failure;
        try {
            co_await connection->script("ROLLBACK");
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            connection.reset();
            state->forget();
            std::rethrow_exception(failure);
        }
        state->hand_on(std::move(connection));
    }

    void hand_on(std::unique_ptr<Connection> connection) {
        if (waiting.empty()) {
            idle.push_back(std::move(connection));
            return;
        }
        auto waiter = std::move(waiting.front());
        waiting.pop_front();
        waiter->connection = std::move(connection);
        waiter->timer.cancel();
    }
};

namespace {

/// Gives the connection back however the scope ends.
class Loan {
public:
    Loan(std::shared_ptr<PoolState> pool, std::unique_ptr<Connection> connection)
        : pool_(std::move(pool)), connection_(std::move(connection)) {
        ++pool_->lent;
    }
    ~Loan() {
        --pool_->lent;
        pool_->give_back(std::move(connection_));
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Connection& operator*() { return *connection_; }

private:
    std::shared_ptr<PoolState> pool_;
    std::unique_ptr<Connection> connection_;
};

/// One SELECT: to run it twice does no harm.
bool reads_only(std::string_view sql) {
    std::size_t first = sql.find_first_not_of(" \n\t");
    return first != std::string_view::npos && sql.substr(first).starts_with("SELECT");
}

constexpr Statement begin_sql{"db.begin", "BEGIN"};
constexpr Statement begin_snapshot_sql{"db.begin_snapshot",
                                       "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Statement commit_sql{"db.commit", "COMMIT"};

// A crash sets these counts back, and nothing else here does: a transaction's number that had not reached the
// log is given out again after it.
constexpr Statement transaction_id_sql{
    "db.find_transaction_id",
    "SELECT pg_current_xact_id_if_assigned()::text AS id, stats_reset::text AS since FROM pg_stat_wal"};
constexpr Statement outcome_sql{
    "db.find_outcome",
    "SELECT pg_xact_status($1::text::xid8) AS status, stats_reset::text AS since FROM pg_stat_wal"};

asio::awaitable<Transaction> begin_once(std::shared_ptr<PoolState> state, std::shared_ptr<Mark> mark,
                                        Statement statement) {
    Transaction tx(state, co_await state->take(), std::move(mark));
    std::vector<Param> none;
    co_await tx.execute(statement, std::move(none));
    co_return tx;
}

asio::awaitable<Transaction> begin_with(std::shared_ptr<PoolState> state, std::shared_ptr<Mark> mark,
                                        Statement statement) {
    try {
        co_return co_await begin_once(state, mark, statement);
    } catch (const Error& error) {
        if (!error.connection_lost()) {
            throw;
        }
    }
    // Nothing had begun on the connection that was lost.
    state->drop_idle();
    co_return co_await begin_once(state, mark, statement);
}

/// A transaction as its connection knew it before COMMIT.
struct Numbered {
    std::string id;
    std::string since;
};

enum class Outcome { committed, aborted, in_progress, nobody_knows };

/// Nothing while PostgreSQL cannot be asked.
asio::awaitable<std::optional<Outcome>> ask_outcome(std::shared_ptr<PoolState> state, Numbered tx) {
    try {
        Loan connection(state, co_await state->take());
        std::vector<Param> params{tx.id};
        Rows rows = co_await (*connection).execute(outcome_sql, params);
        std::string_view status = rows.at(0, 0).value_or("aborted");
        if (status == "aborted") {
            co_return Outcome::aborted;
        }
        if (rows.at(0, 1).value_or("") != tx.since) {
            co_return Outcome::nobody_knows;  // the number may be another transaction's by now
        }
        co_return status == "committed" ? Outcome::committed : Outcome::in_progress;
    } catch (const Error& error) {
        if (error.sqlstate() == "22023") {
            co_return Outcome::aborted;  // after a crash: the number itself never reached the log
        }
        if (!error.connection_lost()) {
            throw;
        }
    } catch (const Busy&) {
        co_return std::nullopt;  // everybody waits for the same PostgreSQL: ask again
    }
    co_return std::nullopt;
}

/// Whether a transaction whose COMMIT got no answer was committed. Throws `lost` when nobody can say.
asio::awaitable<bool> was_committed(std::shared_ptr<PoolState> state, Numbered tx, Error lost) {
    constexpr std::chrono::seconds patience{20};
    constexpr std::chrono::milliseconds pause{50};
    auto deadline = std::chrono::steady_clock::now() + patience;
    asio::steady_timer timer(state->executor);
    while (std::chrono::steady_clock::now() < deadline) {
        auto outcome = co_await ask_outcome(state, tx);
        if (outcome == Outcome::nobody_knows) {
            break;
        }
        if (outcome && *outcome != Outcome::in_progress) {
            co_return *outcome == Outcome::committed;
        }
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
    throw Error(lost);
}

}  // namespace

template <class Work>
asio::awaitable<Rows> PoolState::alone(bool again, Work& work) {
    auto self = shared_from_this();
    try {
        Loan connection(self, co_await take());
        co_return co_await work(*connection);
    } catch (const Error& error) {
        if (error.connection_lost()) {
            drop_idle();
        }
        if (!again || !error.connection_lost()) {
            throw;
        }
    }
    Loan connection(self, co_await take());
    co_return co_await work(*connection);
}

Pool::Pool(asio::any_io_executor executor, PoolOptions options) : state_(std::make_shared<PoolState>()) {
    state_->executor = std::move(executor);
    state_->options = std::move(options);
    if (state_->options.lane) {
        state_->lane.emplace(state_->executor, state_->options.url);
    }
    if (!state_->options.read_url.empty()) {
        state_->replica = Replica::watch(*this, state_->options);
    }
}
Pool::Pool(std::shared_ptr<PoolState> state, std::shared_ptr<Mark> mark)
    : state_(std::move(state)), mark_(std::move(mark)) {
}
Pool::~Pool() {
    if (mark_) {
        return;  // the connections are another's
    }
    if (state_->replica) {
        state_->replica->stop();
    }
    state_->closed = true;
    state_->lane.reset();
}

asio::awaitable<Rows> Pool::execute(Statement statement, std::vector<Param> params) {
    auto state = state_;
    if (statement.lane == Lane::shared && state->lane) {
        // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): a statement's text is a literal
        LaneText text{LaneText::Kind::named, statement.name, statement.sql.data()};
        auto rows = co_await state->on_lane(std::move(text), params);
        if (rows) {
            co_return std::move(*rows);
        }
    }
    auto work = [&](Connection& connection) { return connection.execute(statement, params); };
    co_return co_await state->alone(reads_only(statement.sql), work);
}

asio::awaitable<Rows> Pool::query(Query query) {
    auto state = state_;
    auto work = [&](Connection& connection) { return connection.query(query.sql, query.params); };
    co_return co_await state->alone(reads_only(query.sql), work);
}

asio::awaitable<Rows> Pool::short_query(Query query) {
    auto state = state_;
    if (state->lane) {
        auto hold = std::make_shared<const std::string>(query.sql);
        LaneText text{.sql = hold->c_str(), .hold = hold};
        auto rows = co_await state->on_lane(std::move(text), query.params);
        if (rows) {
            co_return std::move(*rows);
        }
    }
    auto work = [&](Connection& connection) { return connection.query(query.sql, query.params); };
    co_return co_await state->alone(true, work);
}

asio::awaitable<Rows> Pool::short_query(std::shared_ptr<const SharedQuery> query, std::vector<Param> params) {
    auto state = state_;
    if (state->lane) {
        LaneText text{.kind = LaneText::Kind::shaped,
                      .name = query->name,
                      .sql = query->sql.c_str(),
                      .several_head = query->several_head,
                      .several_tail = query->several_tail,
                      .hold = query};
        auto rows = co_await state->on_lane(std::move(text), params);
        if (rows) {
            co_return std::move(*rows);
        }
    }
    auto work = [&](Connection& connection) { return connection.query(query->sql, params); };
    co_return co_await state->alone(true, work);
}

asio::awaitable<Transaction> Pool::begin() {
    return begin_with(state_, mark_, begin_sql);
}
asio::awaitable<Transaction> Pool::begin_snapshot() {
    return begin_with(state_, mark_, begin_snapshot_sql);
}

std::shared_ptr<Pool> Pool::marking(Statement mark, std::vector<Param> params) const {
    auto made = std::make_shared<Mark>(Mark{.statement = mark, .params = std::move(params)});
    return std::shared_ptr<Pool>(new Pool(state_, std::move(made)));
}

Pool& Pool::reader() {
    Pool* replica = state_->replica ? state_->replica->fresh() : nullptr;
    return replica != nullptr ? *replica : *this;
}

PoolFigures Pool::figures() const {
    PoolFigures out{
        .in_use = state_->lent, .waiting = static_cast<int>(state_->waiting.size()), .open = state_->total};
    out.replica_in_use = state_->replica && state_->replica->fresh() != nullptr;
    if (state_->lane) {
        out.lane_in_flight = state_->lane->in_flight();
        out.lane_reads = state_->lane->reads();
        out.lane_groups = state_->lane->groups();
    }
    return out;
}
asio::any_io_executor Pool::executor() const {
    return state_->executor;
}

Transaction::Transaction(std::shared_ptr<PoolState> pool, std::unique_ptr<Connection> connection,
                         std::shared_ptr<Mark> mark)
    : pool_(std::move(pool)), connection_(std::move(connection)), mark_(std::move(mark)) {
    ++pool_->lent;
}
Transaction::Transaction(Transaction&&) noexcept = default;

Transaction& Transaction::operator=(Transaction&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(connection_, other.connection_);
    std::swap(mark_, other.mark_);
    return *this;
}

Transaction::~Transaction() {
    if (connection_) {
        --pool_->lent;
        pool_->give_back(std::move(connection_));
    }
}

asio::awaitable<Rows> Transaction::execute(Statement statement, std::vector<Param> params) {
    co_return co_await connection_->execute(statement, params);
}
asio::awaitable<Rows> Transaction::query(Query query) {
    co_return co_await connection_->query(query.sql, query.params);
}
asio::awaitable<void> Transaction::script(std::string sql) {
    co_await connection_->script(sql);
}

asio::awaitable<RowStream> Transaction::stream(Query query) {
    co_await connection_->stream_begin(query.sql, query.params);
    co_return RowStream(*connection_);
}
asio::awaitable<std::optional<Rows>> RowStream::next() {
    return connection_->stream_next();
}

asio::awaitable<void> Transaction::copy_in_begin(std::string copy_sql) {
    co_await connection_->copy_in_begin(copy_sql);
}
asio::awaitable<void> Transaction::copy_in_write(std::string_view bytes) {
    return connection_->copy_in_write(bytes);
}
asio::awaitable<std::int64_t> Transaction::copy_in_finish() {
    return connection_->copy_in_finish();
}

asio::awaitable<void> Transaction::copy_out(std::string copy_sql,
                                            std::function<asio::awaitable<void>(std::string_view)> sink) {
    co_await connection_->copy_out(copy_sql, sink);
}

asio::awaitable<void> Transaction::leave_mark() {
    Rows rows = co_await connection_->execute(mark_->statement, mark_->params);
    if (rows.affected() == 0) {
        throw Error("P0002", "the work was taken over by somebody else");
    }
}

asio::awaitable<void> Transaction::commit() {
    if (connection_->status() == PQTRANS_INERROR) {
        // PostgreSQL would answer this COMMIT with a silent ROLLBACK.
        throw Error("25P02", "commit of a failed transaction");
    }
    std::vector<Param> none;
    Rows named = co_await connection_->execute(transaction_id_sql, none);
    bool wrote = named.at(0, 0).has_value();
    Numbered tx{std::string(named.at(0, 0).value_or("")), std::string(named.at(0, 1).value_or(""))};
    bool marks = wrote && mark_ && !mark_->left;
    if (marks) {
        co_await leave_mark();
    }
    std::optional<Error> lost;
    try {
        co_await connection_->execute(commit_sql, none);
    } catch (const Error& error) {
        if (!error.connection_lost() || !wrote) {
            throw;
        }
        lost = error;
    }
    if (lost) {
        // Its place in the pool is free for the connection that asks.
        --pool_->lent;
        pool_->give_back(std::move(connection_));
        if (!co_await was_committed(pool_, std::move(tx), *lost)) {
            throw Error(*lost);
        }
    }
    if (marks) {
        mark_->left = true;
    }
}

namespace {

std::vector<Statement>& registered() {
    static std::vector<Statement> all;
    return all;
}

}  // namespace

StatementList::StatementList(std::vector<Statement> statements) {
    registered().insert(registered().end(), statements.begin(), statements.end());
}
const std::vector<Statement>& StatementList::all() {
    return registered();
}

}  // namespace pengcheng::db
