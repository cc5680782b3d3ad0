#include "http/addresses.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>

#include <boost/asio/ip/address.hpp>

namespace pengcheng::http {

namespace {

constexpr ProblemType bad_network{"http.bad-network", 400, "The configuration is not valid", "配置有误"};

std::optional<std::array<unsigned char, 16>> bytes_of(std::string_view text) {
    boost::system::error_code error;
    auto address = boost::asio::ip::make_address(std::string(text), error);
    if (error) {
        return std::nullopt;
    }
    if (address.is_v4()) {
        address = boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4());
    }
    return address.to_v6().to_bytes();
}

/// `"[2001:db8::1]:4711"`, `192.0.2.1:80` or a plain address, without port, brackets and quotes.
std::string_view bare_address(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    if (text.starts_with('[')) {
        std::size_t end = text.find(']');
        return end == std::string_view::npos ? std::string_view{} : text.substr(1, end - 1);
    }
    std::size_t colon = text.find(':');
    bool one_colon = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
    return one_colon ? text.substr(0, colon) : text;
}

std::string_view unquoted(std::string_view text) {
    bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return quoted ? text.substr(1, text.size() - 2) : text;
}

struct Hop {
    std::string_view address, proto, host;
};

/// All values of a field that may stand more than once, in order.
std::vector<std::string_view> items_of(const std::vector<HeadField>& fields, std::string_view name) {
    std::vector<std::string_view> out;
    for (const HeadField& field : fields) {
        if (field.name.size() == name.size() && starts_with_ci(field.name, name)) {
            for (std::string_view item : split(field.value, ',')) {
                out.push_back(trim(item));
            }
        }
    }
    return out;
}

std::vector<Hop> forwarded_hops(const std::vector<HeadField>& fields) {
    std::vector<Hop> hops;
    for (std::string_view item : items_of(fields, "Forwarded")) {
        Hop hop;
        for (std::string_view pair : split(item, ';')) {
            pair = trim(pair);
            std::size_t equals = std::min(pair.find('='), pair.size());
            std::string name = lower_ascii(pair.substr(0, equals));
            std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view{};
            if (name == "for") {
                hop.address = bare_address(value);
            } else if (name == "proto") {
                hop.proto = unquoted(value);
            } else if (name == "host") {
                hop.host = unquoted(value);
            }
        }
        hops.push_back(hop);
    }
    return hops;
}

std::vector<Hop> x_forwarded_hops(const std::vector<HeadField>& fields) {
    std::vector<Hop> hops;
    for (std::string_view item : items_of(fields, "X-Forwarded-For")) {
        hops.push_back({bare_address(item), {}, {}});
    }
    // Where each proxy added its own, they go with the addresses one by one; else the nearest proxy's counts.
    auto protos = items_of(fields, "X-Forwarded-Proto");
    auto hosts = items_of(fields, "X-Forwarded-Host");
    if (hops.empty() && (!protos.empty() || !hosts.empty())) {
        hops.emplace_back();
    }
    auto pick = [&hops](const std::vector<std::string_view>& from, std::size_t at) {
        return from.empty() ? std::string_view{} : from[from.size() == hops.size() ? at : from.size() - 1];
    };
    for (std::size_t i = 0; i < hops.size(); ++i) {
        hops[i].proto = pick(protos, i);
        hops[i].host = pick(hosts, i);
    }
    return hops;
}

}  // namespace

Networks::Networks(std::string_view list) {
    for (std::string_view item : split(list, ',')) {
        item = trim(item);
        if (item.empty()) {
            continue;
        }
        std::size_t slash = std::min(item.find('/'), item.size());
        auto bytes = bytes_of(item.substr(0, slash));
        bool v4 = item.substr(0, slash).find(':') == std::string_view::npos;
        int widest = v4 ? 32 : 128;
        auto bits = slash < item.size() ? to_int(item.substr(slash + 1)) : std::int64_t{widest};
        if (!bytes || !bits || *bits < 0 || *bits > widest) {
            throw ProblemError(
                bad_network.because("不是网段：" + std::string(item), "not a network: " + std::string(item)));
        }
        networks_.push_back({*bytes, static_cast<int>(*bits) + (v4 ? 96 : 0)});
    }
}

bool Networks::contains(std::string_view address) const {
    if (networks_.empty()) {
        return false;
    }
    auto bytes = bytes_of(address);
    if (!bytes) {
        return false;
    }
    auto fits = [&bytes](const Network& network) {
        for (int bit = 0; bit < network.bits; bit += 8) {
            auto at = static_cast<std::size_t>(bit / 8);
            int wanted = std::min(8, network.bits - bit);
            auto mask = static_cast<unsigned char>(0xff << (8 - wanted));
            if ((((*bytes)[at] ^ network.bytes[at]) & mask) != 0) {
                return false;
            }
        }
        return true;
    };
    return std::any_of(networks_.begin(), networks_.end(), fits);
}

Caller caller_of(std::string_view peer, const std::vector<HeadField>& fields, const Networks& trusted) {
    Caller caller{.address = std::string(peer)};
    if (!trusted.contains(peer)) {
        return caller;
    }
    std::vector<Hop> hops = forwarded_hops(fields);
    if (hops.empty()) {
        hops = x_forwarded_hops(fields);
    }
    for (std::size_t i = hops.size(); i-- > 0;) {
        const Hop& hop = hops[i];
        if (!hop.proto.empty() && (hop.proto == "http" || hop.proto == "https")) {
            caller.proto = hop.proto;
        }
        if (!hop.host.empty()) {
            caller.host = hop.host;
        }
        if (!hop.address.empty() && !bytes_of(hop.address)) {
            break;  // "unknown" or a made-up name: the last address we believed stands
        }
        if (!hop.address.empty()) {
            caller.address = hop.address;
            caller.by_proxy = true;
        }
        if (!trusted.contains(caller.address)) {
            break;
        }
    }
    return caller;
}

}  // namespace pengcheng::http
