#pragma once

#include <pengcheng/db/value.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <libpq-fe.h>

#include <functional>
#include <list>
#include <string>
#include <unordered_map>

namespace pengcheng::db {

namespace asio = boost::asio;

/// The error of a result or of the connection itself.
[[noreturn]] void throw_error(PGconn* connection, const PGresult* result);

/// One libpq connection driven by its executor. Used by one coroutine at a time.
class Connection {
public:
    explicit Connection(asio::any_io_executor executor);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    asio::awaitable<void> connect(std::string url, int statement_ms_max);
    /// Prepared under the statement's name, at most `prepared_max` kept.
    asio::awaitable<Rows> execute(Statement statement, const std::vector<Param>& params);
    asio::awaitable<Rows> query(const std::string& sql, const std::vector<Param>& params);
    asio::awaitable<void> script(const std::string& sql);

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

    static constexpr std::size_t prepared_max = 256;

private:
    asio::awaitable<void> flush();
    asio::awaitable<PGresult*> next_result();
    /// Reads to the end of the command; the last result, or throws the first error.
    asio::awaitable<Rows> finish_command();
    asio::awaitable<void> prepare(Statement statement);
    void send(int accepted);
    asio::awaitable<void> wait(asio::posix::stream_descriptor::wait_type what);

    asio::any_io_executor executor_;
    asio::posix::stream_descriptor socket_;
    PGconn* connection_ = nullptr;
    std::list<std::string> recent_;  ///< prepared names, newest first
    std::unordered_map<std::string, std::list<std::string>::iterator> prepared_;
};

}  // namespace pengcheng::db
