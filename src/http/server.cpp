#include <pengcheng/http/server.hpp>

#include "http/problems.hpp"
#include "http/session.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

#include <future>

#include <unistd.h>

namespace pengcheng::http {

namespace {

constexpr ProblemType port_taken{"http.port-taken", 500, "The address cannot be listened on",
                                 "监听地址不可用"};

constexpr db::Statement ping_sql{"http.ping", "SELECT 1"};
PENGCHENG_STATEMENTS(ping_sql);

asio::awaitable<Reply> ready_route(Call call) {
    co_await call.db.run(ping_sql);
    co_return Reply::text("ready\n", "text/plain; charset=utf-8");
}

asio::awaitable<Reply> health_route(Call) {
    co_return Reply::text("", "text/plain; charset=utf-8");
}

asio::awaitable<Reply> metrics_route(const Counters& counters, Call call) {
    std::ostringstream out;
    auto line = [&out](std::string_view name, std::string_view type, std::int64_t value) {
        out << "# TYPE " << name << ' ' << type << '\n' << name << ' ' << value << '\n';
    };
    line("pengcheng_http_requests_total", "counter", counters.requests);
    line("pengcheng_http_refused_total", "counter", counters.refused);
    line("pengcheng_http_failed_total", "counter", counters.failed);
    line("pengcheng_http_connections", "gauge", counters.connections);
    line("pengcheng_db_connections_in_use", "gauge", call.db.figures().in_use);
    co_return Reply::text(out.str(), "text/plain; version=0.0.4");
}

}  // namespace

/// One I/O thread: its io_context, its pool, its listening socket (the same port), its sessions.
struct Thread {
    Thread(const Runtime& runtime, const Dispatcher& dispatcher, const Files& files, Counters& counters,
           std::atomic<bool>& draining)
        : db(io.get_executor(), pool_options(runtime.config)),
          ground{runtime, dispatcher, files, counters, db, draining},
          acceptor(io) {}

    static db::PoolOptions pool_options(const Config& config) {
        return {.url = config.database_url,
                .size_max = config.db_connections,
                .wait_ms_max = config.db_wait_ms_max,
                .statement_ms_max = config.request_ms_max,
                .lane = true,
                .read_url = config.db_read_url,
                .read_lag_ms_max = config.db_read_lag_ms_max};
    }

    asio::io_context io{1};
    db::Pool db;
    SessionGround ground;
    asio::ip::tcp::acceptor acceptor;
    std::thread thread;
};

namespace {

asio::awaitable<void> accept_loop(Thread& own) {
    const Config& config = own.ground.runtime.config;
    while (!own.ground.draining) {
        boost::system::error_code error;
        auto socket = co_await own.acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted) {
            co_return;
        }
        if (error) {
            // Out of file handles: wait a moment for some to close.
            log::warn("http.accept", {{"error", error.message()}});
            asio::steady_timer pause(own.io, std::chrono::milliseconds(50));
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        if (own.ground.counters.connections >= config.connections_max) {
            continue;  // closes the socket
        }
        spawn(own.io.get_executor(), serve_connection(own.ground, std::move(socket)), "http.session");
    }
}

asio::awaitable<void> drain(Thread& own) {
    boost::system::error_code ignored;
    own.acceptor.close(ignored);
    for (auto* socket : std::set<asio::ip::tcp::socket*>(own.ground.idle)) {
        socket->close(ignored);
    }
    auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(own.ground.runtime.config.drain_ms_max);
    asio::steady_timer pause(own.io);
    while (own.ground.open > 0 && std::chrono::steady_clock::now() < deadline) {
        pause.expires_after(std::chrono::milliseconds(20));
        co_await pause.async_wait(asio::use_awaitable);
    }
    own.io.stop();
}

}  // namespace

struct Server::Impl {
    Impl(const Runtime& runtime_, Routes routes, Gate gate)
        : runtime(runtime_),
          dispatcher(runtime_, with_ops(std::move(routes)), std::move(gate)),
          files(runtime_.config.web_root) {}

    Routes with_ops(Routes routes) {
        routes.push_back(
            {.path = "/healthz", .permission = "public", .summary = "存活 / alive", .run = health_route});
        routes.push_back(
            {.path = "/readyz", .permission = "public", .summary = "就绪 / ready", .run = ready_route});
        routes.push_back({.path = "/metrics",
                          .permission = "public",
                          .summary = "监控指标 / metrics",
                          .run = [this](Call call) { return metrics_route(counters, call); }});
        auto document = std::make_shared<std::string>(openapi(routes, runtime.config.base_url()).dump());
        auto answer = [document](Call) -> asio::awaitable<Reply> { return reply_text(*document); };
        routes.push_back({.path = "/api/openapi.json",
                          .permission = "public",
                          .summary = "接口说明 / this document",
                          .run = std::move(answer)});
        return routes;
    }

    static asio::awaitable<Reply> reply_text(std::string document) {
        co_return Reply::text(std::move(document), "application/json; charset=utf-8");
    }

    const Runtime& runtime;
    Counters counters;
    Dispatcher dispatcher;
    Files files;
    std::atomic<bool> draining{false};
    std::vector<std::unique_ptr<Thread>> threads;
    std::uint16_t port = 0;
};

Server::Server(const Runtime& runtime, Routes routes, Gate gate)
    : impl_(std::make_unique<Impl>(runtime, std::move(routes), std::move(gate))) {
}

Server::~Server() {
    stop();
}

void Server::start() {
    const Config& config = impl_->runtime.config;
    int count = config.io_threads > 0
                    ? config.io_threads
                    : std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4);
    for (int i = 0; i < count; ++i) {
        impl_->threads.push_back(std::make_unique<Thread>(impl_->runtime, impl_->dispatcher, impl_->files,
                                                          impl_->counters, impl_->draining));
    }
    auto& first = *impl_->threads.front();
    try {
        asio::ip::tcp::endpoint where(
            asio::ip::make_address(config.listen_host == "localhost" ? "127.0.0.1" : config.listen_host),
            config.listen_port);
        first.acceptor.open(where.protocol());
        first.acceptor.set_option(asio::socket_base::reuse_address(true));
        first.acceptor.bind(where);
        first.acceptor.listen(1024);
        impl_->port = first.acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
        std::string address = config.listen_host + ":" + std::to_string(config.listen_port);
        throw ProblemError(port_taken.because(
            address + ":" + error.code().message() + ";请换 PENGCHENG_LISTEN 或停掉占用者",
            address + ": " + error.code().message() + "; choose another PENGCHENG_LISTEN"));
    }
    auto protocol = first.acceptor.local_endpoint().protocol();
    for (auto& thread : impl_->threads) {
        if (thread.get() != &first) {
            // Every thread accepts from the one listening socket; whoever is free takes the connection.
            thread->acceptor.assign(protocol, dup(first.acceptor.native_handle()));
        }
        spawn(thread->io.get_executor(), accept_loop(*thread), "http.accept");
        thread->thread = std::thread([own = thread.get()] { own->io.run(); });
    }
}

void Server::stop() {
    if (impl_->draining.exchange(true)) {
        return;
    }
    for (auto& thread : impl_->threads) {
        spawn(thread->io.get_executor(), drain(*thread), "http.drain");
    }
    for (auto& thread : impl_->threads) {
        if (thread->thread.joinable()) {
            thread->thread.join();
        }
    }
}

std::uint16_t Server::port() const {
    return impl_->port;
}

}  // namespace pengcheng::http
