#pragma once

#include "http/request.hpp"

namespace pengcheng::http {

/// Appends status line and header lines of a reply. `length`: of the body; nothing: it is chunked, or ends
/// with the connection for an HTTP/1.0 client.
void append_head(std::string& out, const Request& request, const Reply& reply,
                 std::optional<std::uint64_t> length, std::string_view date);

/// 1xx, 204 and 304 have neither body nor length.
bool has_no_body(int status);

}  // namespace pengcheng::http
