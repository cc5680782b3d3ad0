#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// The head of a request as a pure function of its bytes: what is whole, what is refused and why. Stricter
/// than RFC 9112 allows wherever two readers of one stream could disagree about where a request ends (request
/// smuggling): no bare LF, no folded lines, no blank before a colon, one length at most, `chunked` alone.
namespace pengcheng::http {

struct HeadLimits {
    std::size_t bytes_max = 80 * 1024;
    std::size_t fields_max = 100;
};

struct HeadField {
    std::string_view name;
    std::string_view value;  ///< without the blanks around it
};

enum class HeadFault {
    none,
    too_large,
    too_many_fields,
    bare_lf,         ///< a line ends in LF alone
    folded,          ///< a line starts with a blank (obs-fold)
    control_byte,    ///< NUL or another control byte, CR without LF included
    request_line,    ///< not `METHOD SP TARGET SP HTTP/x.y`
    version,         ///< neither HTTP/1.0 nor HTTP/1.1
    field_name,      ///< empty, not a token, or a blank before the colon
    repeated_field,  ///< a field that may stand once stands twice
    host,            ///< missing in HTTP/1.1, or not a host
    length,          ///< Content-Length is not one plain number
    length_and_coding,
    coding,       ///< Transfer-Encoding other than `chunked`, or in HTTP/1.0
    expectation,  ///< Expect other than 100-continue
};

/// All views point into the bytes that read_head() was given.
struct Head {
    std::string_view method;
    std::string_view target;  ///< as sent
    std::string_view path;    ///< of the target, still encoded; "*" for OPTIONS *
    std::string_view query;   ///< after the '?', empty without
    std::string_view host;    ///< of an absolute target, else of the Host field
    std::vector<HeadField> fields;
    int minor = 1;  ///< of HTTP/1.x
    bool keep_alive = true;
    bool chunked = false;
    bool expects_continue = false;
    std::optional<std::int64_t> content_length;
    std::size_t size = 0;  ///< bytes up to and with the empty line

    [[nodiscard]] std::string_view field(std::string_view name) const;
};

struct HeadReading {
    enum class State { incomplete, whole, refused };
    State state = State::incomplete;
    HeadFault fault = HeadFault::none;
    std::size_t searched = 0;  ///< give it back with more bytes: what needs no second look
};

/// Reads a head from the front of `bytes`. `searched` is that of the reading before, 0 at first. `into` is
/// whole only in state whole; after a refusal it holds what was read so far (for the language of the reply).
HeadReading read_head(std::string_view bytes, const HeadLimits& limits, Head& into, std::size_t searched = 0);

/// HTTP status of a refusal.
int status_of(HeadFault fault);
/// One line for people.
std::string_view text_of(HeadFault fault, bool chinese);

}  // namespace pengcheng::http
