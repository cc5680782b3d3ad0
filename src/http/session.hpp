#pragma once

#include "http/dispatcher.hpp"
#include "http/files.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>

namespace pengcheng::http {

struct Counters {
    std::atomic<std::int64_t> requests{0};
    std::atomic<std::int64_t> refused{0};  ///< 4xx
    std::atomic<std::int64_t> failed{0};   ///< 5xx
    std::atomic<std::int64_t> connections{0};
};

/// What the sessions of one I/O thread share.
struct SessionGround {
    const Runtime& runtime;
    const Dispatcher& dispatcher;
    const Files& files;
    Counters& counters;
    db::Pool& db;
    std::atomic<bool>& draining;
    std::set<asio::ip::tcp::socket*> idle = {};  ///< waiting for a request: closed at once on drain
    int open = 0;
};

/// Serves one connection until it closes. Runs on the thread that owns `ground`.
asio::awaitable<void> serve_connection(SessionGround& ground, asio::ip::tcp::socket socket);

}  // namespace pengcheng::http
