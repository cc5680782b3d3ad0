#include <pengcheng/db/changes.hpp>

#include "db/connection.hpp"
#include "db/notified.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

namespace pengcheng::db {

namespace {

constexpr std::array<std::string_view, 4> topic_names{"identity", "exchange", "catalogue", "store"};

std::array<std::atomic<std::uint64_t>, topic_names.size()> counters{};
/// Listeners that hear; while there is none, no number stands still.
std::atomic<int> hearing = 0;

struct Subscriptions {
    std::mutex mutex;
    std::vector<std::pair<std::string, const std::function<void(std::string_view)>*>> all;
};
Subscriptions& subscriptions() {
    static Subscriptions them;
    return them;
}

void move_all() {
    for (auto& counter : counters) {
        ++counter;
    }
}

void tell(std::string_view channel, std::string_view payload, bool every_channel) {
    Subscriptions& them = subscriptions();
    std::lock_guard lock(them.mutex);
    for (const auto& [wanted, call] : them.all) {
        if (every_channel || wanted == channel) {
            (*call)(payload);
        }
    }
}

constexpr std::chrono::milliseconds retry_first{100};
constexpr std::chrono::milliseconds retry_last{3000};
/// A connection that says nothing for so long is asked whether it lives.
constexpr std::chrono::seconds silence_max{5};

}  // namespace

std::uint64_t changes(Topic topic) {
    auto& counter = counters[static_cast<std::size_t>(topic)];
    return hearing.load(std::memory_order_acquire) > 0 ? counter.load(std::memory_order_acquire) : ++counter;
}

void notified(std::string_view channel, std::string_view payload) {
    if (channel != changes_channel) {
        return;
    }
    auto found = std::ranges::find(topic_names, payload);
    if (found != topic_names.end()) {
        ++counters[static_cast<std::size_t>(found - topic_names.begin())];
    } else {
        move_all();
    }
}

Subscription::Subscription(std::string channel, std::function<void(std::string_view payload)> call)
    : call_(std::move(call)) {
    Subscriptions& them = subscriptions();
    std::lock_guard lock(them.mutex);
    them.all.emplace_back(std::move(channel), &call_);
}

Subscription::~Subscription() {
    Subscriptions& them = subscriptions();
    std::lock_guard lock(them.mutex);
    std::erase_if(them.all, [this](const auto& one) { return one.second == &call_; });
}

struct Listener::Impl {
    explicit Impl(std::string url_) : url(std::move(url_)) {}

    std::string url;
    asio::io_context io{1};
    asio::steady_timer timer{io};
    std::unique_ptr<Connection> connection;
    std::thread thread;
    std::chrono::steady_clock::time_point said_at;
    bool heard = false;  ///< counted among `hearing`
    bool stopping = false;

    asio::awaitable<void> run() {
        std::chrono::milliseconds pause = retry_first;
        while (!stopping) {
            std::string failure;
            try {
                co_await open();
                pause = retry_first;
                co_await hear();
            } catch (const std::exception& error) {
                failure = error.what();
            }
            deaf();
            if (stopping) {
                co_return;
            }
            log::warn("db.listener-lost", {{"error", failure}});
            timer.expires_after(pause);
            pause = std::min(pause * 2, retry_last);
            boost::system::error_code ended;
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
        }
    }

    asio::awaitable<void> open() {
        connection = std::make_unique<Connection>(io.get_executor());
        co_await connection->connect(url, {.listens = true});
        std::set<std::string> channels;
        {
            std::lock_guard lock(subscriptions().mutex);
            for (const auto& [channel, call] : subscriptions().all) {
                channels.insert(channel);
            }
        }
        for (const std::string& channel : channels) {
            co_await connection->script("LISTEN " + channel);
        }
        // What happened before this moment went unheard.
        move_all();
        tell({}, {}, true);
        heard = true;
        ++hearing;
    }

    void deaf() {
        if (std::exchange(heard, false)) {
            --hearing;
        }
        connection.reset();
    }

    asio::awaitable<void> hear() {
        watch();
        while (true) {
            co_await connection->wait(asio::posix::stream_descriptor::wait_read);
            said_at = std::chrono::steady_clock::now();
            if (PQconsumeInput(connection->native()) == 0) {
                throw_error(connection->native(), nullptr);
            }
            while (PQisBusy(connection->native()) == 0) {
                PGresult* result = PQgetResult(connection->native());
                if (result == nullptr) {
                    break;
                }
                PQclear(result);
            }
            while (PGnotify* note = PQnotifies(connection->native())) {
                notified(note->relname, note->extra);
                tell(note->relname, note->extra, false);
                PQfreemem(note);
            }
        }
    }

    /// A cut cable closes no socket: ask now and then, and give up on silence.
    void watch() {
        said_at = std::chrono::steady_clock::now();
        timer.expires_after(silence_max);
        timer.async_wait([this](boost::system::error_code error) {
            if (error || !connection) {
                return;
            }
            auto silent = std::chrono::steady_clock::now() - said_at;
            if (silent > 2 * silence_max) {
                connection->socket().cancel();
                return;
            }
            auto before = said_at;
            PQsendQuery(connection->native(), "");
            PQflush(connection->native());
            watch();
            said_at = before;
        });
    }
};

Listener::Listener(std::string url) : impl_(std::make_unique<Impl>(std::move(url))) {
}
Listener::~Listener() {
    stop();
}

void Listener::start() {
    Impl* impl = impl_.get();
    spawn(impl->io.get_executor(), impl->run(), "db.listener");
    impl->thread = std::thread([impl] { impl->io.run(); });
}

void Listener::stop() {
    Impl* impl = impl_.get();
    if (!impl->thread.joinable()) {
        return;
    }
    asio::post(impl->io, [impl] {
        impl->stopping = true;
        impl->timer.cancel();
        if (impl->connection) {
            impl->connection->socket().cancel();
        }
    });
    impl->thread.join();
}

}  // namespace pengcheng::db
