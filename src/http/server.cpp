#include <pengcheng/http/server.hpp>

#include "http/problems.hpp"
#include "http/session.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>
#include <pengcheng/db/conninfo.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>

#include <future>

#include <sys/resource.h>
#include <unistd.h>

namespace pengcheng::http {

namespace {

constexpr ProblemType port_taken{"http.port-taken", 500, "The address cannot be listened on",
                                 "监听地址不可用"};

constexpr db::Statement ping_sql{"http.ping", "SELECT 1"};
PENGCHENG_STATEMENTS(ping_sql);

/// How often sessions are looked after; time limits are this much later than they say.
constexpr std::chrono::milliseconds watch_every{100};
/// Connections that wait for their refusal (503, 429). Beyond them a connection is closed without a word.
constexpr int refusals_max = 256;
/// After the deadline of a drain, until coroutines that were cut have ended.
constexpr std::chrono::seconds cut_time{3};

asio::awaitable<Reply> ready_route(Call call) {
    co_await call.db.run(ping_sql);
    co_return Reply::text("ready\n", "text/plain; charset=utf-8").header("Cache-Control", "no-store");
}

asio::awaitable<Reply> health_route(Call) {
    co_return Reply::text("", "text/plain; charset=utf-8");
}

asio::awaitable<Reply> reply_text(std::string document) {
    co_return Reply::text(std::move(document), "application/json; charset=utf-8");
}

/// As many file handles as the connections need: the usual soft limit is 1024.
void raise_handles(int connections_max) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    auto wanted = static_cast<rlim_t>(connections_max) + refusals_max + 512;
    if (limit.rlim_cur >= wanted) {
        return;
    }
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted) {
        log::warn("http.file-handles", {{"allowed", std::to_string(limit.rlim_cur)},
                                        {"wanted", std::to_string(wanted)},
                                        {"remedy", "raise ulimit -n or lower limits.connections_max"}});
    }
}

using FileTimes = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;

FileTimes times_of(const Config& config) {
    std::error_code ignored;
    return {std::filesystem::last_write_time(config.tls_certificate, ignored),
            std::filesystem::last_write_time(config.tls_key, ignored)};
}

/// The certificate that new connections get. Thread-safe.
class TlsPlace {
public:
    [[nodiscard]] std::shared_ptr<const Tls> get() const {
        std::lock_guard lock(mutex_);
        return tls_;
    }
    void set(std::shared_ptr<const Tls> tls) {
        std::lock_guard lock(mutex_);
        tls_ = std::move(tls);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Tls> tls_;
};

}  // namespace

/// One I/O thread: its io_context, its pool, its listening socket (the same port), its sessions.
struct Thread {
    Thread(const Runtime& runtime, const Dispatcher& dispatcher, const Files& files, AddressTable& addresses,
           std::atomic<bool>& draining)
        : db(io.get_executor(), pool_options(runtime.config)),
          ground{runtime,
                 dispatcher,
                 files,
                 addresses,
                 draining,
                 db,
                 Meter(dispatcher.row_names().size()),
                 std::make_shared<Limits>(Limits::of(runtime.config))},
          acceptor(io) {}

    static db::PoolOptions pool_options(const Config& config) {
        return {.url = db::with_session_name(config.database_url, "pengcheng-requests"),
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
    bool drained = false;
};

struct Server::Impl {
    Impl(const Runtime& runtime_, Routes routes, Gate gate, Gauges gauges_)
        : runtime(runtime_),
          config(runtime_.config),
          gauges(std::move(gauges_)),
          dispatcher(runtime_, with_ops(std::move(routes)), std::move(gate)),
          files(runtime_.config.web_root) {
        if (config.tls()) {
            tls.set(Tls::load(config.tls_certificate, config.tls_key, config.tls_version_min));
            tls_times = times_of(config);
        }
    }

    Routes with_ops(Routes routes) {
        routes.push_back(
            {.path = "/healthz", .permission = "public", .summary = "存活 / alive", .run = health_route});
        routes.push_back(
            {.path = "/readyz", .permission = "public", .summary = "就绪 / ready", .run = ready_route});
        routes.push_back({.path = "/metrics",
                          .permission = "public",
                          .summary = "监控指标 / metrics",
                          .run = [this](Call call) { return metrics_route(*this, call); }});
        auto document = std::make_shared<std::string>(openapi(routes, runtime.config.base_url()).dump());
        routes.push_back({.path = "/api/openapi.json",
                          .permission = "public",
                          .summary = "接口说明 / this document",
                          .run = [document](Call) { return reply_text(*document); }});
        return routes;
    }

    static asio::awaitable<Reply> metrics_route(Impl& impl, Call call) {
        if (!impl.metrics_networks_now()->contains(call.who.address)) {
            co_return Reply::of(problem::no_metrics.plain());
        }
        std::vector<Gauge> more;
        if (impl.gauges) {
            more = co_await impl.gauges(call.db);
        }
        std::vector<const Meter*> meters;
        for (const auto& thread : impl.threads) {
            meters.push_back(&thread->ground.meter);
        }
        co_return Reply::text(write_metrics(meters, impl.dispatcher.row_names(), more),
                              "text/plain; version=0.0.4; charset=utf-8")
            .header("Cache-Control", "no-store");
    }

    [[nodiscard]] std::shared_ptr<const Networks> metrics_networks_now() const {
        std::lock_guard lock(networks_mutex);
        return metrics_networks;
    }

    void set_metrics_networks(Networks networks) {
        std::lock_guard lock(networks_mutex);
        metrics_networks = std::make_shared<const Networks>(std::move(networks));
    }

    void listen();
    asio::awaitable<void> accept_loop(Thread& own);
    void place_session(Thread& own, asio::ip::tcp::socket socket);
    void open_session(Thread& own, asio::ip::tcp::socket socket);
    asio::awaitable<void> watch(Thread& own);
    asio::awaitable<void> drain(Thread& own);
    static asio::awaitable<void> until_empty(Thread& own, std::chrono::milliseconds most);

    const Runtime& runtime;
    Config config;  ///< the settings in force; only the main thread reads and changes them
    Gauges gauges;
    AddressTable addresses;
    std::atomic<int> connections{0};
    std::atomic<int> refusals{0};
    TlsPlace tls;
    FileTimes tls_times;
    mutable std::mutex networks_mutex;
    std::shared_ptr<const Networks> metrics_networks = std::make_shared<const Networks>();
    Dispatcher dispatcher;
    Files files;
    std::atomic<bool> draining{false};
    std::vector<std::unique_ptr<Thread>> threads;
    std::uint16_t port = 0;
};

/// Within the limits it gets a session; beyond them a session that only says so.
void Server::Impl::open_session(Thread& own, asio::ip::tcp::socket socket) {
    const Limits& limits = *own.ground.limits;
    boost::system::error_code error;
    auto peer = socket.remote_endpoint(error);
    if (error) {
        return;
    }
    auto from = peer.address();
    bool mapped = from.is_v6() && from.to_v6().is_v4_mapped();
    std::string address =
        mapped ? asio::ip::make_address_v4(asio::ip::v4_mapped, from.to_v6()).to_string() : from.to_string();
    bool proxy = limits.trusted.contains(address);
    std::optional<Problem> refusal;
    bool placed = false;
    if (connections.load() >= limits.connections_max) {
        refusal = problem::too_many_clients.plain();
    } else if (!proxy && !(placed = addresses.enter(address, limits.per_address_max))) {
        refusal = problem::too_many_of_address.plain();
    }
    if (refusal) {
        refusal->retry_after_s = 1;
        Meter::add(own.ground.meter.refused_connections, 1);
        if (refusals.load() >= refusals_max) {
            return;
        }
    }
    std::atomic<int>& counted = refusal ? refusals : connections;
    ++counted;
    ++own.ground.meter.connections;
    auto secured = tls.get();
    auto transport = secured ? secured->wrap(std::move(socket)) : Transport::plain(std::move(socket));
    auto session =
        Session::make(own.ground, std::move(transport), address, secured != nullptr, std::move(refusal));
    auto ended = [this, &own, &counted, session, placed, address](std::exception_ptr failure) {
        --counted;
        --own.ground.meter.connections;
        if (placed) {
            addresses.leave(address);
        }
        try {
            if (failure && !draining) {
                std::rethrow_exception(failure);
            }
        } catch (const std::exception& caught) {
            log::error("http.session", {{"address", address}, {"error", caught.what()}});
        }
    };
    asio::co_spawn(own.io, session->run(), asio::bind_cancellation_slot(session->slot(), std::move(ended)));
}

asio::awaitable<void> Server::Impl::accept_loop(Thread& own) {
    while (!draining) {
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
        place_session(own, std::move(socket));
    }
}

/// Whoever is free accepts, but a kept-alive connection stays where it is put: it goes to the thread that has
/// fewest, or one thread would serve all while another is idle.
void Server::Impl::place_session(Thread& own, asio::ip::tcp::socket socket) {
    auto fewer = [](const auto& a, const auto& b) {
        return a->ground.meter.connections < b->ground.meter.connections;
    };
    Thread& chosen = **std::ranges::min_element(threads, fewer);
    if (&chosen == &own) {
        open_session(own, std::move(socket));
        return;
    }
    boost::system::error_code error;
    auto protocol = socket.local_endpoint(error).protocol();
    int handle = socket.release(error);
    if (error) {
        return;
    }
    asio::post(chosen.io, [this, &chosen, protocol, handle] {
        open_session(chosen, asio::ip::tcp::socket(chosen.io, protocol, handle));
    });
}

asio::awaitable<void> Server::Impl::watch(Thread& own) {
    asio::steady_timer timer(own.io);
    int turns = 0;
    while (!own.drained) {
        timer.expires_after(watch_every);
        co_await timer.async_wait(asio::use_awaitable);
        auto now = std::chrono::steady_clock::now();
        for (Session* session : own.ground.sessions) {
            session->tick(now);
        }
        own.ground.meter.note(own.db.figures());
        if (++turns % 10 == 0) {
            own.ground.log.tick(now);
            if (&own == threads.front().get()) {
                addresses.sweep(now);
            }
        }
    }
}

/// Returns when the thread has no session left or `most` has passed.
asio::awaitable<void> Server::Impl::until_empty(Thread& own, std::chrono::milliseconds most) {
    asio::steady_timer pause(own.io);
    auto deadline = std::chrono::steady_clock::now() + most;
    while (!own.ground.sessions.empty() && std::chrono::steady_clock::now() < deadline) {
        pause.expires_after(std::chrono::milliseconds(20));
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> Server::Impl::drain(Thread& own) {
    boost::system::error_code ignored;
    own.acceptor.close(ignored);
    for (Session* session : own.ground.sessions) {
        session->drain();
    }
    co_await until_empty(own, std::chrono::milliseconds(runtime.config.drain_ms_max));
    if (!own.ground.sessions.empty()) {
        log::warn("http.drain-cut", {{"connections", std::to_string(own.ground.sessions.size())}});
        for (Session* session : own.ground.sessions) {
            session->cut();
        }
        co_await until_empty(own, cut_time);
    }
    own.drained = own.ground.sessions.empty();
    own.io.stop();
}

void Server::Impl::listen() {
    auto& first = *threads.front();
    try {
        asio::ip::tcp::endpoint where(
            asio::ip::make_address(config.listen_host == "localhost" ? "127.0.0.1" : config.listen_host),
            config.listen_port);
        first.acceptor.open(where.protocol());
        first.acceptor.set_option(asio::socket_base::reuse_address(true));
        first.acceptor.bind(where);
        first.acceptor.listen(1024);
        port = first.acceptor.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
        std::string address = config.listen_host + ":" + std::to_string(config.listen_port);
        throw ProblemError(port_taken.because(
            address + ":" + error.code().message() + "；请换 PENGCHENG_LISTEN 或停掉占用者",
            address + ": " + error.code().message() + "; choose another PENGCHENG_LISTEN"));
    }
}

Server::Server(const Runtime& runtime, Routes routes, Gate gate, Gauges gauges)
    : impl_(std::make_unique<Impl>(runtime, std::move(routes), std::move(gate), std::move(gauges))) {
    impl_->set_metrics_networks(Limits::of(runtime.config).metrics);
}

Server::~Server() {
    stop();
}

void Server::start() {
    const Config& config = impl_->config;
    raise_handles(config.connections_max);
    int count = config.io_threads > 0
                    ? config.io_threads
                    : std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4);
    for (int i = 0; i < count; ++i) {
        impl_->threads.push_back(std::make_unique<Thread>(impl_->runtime, impl_->dispatcher, impl_->files,
                                                          impl_->addresses, impl_->draining));
    }
    impl_->listen();
    auto& first = *impl_->threads.front();
    auto protocol = first.acceptor.local_endpoint().protocol();
    for (auto& thread : impl_->threads) {
        if (thread.get() != &first) {
            // Every thread accepts from the one listening socket; whoever is free takes the connection.
            thread->acceptor.assign(protocol, dup(first.acceptor.native_handle()));
        }
        spawn(thread->io.get_executor(), impl_->accept_loop(*thread), "http.accept");
        spawn(thread->io.get_executor(), impl_->watch(*thread), "http.watch");
        thread->thread = std::thread([own = thread.get()] { own->io.run(); });
    }
}

void Server::reload(const Config& config) {
    Limits limits = Limits::of(config);
    std::shared_ptr<const Tls> tls;
    if (impl_->config.tls() && config.tls()) {
        tls = Tls::load(config.tls_certificate, config.tls_key, config.tls_version_min);
    }
    // From here on nothing fails.
    if (tls) {
        impl_->tls.set(std::move(tls));
        impl_->tls_times = times_of(config);
    }
    impl_->config = config;
    impl_->set_metrics_networks(limits.metrics);
    for (auto& thread : impl_->threads) {
        // Each thread gets an object of its own: no reference count is shared between them.
        asio::post(thread->io,
                   [own = thread.get(), limits] { own->ground.limits = std::make_shared<Limits>(limits); });
    }
}

void Server::reload_changed_certificate() {
    const Config& config = impl_->config;
    if (!config.tls() || !impl_->tls.get() || times_of(config) == impl_->tls_times) {
        return;
    }
    impl_->tls_times = times_of(config);
    try {
        impl_->tls.set(Tls::load(config.tls_certificate, config.tls_key, config.tls_version_min));
        log::info("http.certificate", {{"file", config.tls_certificate.string()}});
    } catch (const ProblemError& error) {
        // Between the writing of the two files they do not fit; the next change is looked at again.
        log::error("http.certificate-kept", {{"error", error.what()}});
    }
}

void Server::stop() {
    if (impl_->draining.exchange(true)) {
        return;
    }
    for (auto& thread : impl_->threads) {
        spawn(thread->io.get_executor(), impl_->drain(*thread), "http.drain");
    }
    for (auto& thread : impl_->threads) {
        if (thread->thread.joinable()) {
            thread->thread.join();
        }
        if (!thread->drained) {
            // A coroutine that no cancellation reached still holds what is here: the process ends anyway.
            log::error("http.drain-stuck", {{"connections", std::to_string(thread->ground.sessions.size())}});
            static_cast<void>(thread.release());
        }
    }
}

std::uint16_t Server::port() const {
    return impl_->port;
}

}  // namespace pengcheng::http
