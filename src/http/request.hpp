#pragma once

#include "http/limits.hpp"
#include "http/trace.hpp"

#include <pengcheng/http/route.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pengcheng::http {

/// One request as the session read it; handlers see it through Call.
class Request {
public:
    std::string method;
    std::string target;  ///< as sent
    std::string path;    ///< percent-encoded as sent, without the query
    Headers headers;     ///< names as sent
    std::string raw_body;
    std::string address;  ///< of the caller, after the trusted-proxy rule
    bool http10 = false;
    bool keep_alive = true;
    std::optional<std::int64_t> content_length;
    bool has_body = false;
    /// Reads a piece of the body from the socket; 0 at the end. Set by the session.
    std::function<asio::awaitable<std::size_t>(std::span<char>)> read_some;
    std::int64_t body_read = 0;
    bool body_done = false;
    std::shared_ptr<const Limits> limits;  ///< of the I/O thread when the request came
    Trace trace;
    bool https = false;
    /// The session stopped the work on it: the client is gone or the time is over.
    bool stopped = false;

    bool from_files = false;  ///< answered from the built front end

    // Filled by the dispatcher.
    const Route* route = nullptr;
    std::string allow;  ///< methods of the path
    Principal who;      ///< here, so that a streamed reply that keeps its Call still has it
    std::map<std::string, std::string, std::less<>> params;
    std::vector<std::pair<std::string, std::string>> query;
    std::optional<Json> body;
    std::optional<std::int64_t> version;
    std::string base_url;
    std::string request_id;
    std::shared_ptr<db::Pool> marked;  ///< what Call::db is where an Idempotency-Key tells of the work
    bool chinese = true;

    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> cookie(std::string_view name) const;
    [[nodiscard]] bool is_api() const;
    [[nodiscard]] bool is_read() const { return method == "GET" || method == "HEAD"; }
};

/// Throws ProblemError (413) for a body of more bytes, come or announced: one that is announced is refused
/// before its first byte.
void check_size(std::int64_t bytes, std::int64_t bytes_max);

}  // namespace pengcheng::http
