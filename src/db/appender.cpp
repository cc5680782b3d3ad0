#include <pengcheng/db/appender.hpp>

#include "db/connection.hpp"

namespace pengcheng::db {

Appender::Appender(asio::any_io_executor executor, std::string url)
    : executor_(std::move(executor)), url_(std::move(url)) {
}
Appender::~Appender() = default;

asio::awaitable<void> Appender::open() {
    close();
    auto connection = std::make_unique<Connection>(executor_);
    co_await connection->connect(url_, {.listens = false});
    connection_ = std::move(connection);
}

void Appender::close() {
    connection_.reset();
}

bool Appender::alive() {
    return connection_ && connection_->status() == PQTRANS_IDLE && connection_->alive();
}

asio::awaitable<Rows> Appender::execute(Statement statement, std::vector<Param> params) {
    co_return co_await connection_->execute(statement, params);
}

asio::awaitable<void> Appender::script(std::string sql) {
    co_await connection_->script(sql);
}

asio::awaitable<void> Appender::append(std::string copy_sql, std::string_view rows) {
    co_await connection_->copy_in_begin(copy_sql);
    co_await connection_->copy_in_write(rows);
    co_await connection_->copy_in_finish();
}

}  // namespace pengcheng::db
