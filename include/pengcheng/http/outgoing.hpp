#pragma once

#include <pengcheng/base/problem.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pengcheng::http {

/// A call that this server makes of another: the one door for outgoing HTTP.
struct OutgoingRequest {
    std::string method = "GET";
    std::string url;  ///< https://host[:port]/path?query; http only to this machine
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};
struct OutgoingReply {
    int status = 0;
    std::string content_type;
    std::string body;
};
struct OutgoingLimits {
    /// "10.1.0.0/16, 127.0.0.1": where the address may lie, checked after the name was looked up and for the
    /// very address that is connected to. Empty: public addresses only.
    std::string networks;
    int ms_max = 10000;                 ///< from connecting to the last byte
    std::size_t bytes_max = 1U << 20U;  ///< of the reply's body
};

/// Redirects are answers, not followed. TLS is checked against the machine's authorities and the host's name.
/// Refused: http.outgoing-refused for an address or scheme outside the limits; http.outgoing-failed (502)
/// where the other side does not answer, or too slowly, or too much. Runs on the calling coroutine's
/// executor.
boost::asio::awaitable<Result<OutgoingReply>> send_out(OutgoingRequest request, OutgoingLimits limits);

/// An absolute http or https URL in parts; nothing for anything else (user names, fragments, odd ports).
/// Pure.
struct UrlParts {
    bool tls = true;
    std::string host;
    std::string port;
    std::string target;
};
Result<UrlParts> split_url(std::string_view url);
/// Whether an address is one of the public internet: not this machine, private, link-local, multicast or
/// reserved.
bool is_public_address(std::string_view address);

}  // namespace pengcheng::http
