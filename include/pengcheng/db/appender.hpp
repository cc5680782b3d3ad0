#pragma once

#include <pengcheng/db/pool.hpp>

#include <string>
#include <string_view>

namespace pengcheng::db {

/// A connection of its own for one writer that appends rows by binary COPY, each append one commit.
/// Thread: as Pool; one statement at a time. Lifetime: ends before its executor's context.
/// Throws: db::Error; after one, open() it anew.
class Appender : public Statements<Appender> {
public:
    Appender(asio::any_io_executor executor, std::string url);
    ~Appender();
    Appender(const Appender&) = delete;
    Appender& operator=(const Appender&) = delete;

    /// Connects; what was open before is closed, and with it goes its session's state (locks, role).
    asio::awaitable<void> open();
    void close();
    /// Whether the session still stands.
    [[nodiscard]] bool alive();

    asio::awaitable<Rows> execute(Statement statement, std::vector<Param> params);
    /// Statements without parameters or results (SET ROLE).
    asio::awaitable<void> script(std::string sql);
    /// `copy_sql` is "COPY ... FROM STDIN (FORMAT binary)", `rows` its whole stream, header and trailer
    /// included. Committed when this returns.
    asio::awaitable<void> append(std::string copy_sql, std::string_view rows);

private:
    asio::any_io_executor executor_;
    std::string url_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace pengcheng::db
