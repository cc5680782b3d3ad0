#pragma once

#include "http/addresses.hpp"
#include "http/head.hpp"

#include <pengcheng/base/config.hpp>

#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace pengcheng::http {

/// What SIGHUP can change. Each I/O thread holds one of its own and gets a new one whole; a request keeps the
/// one it began with.
struct Limits {
    /// Throws ProblemError for what is no network or origin.
    static Limits of(const Config& config);

    HeadLimits head;
    std::int64_t body_bytes_max = 0;
    std::int64_t upload_bytes_max = 0;
    std::chrono::milliseconds request_max{}, head_max{}, body_max{}, write_max{}, idle_max{};
    int connections_max = 0;
    int per_address_max = 0;
    int requests_per_s = 0;
    std::size_t compress_bytes_min = 0;
    int log_lines_per_s = 0;
    Networks trusted, metrics;
    std::vector<std::string> origins;
};

/// Connections and requests of each address, over all I/O threads. An IPv6 address counts by its /64: one
/// subscriber holds a whole one.
class AddressTable {
public:
    /// Takes a place for `address`; false when it has `most` already. leave() gives it back.
    bool enter(const std::string& address, int most);
    void leave(const std::string& address);

    struct Rate {
        bool allowed = true;
        int remaining = 0;
        int reset_s = 0;  ///< until a whole second's worth is there again
    };
    /// Counts a request against `per_s` (token bucket of one second's worth).
    Rate count(const std::string& address, int per_s, std::chrono::steady_clock::time_point now);
    /// Forgets who was quiet long enough to have a full bucket again.
    void sweep(std::chrono::steady_clock::time_point now);

private:
    struct Bucket {
        double tokens = 0;
        std::chrono::steady_clock::time_point at;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, int> places;
        std::unordered_map<std::string, Bucket> buckets;
    };
    Shard& shard_of(const std::string& key);
    std::array<Shard, 16> shards_;
};

}  // namespace pengcheng::http
