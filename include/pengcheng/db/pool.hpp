#pragma once

#include <pengcheng/db/value.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace pengcheng::db {

namespace asio = boost::asio;

class Connection;
struct PoolState;
struct Mark;

/// Typed statements over one raw `execute`; the shared face of Pool and Transaction.
/// Outcomes: find -> first row or nothing; one -> exactly one row (none: throws); all -> every row
/// (bounded by the statement's own LIMIT); run -> rows touched.
/// Throws: db::Error with the SQLSTATE; db::Busy when no connection is free.
template <class Derived>
class Statements {
public:
    template <class T, class... A>
    asio::awaitable<std::optional<T>> find(Statement statement, A... args) {
        Rows rows = co_await self().execute(statement, pack(std::move(args)...));
        if (rows.size() == 0) {
            co_return std::nullopt;
        }
        co_return row_as<T>(rows, 0);
    }
    template <class T, class... A>
    asio::awaitable<T> one(Statement statement, A... args) {
        Rows rows = co_await self().execute(statement, pack(std::move(args)...));
        if (rows.size() == 0) {
            throw Error("P0002", "no row from " + std::string(statement.name));
        }
        co_return row_as<T>(rows, 0);
    }
    template <class T, class... A>
    asio::awaitable<std::vector<T>> all(Statement statement, A... args) {
        Rows rows = co_await self().execute(statement, pack(std::move(args)...));
        std::vector<T> out;
        if (rows.size() == 0) {
            co_return out;
        }
        out.reserve(static_cast<std::size_t>(rows.size()));
        RowReader<T> row(rows);
        for (int i = 0; i < rows.size(); ++i) {
            out.push_back(row(i));
        }
        co_return out;
    }
    template <class... A>
    asio::awaitable<std::int64_t> run(Statement statement, A... args) {
        Rows rows = co_await self().execute(statement, pack(std::move(args)...));
        co_return rows.affected();
    }

private:
    Derived& self() { return static_cast<Derived&>(*this); }
    template <class... A>
    static std::vector<Param> pack(A... args) {
        std::vector<Param> params;
        params.reserve(sizeof...(A));
        (params.emplace_back(std::move(args)), ...);
        return params;
    }
};

/// Rows of one long statement as they arrive, a batch at a time, in bounded memory: about 256 KiB a batch, or
/// 16 rows where rows are large. While one batch is used, the next is on its way.
class RowStream {
public:
    explicit RowStream(Connection& connection) : connection_(&connection) {}
    /// The next batch (at least one row), or nothing at the end. Throws db::Error.
    asio::awaitable<std::optional<Rows>> next();

private:
    Connection* connection_;
};

/// One transaction on a connection of its own. Rolls back unless committed: a Transaction dropped
/// while open marks its connection, and the pool cleans it before the next use.
class Transaction : public Statements<Transaction> {
public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) noexcept;
    ~Transaction();

    asio::awaitable<Rows> execute(Statement statement, std::vector<Param> params);
    asio::awaitable<Rows> query(Query query);
    /// Several statements without parameters or results (DDL).
    asio::awaitable<void> script(std::string sql);
    /// Starts a streamed statement, a SELECT through a cursor; read it to the end before the next statement.
    asio::awaitable<RowStream> stream(Query query);
    /// `COPY ... FROM STDIN`: begin, write text or binary as the command says, finish -> rows copied.
    asio::awaitable<void> copy_in_begin(std::string copy_sql);
    asio::awaitable<void> copy_in_write(std::string_view bytes);
    asio::awaitable<std::int64_t> copy_in_finish();
    /// `COPY ... TO STDOUT`: the bytes go to `sink` as they arrive.
    asio::awaitable<void> copy_out(std::string copy_sql,
                                   std::function<asio::awaitable<void>(std::string_view)> sink);
    /// Its outcome is known when this returns; never cancelled.
    asio::awaitable<void> commit();

    explicit Transaction(std::shared_ptr<PoolState> pool, std::unique_ptr<Connection> connection,
                         std::shared_ptr<Mark> mark);

private:
    asio::awaitable<void> leave_mark();

    std::shared_ptr<PoolState> pool_;
    std::unique_ptr<Connection> connection_;
    std::shared_ptr<Mark> mark_;
};

struct PoolOptions {
    std::string url;  ///< libpq connection string
    int size_max = 8;
    int wait_ms_max = 5000;
    int waiting_max = 256;     ///< more callers waiting for a connection are refused at once
    int statement_ms_max = 0;  ///< statement_timeout of its connections; 0: none
    bool lane = false;         ///< short reads share one pipelined connection beside the others
    std::string read_url;      ///< a streaming replica, for reader(); empty: none
    int read_lag_ms_max = 2000;
    bool listens = true;  ///< hears its own changes; a replica cannot
};

/// What of a pool is in use, for /metrics.
struct PoolFigures {
    int in_use = 0, waiting = 0, open = 0;
    int lane_in_flight = 0;
    std::int64_t lane_reads = 0, lane_groups = 0;  ///< since the start; reads / groups tell the batching
    bool replica_in_use = false;
};

/// Connections to one PostgreSQL address, at most `size_max`, opened when needed.
/// Thread: one Pool per I/O thread, used on that thread only.
/// Lifetime: outlives its transactions.
/// Throws: db::Busy when none is free within wait_ms_max (HTTP 503); db::Error with the SQLSTATE.
class Pool : public Statements<Pool> {
public:
    Pool(asio::any_io_executor executor, PoolOptions options);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// One statement, its own transaction. A read that loses its connection is tried once more.
    asio::awaitable<Rows> execute(Statement statement, std::vector<Param> params);
    asio::awaitable<Rows> query(Query query);
    /// A read known to be short (by key, or an indexed page of small cost), on the lane.
    asio::awaitable<Rows> short_query(Query query);
    /// The same, prepared there under an LRU bound.
    asio::awaitable<Rows> short_query(std::shared_ptr<const SharedQuery> query, std::vector<Param> params);
    asio::awaitable<Transaction> begin();
    /// `begin` reading one snapshot throughout (REPEATABLE READ, READ ONLY).
    asio::awaitable<Transaction> begin_snapshot();

    /// The same connections for one piece of work. The first of its transactions that writes anything also
    /// runs `mark`, which must touch a row, or else nothing is committed: so it can be asked afterwards,
    /// whatever went down meanwhile, whether the work was done. Lifetime: within that of this pool.
    [[nodiscard]] std::shared_ptr<Pool> marking(Statement mark, std::vector<Param> params) const;

    /// Where reads that may lag go: the replica while it has replayed what the primary had written
    /// read_lag_ms_max ago, else this pool. Use it through from_reader().
    [[nodiscard]] Pool& reader();

    [[nodiscard]] PoolFigures figures() const;
    [[nodiscard]] asio::any_io_executor executor() const;

private:
    Pool(std::shared_ptr<PoolState> state, std::shared_ptr<Mark> mark);

    std::shared_ptr<PoolState> state_;
    std::shared_ptr<Mark> mark_;
};

/// `read` of the replica where one keeps up, and of `db` itself when that does not know the rows yet.
template <class Read>
auto from_reader(Pool& db, Read& read) -> decltype(read(db)) {
    Pool& reader = db.reader();
    if (&reader != &db) {
        try {
            co_return co_await read(reader);
        } catch (const Error& error) {
            if (!error.lags()) {
                throw;
            }
        }
    }
    co_return co_await read(db);
}

/// Every Statement named through PENGCHENG_STATEMENTS, so that a test can prepare each.
/// Usage in a .cpp, beside the statements: `PENGCHENG_STATEMENTS(publish_sql, lock_sql);`
struct StatementList {
    explicit StatementList(std::vector<Statement> statements);
    static const std::vector<Statement>& all();
};
#define PENGCHENG_STATEMENTS(...)                                 \
    static const ::pengcheng::db::StatementList statement_list_ { \
        std::vector<::pengcheng::db::Statement> {                 \
            __VA_ARGS__                                           \
        }                                                         \
    }

}  // namespace pengcheng::db
