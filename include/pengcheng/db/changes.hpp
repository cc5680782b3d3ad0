#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pengcheng::db {

/// What caches are made of. Triggers (migration 0120) notify the topic of a table that is written.
enum class Topic { identity, exchange, catalogue, store };

/// A number that moves whenever rows of the topic's tables change, in whatever process. What was read while
/// it showed n may be used while it still shows n. The process that makes a change sees it move before its
/// own commit returns, every other one when the notification arrives (about a millisecond). Without a
/// Listener, or while it has no connection, the number moves at every look, so that nothing is trusted.
/// Thread-safe, a few nanoseconds.
std::uint64_t changes(Topic topic);

/// Calls `call` with the payload of every notification on `channel` that reaches this process's Listener,
/// on the Listener's thread, until the Subscription goes. After a gap it is called with an empty payload:
/// something may have been missed. Made before the Listener starts; `call` neither blocks nor subscribes.
class Subscription {
public:
    Subscription(std::string channel, std::function<void(std::string_view payload)> call);
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

private:
    std::function<void(std::string_view)> call_;
};

/// LISTENs for the whole process on a connection and thread of its own; connects again by itself.
class Listener {
public:
    explicit Listener(std::string url);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void start();
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pengcheng::db
