#pragma once

#include <string>

namespace pengcheng::http {

/// Whom a limit per address counts: an IPv4 address, or the first 64 bits of an IPv6 one
/// ("2001:db8:1:2::/64"), of which one subscriber has all the rest. The loopback and what is no address stay
/// as they are.
std::string network_of(const std::string& address);

}  // namespace pengcheng::http
