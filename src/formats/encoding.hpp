#pragma once

#include "formats/byte_source.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct UConverter;

namespace pengcheng::formats {

struct Encoding {
    std::string name = "UTF-8";
    bool byte_order_mark = false;
    std::size_t mark_bytes = 0;
};

/// The encoding of `sample`, the start of a text (`whole`: all of it). Order: byte order mark, UTF-16 by its
/// zeros, valid UTF-8, GB18030 where it reads as Chinese, then ICU's detector.
/// Refuses what decodes as nothing, and UTF-8 with damaged places, naming the byte and line.
Result<Encoding> detect_encoding(std::string_view sample, bool whole);

/// First byte that is not UTF-8, or npos. A cut-off last character is an error only where `whole`.
/// `complete` is set to the length of whole characters before that byte.
std::size_t utf8_error(std::string_view text, bool whole, std::size_t* complete = nullptr);

/// Turns bytes of one encoding into UTF-8, a piece at a time; keeps what spans two pieces.
class Decoder {
public:
    explicit Decoder(Encoding encoding);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    /// Appends the text of `bytes`; `last` with the final piece. Throws ProblemError (broken_text) with byte
    /// offset and line.
    void decode(std::string_view bytes, bool last, std::string& out);

private:
    void decode_utf8(std::string_view bytes, bool last, std::string& out);
    void decode_chinese(std::string_view bytes, bool last, std::string& out);
    void decode_other(std::string_view bytes, bool last, std::string& out);
    void count_lines(std::string_view text);
    [[noreturn]] void fail(std::int64_t byte, std::string_view bad) const;

    Encoding encoding_;
    UConverter* converter_ = nullptr;
    bool chinese_ = false;  ///< GB18030, which reads GBK and GB2312 too
    std::string pending_;   ///< bytes of a character begun in the piece before
    char16_t high_surrogate_ = 0;
    std::int64_t byte_ = 0;  ///< of the input, before the present piece
    std::int64_t line_ = 1;
    bool after_cr_ = false;
    std::size_t skip_ = 0;  ///< byte order mark still to leave out
};

/// A text file as UTF-8 pieces.
class TextSource {
public:
    /// `encoding` empty: detected.
    TextSource(const std::filesystem::path& path, const std::string& encoding, const ReadLimits& limits);

    /// Replaces `out` by the next piece, at most some 256 KiB. False at the end.
    bool next(std::string& out);
    [[nodiscard]] const Encoding& encoding() const { return encoding_; }
    [[nodiscard]] std::int64_t position() const { return bytes_->position(); }

private:
    std::unique_ptr<ByteSource> bytes_;
    Encoding encoding_;
    std::unique_ptr<Decoder> decoder_;
    std::string sample_;
    bool at_end_ = false;
    std::string buffer_;
};

}  // namespace pengcheng::formats
