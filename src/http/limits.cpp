#include "http/limits.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/http/network.hpp>

#include <algorithm>
#include <cmath>

#include <boost/asio/ip/address.hpp>

namespace pengcheng::http {

namespace {

constexpr ProblemType bad_origin{"http.bad-origin", 400, "The configuration is not valid", "配置有误"};

std::vector<std::string> origins_of(std::string_view list) {
    std::vector<std::string> out;
    for (std::string_view item : split(list, ',')) {
        item = trim(item);
        if (item.empty()) {
            continue;
        }
        bool scheme = item.starts_with("https://") || item.starts_with("http://");
        if (!scheme || item.find('/', item.find("//") + 2) != std::string_view::npos ||
            item.find('*') != item.npos) {
            throw ProblemError(bad_origin.because(
                "cors.origins：" + std::string(item) + " 应写成 https://主机[:端口]，末尾不带 /",
                "cors.origins: " + std::string(item) + " must be https://HOST[:PORT] without a slash"));
        }
        out.emplace_back(item);
    }
    return out;
}

}  // namespace

std::string network_of(const std::string& address) {
    if (address.find(':') == std::string::npos) {
        return address;
    }
    boost::system::error_code error;
    auto parsed = boost::asio::ip::make_address_v6(address, error);
    if (error || parsed.is_loopback() || parsed.is_v4_mapped()) {
        return address;
    }
    auto bytes = parsed.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

Limits Limits::of(const Config& config) {
    using ms = std::chrono::milliseconds;
    Limits limits;
    limits.head = {.bytes_max = static_cast<std::size_t>(config.header_bytes_max),
                   .fields_max = static_cast<std::size_t>(config.header_fields_max)};
    limits.body_bytes_max = config.body_bytes_max;
    limits.upload_bytes_max = config.upload_bytes_max;
    limits.request_max = ms(config.request_ms_max);
    limits.head_max = ms(config.head_ms_max);
    limits.body_max = ms(config.body_ms_max);
    limits.write_max = ms(config.write_ms_max);
    limits.idle_max = ms(config.idle_ms_max);
    limits.connections_max = config.connections_max;
    limits.per_address_max = config.connections_per_address_max;
    limits.requests_per_s = config.requests_per_address_per_s;
    limits.compress_bytes_min = static_cast<std::size_t>(std::max(0, config.compress_bytes_min));
    limits.log_lines_per_s = config.log_requests_per_s_max;
    limits.trusted = Networks(config.trusted_proxies);
    limits.metrics = Networks(config.metrics_networks);
    limits.origins = origins_of(config.cors_origins);
    return limits;
}

AddressTable::Shard& AddressTable::shard_of(const std::string& key) {
    return shards_[std::hash<std::string>{}(key) % shards_.size()];
}

bool AddressTable::enter(const std::string& address, int most) {
    std::string key = network_of(address);
    Shard& shard = shard_of(key);
    std::lock_guard lock(shard.mutex);
    int& places = shard.places[key];
    if (places >= most) {
        return false;
    }
    ++places;
    return true;
}

void AddressTable::leave(const std::string& address) {
    std::string key = network_of(address);
    Shard& shard = shard_of(key);
    std::lock_guard lock(shard.mutex);
    auto found = shard.places.find(key);
    if (found != shard.places.end() && --found->second <= 0) {
        shard.places.erase(found);
    }
}

AddressTable::Rate AddressTable::count(const std::string& address, int per_s,
                                       std::chrono::steady_clock::time_point now) {
    std::string key = network_of(address);
    Shard& shard = shard_of(key);
    std::lock_guard lock(shard.mutex);
    auto [place, fresh] = shard.buckets.try_emplace(key, Bucket{static_cast<double>(per_s), now});
    Bucket& bucket = place->second;
    double passed = std::chrono::duration<double>(now - bucket.at).count();
    bucket.tokens = std::min(static_cast<double>(per_s), bucket.tokens + passed * per_s);
    bucket.at = now;
    Rate rate{.allowed = bucket.tokens >= 1};
    bucket.tokens -= rate.allowed ? 1 : 0;
    rate.remaining = static_cast<int>(bucket.tokens);
    rate.reset_s = std::max(1, static_cast<int>(std::ceil((per_s - bucket.tokens) / per_s)));
    return rate;
}

void AddressTable::sweep(std::chrono::steady_clock::time_point now) {
    for (Shard& shard : shards_) {
        std::lock_guard lock(shard.mutex);
        std::erase_if(shard.buckets,
                      [now](const auto& entry) { return now - entry.second.at > std::chrono::seconds(2); });
    }
}

}  // namespace pengcheng::http
