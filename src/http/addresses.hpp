#pragma once

#include "http/head.hpp"

#include <pengcheng/base/problem.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::http {

/// Networks in CIDR form, IPv4 and IPv6. IPv4 addresses mapped into IPv6 count as IPv4.
class Networks {
public:
    Networks() = default;
    /// "10.0.0.0/8, ::1". Throws ProblemError for what is no network.
    explicit Networks(std::string_view list);
    [[nodiscard]] bool contains(std::string_view address) const;
    [[nodiscard]] bool empty() const { return networks_.empty(); }

private:
    struct Network {
        std::array<unsigned char, 16> bytes{};
        int bits = 0;
    };
    std::vector<Network> networks_;
};

/// Who really calls, where a proxy stands between.
struct Caller {
    std::string address;
    std::string proto;  ///< "http" or "https"; empty: as the connection itself
    std::string host;   ///< empty: the Host field
    bool by_proxy = false;
};

/// `peer` is who holds the connection. Only a trusted peer's Forwarded (RFC 7239), or else X-Forwarded-*,
/// count, and of a list of addresses the last that is not itself a trusted proxy.
Caller caller_of(std::string_view peer, const std::vector<HeadField>& fields, const Networks& trusted);

}  // namespace pengcheng::http
