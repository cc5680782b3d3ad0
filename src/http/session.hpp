#pragma once

#include "http/access_log.hpp"
#include "http/dispatcher.hpp"
#include "http/files.hpp"
#include "http/limits.hpp"
#include "http/meter.hpp"
#include "http/transport.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_set>

namespace pengcheng::http {

class Session;

/// The Date header's value, made once a second.
class DateText {
public:
    std::string_view now();

private:
    std::time_t second_ = 0;
    std::string text_;
};

/// What the sessions of one I/O thread share.
struct SessionGround {
    const Runtime& runtime;
    const Dispatcher& dispatcher;
    const Files& files;
    AddressTable& addresses;
    std::atomic<bool>& draining;
    db::Pool& db;
    Meter meter;
    std::shared_ptr<const Limits> limits;
    AccessLog log{meter};
    std::unordered_set<Session*> sessions = {};
    DateText date = {};
};

/// One connection from its first byte to its last. Thread: the one that owns `ground`.
class Session {
public:
    virtual ~Session() = default;
    /// Serves until the connection ends.
    virtual asio::awaitable<void> run() = 0;
    /// A few times a second: ends what is over its time or whose client is gone.
    virtual void tick(std::chrono::steady_clock::time_point now) = 0;
    /// The server stops: ends now if nothing is in flight or the stream has no end.
    virtual void drain() = 0;
    /// The deadline of the drain is over.
    virtual void cut() = 0;
    virtual asio::cancellation_slot slot() = 0;

    /// `refusal`: what the connection's first request is answered with; the connection then ends.
    static std::shared_ptr<Session> make(SessionGround& ground, std::unique_ptr<Transport> transport,
                                         std::string address, bool https, std::optional<Problem> refusal);
};

}  // namespace pengcheng::http
