#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pengcheng::http {

/// Takes the chunked coding (RFC 9112 §7.1) off a body. Pure: bytes in, bytes out. Strict like read_head():
/// plain hexadecimal sizes, CRLF only, no blank before an extension; extensions and trailers are bounded and
/// dropped.
class ChunkReader {
public:
    enum class State { more, done, bad };

    struct Step {
        State state = State::more;
        std::size_t taken = 0;  ///< bytes of `in` used up
        std::size_t given = 0;  ///< bytes written to `out`
    };
    /// Takes from `in` until `out` is full, `in` is used up, or the body ends.
    Step step(std::string_view in, std::span<char> out);

private:
    enum class Place {
        size,
        extension,
        size_lf,
        content,
        content_cr,
        content_lf,
        trailer,
        trailer_lf,
        last_lf
    };
    bool take(char c);
    bool take_size(char c);
    bool take_trailer(char c);

    Place place_ = Place::size;
    std::uint64_t left_ = 0;
    int digits_ = 0;
    std::size_t dropped_ = 0;  ///< bytes of extensions and trailers so far
    bool line_empty_ = true;
    bool done_ = false;
};

}  // namespace pengcheng::http
