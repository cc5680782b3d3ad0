#pragma once

#include "http/head.hpp"
#include "http/limits.hpp"
#include "http/request.hpp"

#include <memory>
#include <string>

namespace pengcheng::http {

/// Where a request came in.
struct Entrance {
    const Config& config;
    std::string peer;  ///< address of the other end of the connection
    bool https = false;
};

/// The request that a head tells of. Who it is from, its scheme, host and id are taken from a proxy's header
/// fields only if the peer is a trusted one.
std::shared_ptr<Request> make_request(const Head& head, std::shared_ptr<const Limits> limits,
                                      const Entrance& entrance);

}  // namespace pengcheng::http
