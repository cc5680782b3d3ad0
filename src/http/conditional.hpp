#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

/// Conditional and Range requests (RFC 9110 §13, §14) as pure functions.
namespace pengcheng::http {

std::string to_http_date(std::time_t at);                           ///< "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::time_t> parse_http_date(std::string_view text);  ///< that form only

/// Whether a GET may be answered 304: If-None-Match decides where it is sent (weak comparison), else
/// If-Modified-Since where the reply has a date. Empty strings: not there.
bool not_modified(std::string_view if_none_match, std::string_view if_modified_since, std::string_view etag,
                  std::string_view last_modified);

struct ByteRange {
    std::int64_t first = 0;
    std::int64_t last = 0;  ///< inclusive
};

struct RangeChoice {
    enum class Verdict { whole, part, unsatisfiable };
    Verdict verdict = Verdict::whole;
    ByteRange range;
};

/// What to send of `size` bytes. Several ranges, other units and what cannot be read are answered with the
/// whole, as is an If-Range that names another version.
RangeChoice choose_range(std::string_view range, std::string_view if_range, std::string_view etag,
                         std::string_view last_modified, std::int64_t size);

}  // namespace pengcheng::http
