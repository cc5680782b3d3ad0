#include "http/reply_head.hpp"

#include <pengcheng/base/text.hpp>

#include <boost/beast/http/status.hpp>

#include <charconv>

namespace pengcheng::http {

namespace {

void append_number(std::string& out, std::uint64_t value) {
    std::array<char, 24> text{};
    auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), end);
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

bool same_name(std::string_view name, std::string_view other) {
    return name.size() == other.size() && starts_with_ci(name, other);
}

constexpr std::string_view page_policy =
    "Content-Security-Policy: default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'\r\nReferrer-Policy: same-origin\r\n";

}  // namespace

bool has_no_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

void append_head(std::string& out, const Request& request, const Reply& reply,
                 std::optional<std::uint64_t> length, std::string_view date) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(reply.status));
    auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(reply.status));
    out.append(" ").append(reason.data(), reason.size()).append("\r\nDate: ").append(date).append("\r\n");
    bool has_cache = false;
    bool has_sniff = false;
    for (const auto& [name, value] : reply.headers) {
        has_cache = has_cache || same_name(name, "Cache-Control");
        has_sniff = has_sniff || same_name(name, "X-Content-Type-Options");
        // The session decides about the connection, not a handler.
        if (!same_name(name, "Connection")) {
            append_line(out, name, value);
        }
    }
    if (!reply.content_type.empty()) {
        append_line(out, "Content-Type", reply.content_type);
    }
    if (length && !has_no_body(reply.status)) {
        out.append("Content-Length: ");
        append_number(out, *length);
        out.append("\r\n");
    } else if (!length && !request.http10) {
        out.append("Transfer-Encoding: chunked\r\n");
    }
    if (!request.keep_alive) {
        out.append("Connection: close\r\n");
    } else if (request.http10) {
        out.append("Connection: keep-alive\r\n");
    }
    append_line(out, "X-Request-Id", request.request_id);
    if (!request.trace.empty()) {
        append_line(out, "traceparent", traceparent_of(request.trace, request.request_id));
    }
    if (!has_sniff) {
        out.append("X-Content-Type-Options: nosniff\r\n");
    }
    if (!has_cache) {
        out.append("Cache-Control: no-store\r\n");
    }
    if (reply.content_type.starts_with("text/html")) {
        out.append(page_policy);
    }
    out.append("\r\n");
}

}  // namespace pengcheng::http
