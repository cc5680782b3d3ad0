#include "db/connection.hpp"

#include "db/notified.hpp"

#include <pengcheng/base/log.hpp>

#include <algorithm>
#include <array>
#include <thread>

#include <fcntl.h>
#include <poll.h>

namespace pengcheng::db {

namespace {

// A batch of a stream is about this large. Large rows: few at a time, before their size is known.
constexpr std::size_t batch_bytes = 256 * 1024;
constexpr int first_fetch_rows = 64;
constexpr int fetch_rows_max = 4000;

bool failed(const PGresult* result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

std::string field(const PGresult* result, int code) {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
    return text == nullptr ? "" : text;
}

}  // namespace

void refuse_nul(const std::vector<Param>& params) {
    for (const Param& param : params) {
        if (param.text && param.text->find('\0') != std::string::npos) {
            throw Error("22021", "a parameter holds U+0000");
        }
    }
}

Parameters::Parameters(const std::vector<Param>& params) {
    refuse_nul(params);
    values.reserve(params.size());
    for (const Param& param : params) {
        values.push_back(param.text ? param.text->c_str() : nullptr);
    }
}

Error error_of(PGconn* connection, const PGresult* result) {
    std::string state = field(result, PG_DIAG_SQLSTATE);
    if (state.empty()) {
        state = "08006";
    }
    std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) {
        message = connection == nullptr ? "no connection" : PQerrorMessage(connection);
    }
    return {state, message, field(result, PG_DIAG_CONSTRAINT_NAME)};
}

void throw_error(PGconn* connection, const PGresult* result) {
    throw error_of(connection, result);
}

Connection::Connection(asio::any_io_executor executor) : executor_(executor), socket_(executor) {
}

Connection::~Connection() {
    PQfinish(connection_);
}

/// A handle of our own for libpq's socket: libpq closes its own when the connection is lost, and by the time
/// we stop waiting its number may be another socket's.
asio::posix::stream_descriptor Connection::socket_of(PGconn* connection) const {
    int own = ::fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
        throw boost::system::system_error(errno, boost::system::system_category(), "PostgreSQL's socket");
    }
    return {executor_, own};
}

asio::awaitable<void> Connection::wait(asio::posix::stream_descriptor::wait_type what) {
    co_await socket_.async_wait(what, asio::use_awaitable);
}

asio::awaitable<void> Connection::connect(std::string url, ConnectOptions asked) {
    // Whole streams go through cursors, so they are planned for all their rows.
    std::string options =
        "-c TimeZone=Asia/Shanghai -c DateStyle=ISO -c client_min_messages=warning -c "
        "cursor_tuple_fraction=1";
    if (asked.statement_ms_max > 0) {
        options += " -c statement_timeout=" + std::to_string(asked.statement_ms_max);
    }
    // What stands before dbname is a default that the URL may replace.
    const std::array<const char*, 6> names{"application_name", "dbname",          "options",
                                           "client_encoding",  "connect_timeout", nullptr};
    const std::array<const char*, 6> values{"pengcheng", url.c_str(), options.c_str(), "UTF8", "5", nullptr};
    connection_ = PQconnectStartParams(names.data(), values.data(), 1);
    if (connection_ == nullptr || PQstatus(connection_) == CONNECTION_BAD) {
        throw_error(connection_, nullptr);
    }
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED) {
            throw_error(connection_, nullptr);
        }
        // libpq may change its socket between two polls, so each wait takes the present one.
        socket_ = socket_of(connection_);
        boost::system::error_code error;
        co_await socket_.async_wait(next == PGRES_POLLING_READING ? socket_.wait_read : socket_.wait_write,
                                    asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            throw boost::system::system_error(error);
        }
        next = PQconnectPoll(connection_);
    }
    PQsetnonblocking(connection_, 1);
    PQsetNoticeProcessor(
        connection_, [](void*, const char* text) { log::debug("db.notice", {{"text", text}}); }, nullptr);
    socket_ = socket_of(connection_);
    if (asked.listens) {
        co_await script("LISTEN " + std::string(changes_channel));
    }
}

void Connection::enter_pipeline() {
    if (PQenterPipelineMode(connection_) == 0) {
        throw_error(connection_, nullptr);
    }
}

void Connection::take_notifications() {
    while (PGnotify* note = PQnotifies(connection_)) {
        notified(note->relname, note->extra);
        PQfreemem(note);
    }
}

bool Connection::alive() {
    pollfd ready{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 0) > 0 && PQconsumeInput(connection_) == 0) {
        return false;
    }
    take_notifications();
    return PQstatus(connection_) == CONNECTION_OK;
}

void Connection::cancel_running() {
    PGcancel* cancel = PQgetCancel(connection_);
    if (cancel == nullptr) {
        return;
    }
    // libpq 15's PQcancel blocks, so it leaves the I/O thread.
    static asio::thread_pool workers(1);
    asio::post(workers, [cancel] {
        std::array<char, 256> error{};
        PQcancel(cancel, error.data(), error.size());
        PQfreeCancel(cancel);
    });
}

void Connection::send(int accepted) {
    if (accepted == 0) {
        throw_error(connection_, nullptr);
    }
}

asio::awaitable<void> Connection::flush() {
    while (true) {
        int left = PQflush(connection_);
        if (left < 0) {
            throw_error(connection_, nullptr);
        }
        if (left == 0) {
            co_return;
        }
        // The server may stop reading while it waits for us to read: take what it sent, too.
        pollfd ready{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, 0) > 0) {
            PQconsumeInput(connection_);
        }
        co_await wait(socket_.wait_write);
    }
}

asio::awaitable<PGresult*> Connection::next_result() {
    while (PQisBusy(connection_) != 0) {
        co_await wait(socket_.wait_read);
        if (PQconsumeInput(connection_) == 0) {
            throw_error(connection_, nullptr);
        }
    }
    co_return PQgetResult(connection_);
}

asio::awaitable<Rows> Connection::finish_command() {
    co_await flush();
    Rows last;
    std::optional<Error> error;
    while (PGresult* result = co_await next_result()) {
        Rows rows(std::vector<void*>{result});
        if (failed(result) && !error) {
            try {
                throw_error(connection_, result);
            } catch (const Error& caught) {
                error = caught;
            }
        }
        last = std::move(rows);
        if (PQstatus(connection_) == CONNECTION_BAD) {
            break;
        }
    }
    take_notifications();
    if (error) {
        throw Error(*error);
    }
    co_return last;
}

asio::awaitable<std::string> Connection::prepare(Statement statement) {
    auto [place, fresh] = prepared_.use(statement.name);
    std::string name = place;
    if (!fresh) {
        co_return name;
    }
    std::string sql(statement.sql);
    std::exception_ptr failure;
    try {
        for (const std::string& evicted : prepared_.take_evicted()) {
            co_await script("DEALLOCATE " + evicted);
        }
        send(PQsendPrepare(connection_, name.c_str(), sql.c_str(), 0, nullptr));
        co_await finish_command();
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        prepared_.forget(statement.name);
        std::rethrow_exception(failure);
    }
    co_return name;
}

asio::awaitable<Rows> Connection::execute_prepared(Statement statement, const std::vector<Param>& params) {
    std::string name = co_await prepare(statement);
    Parameters bound(params);
    send(PQsendQueryPrepared(connection_, name.c_str(), bound.size(), bound.values.data(), nullptr, nullptr,
                             0));
    co_return co_await finish_command();
}

asio::awaitable<Rows> Connection::execute(Statement statement, const std::vector<Param>& params) {
    bool alone = status() == PQTRANS_IDLE;
    try {
        co_return co_await execute_prepared(statement, params);
    } catch (const Error& error) {
        if (!error.statement_lost()) {
            throw;
        }
        prepared_.forget(statement.name);
        if (!alone) {
            throw;  // its transaction is lost, too; whoever runs it again finds the statement prepared anew
        }
    }
    co_return co_await execute_prepared(statement, params);
}

asio::awaitable<Rows> Connection::query(const std::string& sql, const std::vector<Param>& params) {
    Parameters bound(params);
    send(PQsendQueryParams(connection_, sql.c_str(), bound.size(), nullptr, bound.values.data(), nullptr,
                           nullptr, 0));
    co_return co_await finish_command();
}

asio::awaitable<void> Connection::script(const std::string& sql) {
    send(PQsendQuery(connection_, sql.c_str()));
    co_await finish_command();
}

asio::awaitable<void> Connection::stream_begin(const std::string& sql, const std::vector<Param>& params) {
    if (sql.starts_with("SELECT")) {
        co_await query("DECLARE stream NO SCROLL CURSOR FOR " + sql, params);
        fetch_rows_ = first_fetch_rows;
        co_await fetch();
        co_return;
    }
    Parameters bound(params);
    send(PQsendQueryParams(connection_, sql.c_str(), bound.size(), nullptr, bound.values.data(), nullptr,
                           nullptr, 0));
    send(PQsetSingleRowMode(connection_));
    co_await flush();
}

asio::awaitable<void> Connection::fetch() {
    std::string sql = "FETCH " + std::to_string(fetch_rows_) + " FROM stream";
    send(PQsendQuery(connection_, sql.c_str()));
    co_await flush();
}

asio::awaitable<std::optional<Rows>> Connection::next_fetched() {
    Rows rows = co_await finish_command();
    if (rows.size() < fetch_rows_) {
        fetch_rows_ = 0;
        co_await script("CLOSE stream");
    } else {
        std::size_t each = rows.bytes() / static_cast<std::size_t>(rows.size()) + 1;
        fetch_rows_ = std::clamp(static_cast<int>(batch_bytes / each), 16, fetch_rows_max);
        co_await fetch();
    }
    if (rows.size() == 0) {
        co_return std::nullopt;
    }
    co_return rows;
}

asio::awaitable<std::optional<Rows>> Connection::stream_next() {
    if (fetch_rows_ > 0) {
        return next_fetched();
    }
    return next_single_rows();
}

asio::awaitable<std::optional<Rows>> Connection::next_single_rows() {
    constexpr std::size_t batch_max = 512;
    std::vector<void*> batch;
    if (status() != PQTRANS_ACTIVE) {
        co_return std::nullopt;  // the end was seen with the last batch
    }
    while (PGresult* result = co_await next_result()) {
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
            batch.push_back(result);
            if (batch.size() >= batch_max || PQisBusy(connection_) != 0) {
                co_return Rows(std::move(batch));
            }
            continue;
        }
        Rows last(std::vector<void*>{result});
        if (failed(result)) {
            Rows dropped(std::move(batch));
            throw_error(connection_, result);
        }
    }
    if (batch.empty()) {
        co_return std::nullopt;
    }
    co_return Rows(std::move(batch));
}

asio::awaitable<void> Connection::copy_in_begin(const std::string& sql) {
    send(PQsendQuery(connection_, sql.c_str()));
    co_await flush();
    PGresult* result = co_await next_result();
    Rows rows(std::vector<void*>{result});
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        throw_error(connection_, result);
    }
}

asio::awaitable<void> Connection::copy_in_write(std::string_view bytes) {
    int taken = PQputCopyData(connection_, bytes.data(), static_cast<int>(bytes.size()));
    while (taken == 0) {
        co_await wait(socket_.wait_write);
        taken = PQputCopyData(connection_, bytes.data(), static_cast<int>(bytes.size()));
    }
    if (taken < 0) {
        throw_error(connection_, nullptr);
    }
    co_await flush();
}

asio::awaitable<std::int64_t> Connection::copy_in_finish() {
    while (PQputCopyEnd(connection_, nullptr) == 0) {
        co_await wait(socket_.wait_write);
    }
    Rows rows = co_await finish_command();
    co_return rows.affected();
}

asio::awaitable<void> Connection::copy_out(
    const std::string& sql, const std::function<asio::awaitable<void>(std::string_view)>& sink) {
    constexpr std::size_t buffer_bytes = 64 * 1024;
    send(PQsendQuery(connection_, sql.c_str()));
    co_await flush();
    PGresult* result = co_await next_result();
    Rows begun(std::vector<void*>{result});
    if (PQresultStatus(result) != PGRES_COPY_OUT) {
        throw_error(connection_, result);
    }
    std::string buffer;
    while (true) {
        char* row = nullptr;
        int size = PQgetCopyData(connection_, &row, 1);
        if (size > 0) {
            buffer.append(row, static_cast<std::size_t>(size));
            PQfreemem(row);
            if (buffer.size() >= buffer_bytes) {
                co_await sink(buffer);
                buffer.clear();
            }
            continue;
        }
        if (size == 0) {
            co_await wait(socket_.wait_read);
            if (PQconsumeInput(connection_) == 0) {
                throw_error(connection_, nullptr);
            }
            continue;
        }
        break;
    }
    if (!buffer.empty()) {
        co_await sink(buffer);
    }
    co_await finish_command();
}

}  // namespace pengcheng::db
