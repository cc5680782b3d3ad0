#pragma once

#include <string>
#include <string_view>

namespace pengcheng::http {

/// W3C Trace Context, level 1. Empty when `header` is no valid traceparent.
struct Trace {
    std::string id;      ///< 32 hexadecimal digits
    std::string parent;  ///< the caller's span, 16 digits
    std::string flags;   ///< 2 digits
    [[nodiscard]] bool empty() const { return id.empty(); }
};

Trace parse_traceparent(std::string_view header);

/// The header for whoever we call or answer: the caller's trace, or a new one that is the request's id, with
/// a span of our own made from that id.
std::string traceparent_of(const Trace& trace, std::string_view request_id);

}  // namespace pengcheng::http
