#include "wire.hpp"

#include "sanitizer.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/migrate.hpp>

#include <fstream>
#include <thread>

#include <poll.h>
#include <sys/socket.h>

namespace pengcheng::test {

namespace {

namespace asio = boost::asio;

asio::awaitable<void> write_rows(db::Pool& db, http::BodyWriter& out) {
    auto tx = co_await db.begin();
    db::Query query{"SELECT repeat('x', 1000) /* http-test */ FROM generate_series(1, 1000000)", {}};
    auto rows = co_await tx.stream(std::move(query));
    std::string piece;
    while (auto batch = co_await rows.next()) {
        for (int i = 0; i < batch->size(); ++i) {
            piece += batch->at(i, 0).value_or("");
        }
        co_await out.write(piece);
        piece.clear();
    }
}

asio::awaitable<void> write_pieces(db::Pool& db, int count, int pause_ms, http::BodyWriter& out) {
    asio::steady_timer timer(db.executor());
    for (int i = 0; i < count; ++i) {
        std::string piece = "piece " + std::to_string(i) + "\n";
        co_await out.write(piece);
        timer.expires_after(std::chrono::milliseconds(pause_ms));
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<http::Reply> rows_route(http::Call call) {
    db::Pool& db = call.db;
    co_return http::Reply::streamed("text/plain",
                                    [&db](http::BodyWriter& out) { return write_rows(db, out); });
}

asio::awaitable<http::Reply> pieces_route(http::Call call) {
    db::Pool& db = call.db;
    int count = call.limit(5, 100000);
    int pause = static_cast<int>(to_int(call.query("pause").value_or("1")).value_or(1));
    std::string type = call.query("type").value_or("text/csv");
    co_return http::Reply::streamed(
        type, [&db, count, pause](http::BodyWriter& out) { return write_pieces(db, count, pause, out); });
}

asio::awaitable<http::Reply> sleep_route(http::Call call) {
    db::Query query{"SELECT pg_sleep(20) /* http-test */", {}};
    auto tx = co_await call.db.begin();
    co_await tx.query(std::move(query));
    co_return http::Reply::text("slept", "text/plain");
}

asio::awaitable<http::Reply> text_route(http::Call call) {
    std::string text;
    for (int i = 0; i < call.limit(1, 100000); ++i) {
        text += "徐州市第" + std::to_string(i) + "行\n";
    }
    http::Reply reply = http::Reply::text(std::move(text), "text/plain; charset=utf-8");
    reply.etag(7);
    reply.last_modified(Time(std::chrono::seconds(784111777)));
    co_return reply;
}

asio::awaitable<http::Reply> echo_route(http::Call call) {
    co_return http::Reply::text(std::string(call.raw_body()), "application/octet-stream");
}

asio::awaitable<http::Reply> upload_route(http::Call call) {
    std::array<char, 5000> piece{};
    std::size_t bytes = 0;
    while (std::size_t got = co_await call.read_body(piece)) {
        bytes += got;
    }
    co_return http::Reply::text(std::to_string(bytes), "text/plain");
}

asio::awaitable<http::Reply> caller_route(http::Call call) {
    co_return http::Reply::text(call.who.address + " " + call.base_url() + " " + call.traceparent(),
                                "text/plain");
}

asio::awaitable<http::Reply> file_route(std::filesystem::path folder, http::Call call) {
    co_return http::Reply::of_file(folder / call.param("name"), "application/pdf");
}

http::Routes routes_of(const std::filesystem::path& folder) {
    using enum http::Verb;
    using http::BodyKind;
    auto file = [folder](http::Call call) { return file_route(folder, std::move(call)); };
    return {
        {.verb = get, .path = "/test/rows", .permission = "public", .run = rows_route},
        {.verb = get, .path = "/test/pieces", .permission = "public", .run = pieces_route},
        {.verb = get, .path = "/test/sleep", .permission = "public", .run = sleep_route},
        {.verb = get, .path = "/test/text", .permission = "public", .run = text_route},
        {.verb = post,
         .path = "/test/echo",
         .permission = "public",
         .body_kind = BodyKind::form,
         .run = echo_route},
        {.verb = put,
         .path = "/test/upload",
         .permission = "public",
         .body_kind = BodyKind::streamed,
         .run = upload_route},
        {.verb = get, .path = "/test/caller", .permission = "public", .run = caller_route},
        {.verb = get, .path = "/api/v1/open/test", .permission = "public", .run = text_route},
        {.verb = get, .path = "/test/file/{name}", .permission = "public", .run = file},
    };
}

asio::awaitable<Result<http::Authenticated>> nobody() {
    co_return http::Authenticated{};
}

}  // namespace

Wire::Wire(int port, int receive_bytes) {
    asio::ip::tcp::endpoint where(asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port));
    socket_.open(where.protocol());
    if (receive_bytes > 0) {
        socket_.set_option(asio::socket_base::receive_buffer_size(receive_bytes));
    }
    socket_.connect(where);
}

Wire& Wire::send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        ssize_t part =
            ::send(socket_.native_handle(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (part <= 0) {
            break;  // a refusal may come before everything is through
        }
        sent += static_cast<std::size_t>(part);
    }
    return *this;
}

bool Wire::fill(std::chrono::steady_clock::time_point deadline) {
    auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd state{.fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&state, 1, static_cast<int>(left.count())) <= 0) {
        return false;
    }
    std::array<char, 65536> piece{};
    ssize_t got = ::recv(socket_.native_handle(), piece.data(), piece.size(), 0);
    if (got <= 0) {
        return false;
    }
    held_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
}

std::string Wire::rest(int seconds) {
    while (fill(std::chrono::steady_clock::now() + patience * std::chrono::seconds(seconds))) {
    }
    return std::exchange(held_, {});
}

std::string Wire::until(const std::string& mark, int seconds) {
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(seconds);
    while (held_.find(mark) == std::string::npos && fill(deadline)) {
    }
    std::size_t end = held_.find(mark);
    end = end == std::string::npos ? held_.size() : end + mark.size();
    std::string out = held_.substr(0, end);
    held_.erase(0, end);
    return out;
}

std::string Wire::reply() {
    std::string out = until("\r\n\r\n");
    auto length = static_cast<std::size_t>(to_int(header_of(out, "Content-Length")).value_or(0));
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(20);
    while (held_.size() < length && fill(deadline)) {
    }
    out += held_.substr(0, length);
    held_.erase(0, length);
    return out;
}

bool Wire::closed(int seconds) {
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(seconds);
    while (fill(deadline)) {
        held_.clear();
    }
    return std::chrono::steady_clock::now() < deadline;
}

std::string status_line(const std::string& reply) {
    return reply.substr(0, reply.find("\r\n"));
}

std::string header_of(const std::string& reply, const std::string& name) {
    std::string head = reply.substr(0, reply.find("\r\n\r\n") + 2);
    std::size_t at = lower_ascii(head).find("\r\n" + lower_ascii(name) + ": ");
    if (at == std::string::npos) {
        return "";
    }
    at += name.size() + 4;
    return head.substr(at, head.find("\r\n", at) - at);
}

std::string body_of(const std::string& reply) {
    std::size_t end = reply.find("\r\n\r\n");
    return end == std::string::npos ? "" : reply.substr(end + 4);
}

void HttpTest::SetUp() {
    std::string pattern = "/tmp/pct-http-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::filesystem::create_directories(folder_ / "web/assets");
    std::ofstream(folder_ / "web/assets/a.js") << std::string(5000, 'a');
    std::ofstream(folder_ / "web/assets/a.js.br") << "brotli";
    std::ofstream(folder_ / "web/assets/a.js.gz") << "gzip";
    runtime_.config = Config::load();
    runtime_.config.database_url = server_->url();
    runtime_.config.listen_host = "127.0.0.1";
    runtime_.config.listen_port = 0;
    runtime_.config.io_threads = 2;
    runtime_.config.db_connections = 4;
    runtime_.config.web_root = folder_ / "web";
    runtime_.config.var = folder_;
    runtime_.clock = &clock_;
}

void HttpTest::TearDown() {
    server_here_.reset();
    std::filesystem::remove_all(folder_);
}

void HttpTest::start() {
    http::Gate gate;
    gate.authenticate = [](db::Pool&, std::string, std::string, std::string) { return nobody(); };
    gate.authorize = [](const Principal&, std::string_view, bool, const std::optional<std::string>&,
                        const std::optional<std::string>&, int) { return Result<void>{}; };
    server_here_ = std::make_unique<http::Server>(runtime_, routes_of(folder_), std::move(gate));
    server_here_->start();
}

std::string HttpTest::get(const std::string& path, const std::string& fields) const {
    return Wire(port())
        .send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n")
        .rest();
}

std::string HttpTest::metric(const std::string& name) const {
    std::string text = get("/metrics");
    std::size_t at = text.find("\n" + name + " ");
    return at == std::string::npos
               ? ""
               : text.substr(at + name.size() + 2, text.find('\n', at + 1) - at - name.size() - 2);
}

int running_statements(const std::string& url) {
    // A streamed SELECT is a cursor: between two pieces its transaction waits.
    std::string count = db::query_text(
        url,
        "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()"
        " AND datname = current_database() AND (query LIKE '%http-test%' OR query LIKE 'FETCH%')");
    return static_cast<int>(to_int(count).value_or(-1));
}

bool eventually(const std::function<bool()>& true_now, int seconds_max) {
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(seconds_max);
    while (!true_now()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace pengcheng::test
