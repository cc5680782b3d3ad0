#pragma once

#include "db/prepared.hpp"

#include <pengcheng/db/value.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <libpq-fe.h>

#include <functional>
#include <string>
#include <vector>

namespace pengcheng::db {

namespace asio = boost::asio;

/// The error of a result or of the connection itself.
Error error_of(PGconn* connection, const PGresult* result);
[[noreturn]] void throw_error(PGconn* connection, const PGresult* result);

/// Throws Error 22021, PostgreSQL's own for it, where a text holds U+0000: libpq takes C strings and would
/// bind what stands before it.
void refuse_nul(const std::vector<Param>& params);

/// Parameters as libpq takes them. Lifetime: within that of `params`. Throws as refuse_nul.
struct Parameters {
    explicit Parameters(const std::vector<Param>& params);
    [[nodiscard]] int size() const { return static_cast<int>(values.size()); }
    std::vector<const char*> values;
};

struct ConnectOptions {
    int statement_ms_max = 0;  ///< 0: none
    /// Hears what its own transactions change before their commit returns.
    bool listens = true;
};

/// One libpq connection driven by its executor. Used by one coroutine at a time.
class Connection {
public:
    explicit Connection(asio::any_io_executor executor);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    asio::awaitable<void> connect(std::string url, ConnectOptions options);
    /// Prepared once, at most `prepared_max` kept; a statement lost outside a transaction is prepared anew.
    asio::awaitable<Rows> execute(Statement statement, const std::vector<Param>& params);
    asio::awaitable<Rows> query(const std::string& sql, const std::vector<Param>& params);
    asio::awaitable<void> script(const std::string& sql);

    /// A SELECT through a cursor, anything else row by row.
    asio::awaitable<void> stream_begin(const std::string& sql, const std::vector<Param>& params);
    asio::awaitable<std::optional<Rows>> stream_next();

    asio::awaitable<void> copy_in_begin(const std::string& sql);
    asio::awaitable<void> copy_in_write(std::string_view bytes);
    asio::awaitable<std::int64_t> copy_in_finish();
    asio::awaitable<void> copy_out(const std::string& sql,
                                   const std::function<asio::awaitable<void>(std::string_view)>& sink);

    [[nodiscard]] PGTransactionStatusType status() const { return PQtransactionStatus(connection_); }
    /// Whether an idle connection still stands: notices a server that went away meanwhile.
    [[nodiscard]] bool alive();
    /// Stops what runs on the server; the connection is to be closed after.
    void cancel_running();
    /// Hands on the notifications that came with what was read.
    void take_notifications();

    // For ReadLane and Listener, which drive libpq themselves.
    [[nodiscard]] PGconn* native() { return connection_; }
    [[nodiscard]] asio::posix::stream_descriptor& socket() { return socket_; }
    void enter_pipeline();
    asio::awaitable<void> wait(asio::posix::stream_descriptor::wait_type what);

    static constexpr std::size_t prepared_max = 256;

private:
    [[nodiscard]] asio::posix::stream_descriptor socket_of(PGconn* connection) const;
    asio::awaitable<void> flush();
    asio::awaitable<PGresult*> next_result();
    /// Reads to the end of the command; the last result, or throws the first error.
    asio::awaitable<Rows> finish_command();
    asio::awaitable<std::string> prepare(Statement statement);
    asio::awaitable<Rows> execute_prepared(Statement statement, const std::vector<Param>& params);
    asio::awaitable<void> fetch();
    asio::awaitable<std::optional<Rows>> next_fetched();
    asio::awaitable<std::optional<Rows>> next_single_rows();
    void send(int accepted);

    asio::any_io_executor executor_;
    asio::posix::stream_descriptor socket_;
    PGconn* connection_ = nullptr;
    PreparedNames prepared_{"p", prepared_max};
    int fetch_rows_ = 0;  ///< asked for by the FETCH under way; 0: no cursor is open
};

}  // namespace pengcheng::db
