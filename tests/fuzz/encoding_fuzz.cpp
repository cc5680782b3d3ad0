#include "support.hpp"

#include "formats/encoding.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/formats/writers.hpp>

#include <array>
#include <optional>

namespace {

using namespace pengcheng;

constexpr std::array<const char*, 6> encodings = {"GB18030", "UTF-8", "UTF-16LE", "UTF-16BE", "Big5", "GBK"};

/// The text, or nothing where the bytes are not of that encoding.
std::optional<std::string> decoded(const std::string& encoding, std::string_view bytes, std::size_t step) {
    formats::Decoder decoder(formats::Encoding{encoding});
    std::string text;
    try {
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            std::string_view piece = bytes.substr(at, step);
            decoder.decode(piece, at + piece.size() == bytes.size(), text);
        }
    } catch (const ProblemError& error) {
        fuzz::require(valid_utf8(error.problem().detail_zh));
        return std::nullopt;
    }
    return text;
}

}  // namespace

/// First byte: the encoding; second: how the bytes are cut into pieces; the rest: a text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    std::string encoding = encodings[bytes[0] % encodings.size()];
    std::string_view file = fuzz::text_of(bytes + 2, size - 2);
    auto whole = decoded(encoding, file, file.size());
    auto pieces = decoded(encoding, file, bytes[1] % 7 + 1);
    fuzz::require(whole == pieces);
    if (!whole) {
        return 0;
    }
    fuzz::require(valid_utf8(*whole));
    if (encoding == "GB18030" || encoding == "UTF-8") {
        // These hold every character, so nothing is lost on the way out and in again.
        std::string out = formats::encode_text(*whole, encoding);
        fuzz::require(whole->empty() || decoded(encoding, out, out.size()) == whole);
    }
    return 0;
}
