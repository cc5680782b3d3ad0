#include "formats/encoding.hpp"

#include "formats/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include <cstring>

namespace pengcheng::formats {

namespace {

constexpr std::size_t sample_bytes_max = 8 << 20;
constexpr std::size_t piece_bytes = 1 << 17;

/// Bytes of the UTF-8 character at `at`: 0 not one, -1 cut off by the end of the text.
int utf8_step(const unsigned char* at, std::size_t left) {
    unsigned char lead = *at;
    int size = lead < 0x80                    ? 1
               : lead >= 0xC2 && lead <= 0xDF ? 2
               : (lead & 0xF0) == 0xE0        ? 3
               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                              : 0;
    for (int i = 1; i < size; ++i) {
        if (static_cast<std::size_t>(i) == left) {
            return -1;
        }
        unsigned char low = 0x80;
        unsigned char high = 0xBF;
        if (i == 1) {
            low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        }
        if (at[i] < low || at[i] > high) {
            return 0;
        }
    }
    return size;
}

struct Utf8Count {
    std::size_t good = 0;  ///< characters beyond ASCII
    std::size_t bad = 0;
    std::size_t first_bad = std::string_view::npos;
};

Utf8Count count_utf8(std::string_view text, bool whole) {
    Utf8Count out;
    auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    for (std::size_t i = 0; i < text.size();) {
        int step = utf8_step(bytes + i, text.size() - i);
        if (step == -1 && !whole) {
            break;
        }
        if (step <= 0) {
            out.first_bad = std::min(out.first_bad, i);
            ++out.bad;
            ++i;
            continue;
        }
        out.good += step > 1 ? 1 : 0;
        i += static_cast<std::size_t>(step);
    }
    return out;
}

/// How many bytes do not decode as GB18030, and how many of the double bytes lie where GB 2312 has its
/// characters. Text of other code pages often decodes, but outside that area.
struct GbCount {
    std::size_t common = 0;
    std::size_t rare = 0;
    std::size_t bad = 0;
    bool cut = false;  ///< the text ends inside a character
    std::size_t first_bad = std::string_view::npos;

    [[nodiscard]] bool valid() const { return bad == 0 && !cut; }
    [[nodiscard]] bool likely() const { return common > 0 && common >= 4 * rare; }
    /// Cyrillic and Greek look like GB 2312 too, but a tenth of their bytes and more do not decode.
    [[nodiscard]] bool damaged() const {
        return likely() && !valid() && (bad == 0 ? common >= 8 : common >= 30 * bad);
    }
};

GbCount count_gb18030(std::string_view text, bool whole) {
    GbCount out;
    auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t i = 0;
    while (i < text.size()) {
        if (at(i) <= 0x80) {  // 0x80 is the euro of code page 936
            ++i;
            continue;
        }
        std::size_t size = i + 1 < text.size() && at(i + 1) >= 0x30 && at(i + 1) <= 0x39 ? 4 : 2;
        if (i + size > text.size()) {
            out.cut = whole;
            out.first_bad = whole ? std::min(out.first_bad, i) : out.first_bad;
            break;
        }
        bool lead = at(i) != 0xFF;
        bool pair = size == 2 && at(i + 1) >= 0x40 && at(i + 1) != 0x7F && at(i + 1) != 0xFF;
        bool four =
            size == 4 && at(i + 2) >= 0x81 && at(i + 2) != 0xFF && at(i + 3) >= 0x30 && at(i + 3) <= 0x39;
        if (!lead || !(pair || four)) {
            out.first_bad = std::min(out.first_bad, i);
            ++out.bad;
            ++i;
            continue;
        }
        bool common = pair && at(i + 1) >= 0xA1 &&
                      ((at(i) >= 0xA1 && at(i) <= 0xA9) || (at(i) >= 0xB0 && at(i) <= 0xF7));
        ++(common || four ? out.common : out.rare);
        i += size;
    }
    return out;
}

std::int64_t line_of(std::string_view text, std::size_t byte) {
    std::string_view before = text.substr(0, byte);
    auto feeds = std::count(before.begin(), before.end(), '\n');
    return 1 + (feeds > 0 ? feeds : std::count(before.begin(), before.end(), '\r'));
}

Problem damaged(const ProblemType& type, std::string_view encoding, std::int64_t byte, std::int64_t line,
                std::string_view bad) {
    std::string name(encoding);
    std::string hex = to_hex(bad);
    std::string place = std::to_string(byte);
    std::string row = std::to_string(line);
    return type.because("第 " + row + " 行（第 " + place + " 字节，内容 0x" + hex + "）不是有效的 " + name +
                            " 文字。请用原系统重新导出，或在上传时选择正确的编码",
                        "line " + row + " (byte " + place + ", 0x" + hex + ") is not valid " + name +
                            "; export it again from its source, or choose the right encoding");
}

std::optional<Encoding> by_mark(std::string_view sample) {
    if (sample.starts_with("\xEF\xBB\xBF")) {
        return Encoding{"UTF-8", true, 3};
    }
    if (sample.starts_with("\xFF\xFE")) {
        return Encoding{"UTF-16LE", true, 2};
    }
    if (sample.starts_with("\xFE\xFF")) {
        return Encoding{"UTF-16BE", true, 2};
    }
    if (sample.starts_with("\x84\x31\x95\x33")) {
        return Encoding{"GB18030", true, 4};
    }
    return std::nullopt;
}

/// UTF-16 without a mark: line feeds and commas leave zeros in every second byte.
std::optional<Encoding> by_zeros(std::string_view sample) {
    std::string_view start = sample.substr(0, 4096);
    std::size_t even = 0;
    std::size_t odd = 0;
    for (std::size_t i = 0; i + 1 < start.size(); i += 2) {
        even += start[i] == '\0' ? 1 : 0;
        odd += start[i + 1] == '\0' ? 1 : 0;
    }
    std::size_t pairs = start.size() / 2;
    if (pairs >= 4 && odd * 5 > pairs && even * 20 < pairs) {
        return Encoding{"UTF-16LE", false, 0};
    }
    if (pairs >= 4 && even * 5 > pairs && odd * 20 < pairs) {
        return Encoding{"UTF-16BE", false, 0};
    }
    return std::nullopt;
}

bool decodes(std::string_view sample, const std::string& name) {
    try {
        Decoder decoder(Encoding{name});
        std::string out;
        decoder.decode(sample, false, out);
        // C1 controls mean that a Windows table was taken for a Latin one.
        return out.find("\xC2\x80") == std::string::npos && out.find("\xC2\x81") == std::string::npos;
    } catch (const ProblemError&) {
        return false;
    }
}

std::optional<Encoding> by_icu(std::string_view sample) {
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector* detector = ucsdet_open(&status);
    auto length = static_cast<std::int32_t>(std::min<std::size_t>(sample.size(), 1 << 16));
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the length is given beside it
    ucsdet_setText(detector, sample.data(), length, &status);
    std::int32_t count = 0;
    const UCharsetMatch** matches = ucsdet_detectAll(detector, &count, &status);
    std::optional<Encoding> found;
    for (std::int32_t i = 0; U_SUCCESS(status) && i < count && !found; ++i) {
        std::string name = ucsdet_getName(matches[i], &status);
        if (ucsdet_getConfidence(matches[i], &status) < 10 || name.starts_with("UTF-") ||
            name.starts_with("ISO-2022") || name.starts_with("IBM")) {
            continue;
        }
        if (decodes(sample, name)) {
            found = Encoding{name};
        }
    }
    ucsdet_close(detector);
    return found;
}

}  // namespace

std::size_t utf8_error(std::string_view text, bool whole, std::size_t* complete) {
    auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t i = 0;
    std::size_t error = std::string_view::npos;
    while (i < text.size()) {
        std::uint64_t eight = 0;
        if (i + 8 <= text.size()) {
            std::memcpy(&eight, bytes + i, 8);
            if ((eight & 0x8080808080808080ULL) == 0) {
                i += 8;
                continue;
            }
        }
        // Chinese text is three-byte characters one after another; E0 and ED have bounds of their own.
        if (i + 3 <= text.size() && (bytes[i] & 0xF0) == 0xE0 && bytes[i] != 0xE0 && bytes[i] != 0xED &&
            (bytes[i + 1] & 0xC0) == 0x80 && (bytes[i + 2] & 0xC0) == 0x80) {
            i += 3;
            continue;
        }
        int step = utf8_step(bytes + i, text.size() - i);
        if (step <= 0) {
            error = step == -1 && !whole ? std::string_view::npos : i;
            break;
        }
        i += static_cast<std::size_t>(step);
    }
    if (complete != nullptr) {
        *complete = i;
    }
    return error;
}

Result<Encoding> detect_encoding(std::string_view sample, bool whole) {
    if (auto found = by_mark(sample)) {
        return *found;
    }
    if (auto found = by_zeros(sample)) {
        return *found;
    }
    if (utf8_error(sample, whole) == std::string_view::npos) {
        return Encoding{};
    }
    // A few broken places among much sound UTF-8 are damage, whatever else the bytes could be read as.
    Utf8Count utf8 = count_utf8(sample, whole);
    auto damaged_utf8 = [&] {
        return damaged(problem::broken_text, "UTF-8", static_cast<std::int64_t>(utf8.first_bad),
                       line_of(sample, utf8.first_bad), sample.substr(utf8.first_bad, 1));
    };
    if (utf8.good >= 10 * utf8.bad) {
        return damaged_utf8();
    }
    GbCount gb = count_gb18030(sample, whole);
    if (gb.valid() && gb.likely()) {
        return Encoding{"GB18030"};
    }
    if (gb.damaged()) {
        return damaged(problem::broken_text, "GB18030", static_cast<std::int64_t>(gb.first_bad),
                       line_of(sample, gb.first_bad), sample.substr(gb.first_bad, 1));
    }
    if (auto found = by_icu(sample)) {
        return *found;
    }
    if (gb.valid() && gb.common > 0) {
        return Encoding{"GB18030"};
    }
    Problem refused = damaged_utf8();
    refused.type = &problem::unknown_encoding;
    return refused;
}

Decoder::Decoder(Encoding encoding) : encoding_(std::move(encoding)), skip_(encoding_.mark_bytes) {
    if (encoding_.name == "UTF-8") {
        return;
    }
    UErrorCode status = U_ZERO_ERROR;
    // 18030 maps the user-defined areas of GBK too, so it reads GB2312 and GBK as well.
    chinese_ = encoding_.name == "GB18030" || encoding_.name == "GBK" || encoding_.name == "GB2312" ||
               encoding_.name == "gbk";
    converter_ = ucnv_open(chinese_ ? "GB18030" : encoding_.name.c_str(), &status);
    if (U_FAILURE(status)) {
        throw ProblemError(problem::unknown_encoding.at("/encoding", "没有名为 " + encoding_.name + " 的编码",
                                                        "there is no encoding called " + encoding_.name));
    }
    ucnv_setToUCallBack(converter_, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
}

Decoder::~Decoder() {
    if (converter_ != nullptr) {
        ucnv_close(converter_);
    }
}

void Decoder::decode(std::string_view bytes, bool last, std::string& out) {
    std::size_t skipped = std::min(skip_, bytes.size());
    skip_ -= skipped;
    byte_ += static_cast<std::int64_t>(skipped);
    bytes.remove_prefix(skipped);
    if (converter_ == nullptr) {
        decode_utf8(bytes, last, out);
    } else if (chinese_) {
        decode_chinese(bytes, last, out);
    } else {
        decode_other(bytes, last, out);
    }
}

void Decoder::decode_utf8(std::string_view bytes, bool last, std::string& out) {
    std::string joined;
    std::size_t held = pending_.size();
    if (held > 0) {
        joined = std::move(pending_);
        joined.append(bytes);
        bytes = joined;
        pending_.clear();
    }
    std::size_t complete = 0;
    std::size_t error = utf8_error(bytes, last, &complete);
    count_lines(bytes.substr(0, complete));
    std::int64_t start = byte_ - static_cast<std::int64_t>(held);
    if (error != std::string_view::npos) {
        fail(start + static_cast<std::int64_t>(error), bytes.substr(error, 1));
    }
    out.append(bytes.substr(0, complete));
    byte_ = start + static_cast<std::int64_t>(bytes.size());
    pending_.assign(bytes.substr(complete));
}

namespace {

void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xC0 | (c >> 6)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        out.push_back(static_cast<char>(0xE0 | (c >> 12)));
        out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    } else {
        out.push_back(static_cast<char>(0xF0 | (c >> 18)));
        out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
        out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
}

/// Every two-byte character of GB18030 as UTF-8, made once from ICU's table: looking up is an array access,
/// where ICU takes a call, UTF-16 and a second turn for each piece.
class ChinesePairs {
public:
    static const ChinesePairs& all() {
        static const ChinesePairs pairs;
        return pairs;
    }
    /// Room for the UTF-8 of so many bytes: a pair becomes three at most, and is written as three.
    static constexpr std::size_t bytes_max(std::size_t bytes) { return bytes + bytes / 2 + 8; }
    /// Writes ASCII and pairs until something else comes -> bytes taken.
    std::size_t decode(std::string_view bytes, char*& to) const {
        auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
        std::size_t at = 0;
        while (at < bytes.size()) {
            std::uint64_t eight = 0;
            if (at + sizeof eight <= bytes.size()) {
                std::memcpy(&eight, from + at, sizeof eight);
                if ((eight & 0x8080808080808080ULL) == 0) {
                    std::memcpy(to, &eight, sizeof eight);
                    to += sizeof eight;
                    at += sizeof eight;
                    continue;
                }
            }
            if (from[at] < 0x80) {
                *to++ = static_cast<char>(from[at++]);
                continue;
            }
            const Character* found = at + 1 < bytes.size() ? find(from[at], from[at + 1]) : nullptr;
            if (found == nullptr || found->size == 0) {
                break;
            }
            std::memcpy(to, found->utf8.data(), found->utf8.size());
            to += found->size;
            at += 2;
        }
        return at;
    }

private:
    struct Character {
        std::array<char, 3> utf8{};
        std::uint8_t size = 0;  ///< 0: no such character
    };
    static constexpr std::size_t leads = 0xFE - 0x81 + 1;
    static constexpr std::size_t trails = 0xFE - 0x40 + 1;

    ChinesePairs() : characters_(leads * trails) {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<UConverter, void (*)(UConverter*)> converter(ucnv_open("GB18030", &status),
                                                                     ucnv_close);
        ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
        for (std::size_t i = 0; i < characters_.size(); ++i) {
            std::array<char, 2> pair{static_cast<char>(0x81 + i / trails),
                                     static_cast<char>(0x40 + i % trails)};
            std::array<char16_t, 4> unit{};
            status = U_ZERO_ERROR;
            ucnv_reset(converter.get());
            auto count = ucnv_toUChars(converter.get(), unit.data(), unit.size(), pair.data(), 2, &status);
            std::string text;
            if (U_SUCCESS(status) && count == 1) {
                append_utf8(text, unit[0]);
                std::copy(text.begin(), text.end(), characters_[i].utf8.begin());
                characters_[i].size = static_cast<std::uint8_t>(text.size());
            }
        }
    }
    [[nodiscard]] const Character* find(unsigned char lead, unsigned char trail) const {
        bool pair = lead >= 0x81 && lead <= 0xFE && trail >= 0x40 && trail <= 0xFE;
        return pair ? &characters_[(lead - 0x81U) * trails + (trail - 0x40U)] : nullptr;
    }

    std::vector<Character> characters_;
};

/// Bytes of what stands at the start and is no pair, for ICU to tell; 0 when too few are here.
std::size_t size_beyond_pairs(std::string_view rest) {
    bool single = !rest.empty() && (rest[0] == '\x80' || rest[0] == '\xFF');
    if (single || rest.size() < 2) {
        return single ? 1 : 0;
    }
    bool four = rest[1] >= '0' && rest[1] <= '9';
    return !four ? 2 : rest.size() < 4 ? 0 : 4;
}

}  // namespace

void Decoder::decode_chinese(std::string_view bytes, bool last, std::string& out) {
    std::string joined;
    std::int64_t start = byte_ - static_cast<std::int64_t>(pending_.size());
    if (!pending_.empty()) {
        joined = std::move(pending_);
        joined.append(bytes);
        bytes = joined;
        pending_.clear();
    }
    const ChinesePairs& pairs = ChinesePairs::all();
    std::size_t begun = out.size();
    // The euro alone becomes three bytes of one.
    auto euros = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\x80'));
    out.resize(begun + ChinesePairs::bytes_max(bytes.size()) + 2 * euros);
    char* to = out.data() + begun;
    const char* counted = to;
    std::size_t at = 0;
    while (at < bytes.size()) {
        at += pairs.decode(bytes.substr(at), to);
        std::size_t size = size_beyond_pairs(bytes.substr(at));
        if (at == bytes.size() || (size == 0 && !last)) {
            break;
        }
        // Four-byte characters are rare, and so is damage: ICU knows both.
        std::string_view rest = bytes.substr(at, size == 0 ? bytes.size() - at : size);
        if (rest[0] == '\x80') {  // code page 936 has the euro here; the standard leaves the byte free
            to = std::copy_n("\u20AC", 3, to);
            ++at;
            continue;
        }
        count_lines({counted, static_cast<std::size_t>(to - counted)});
        byte_ = start + static_cast<std::int64_t>(at);
        std::string one;
        decode_other(rest, true, one);
        to = std::copy(one.begin(), one.end(), to);
        counted = to;
        at += rest.size();
    }
    count_lines({counted, static_cast<std::size_t>(to - counted)});
    out.resize(static_cast<std::size_t>(to - out.data()));
    pending_.assign(bytes.substr(at));
    byte_ = start + static_cast<std::int64_t>(bytes.size());
}

void Decoder::decode_other(std::string_view bytes, bool last, std::string& out) {
    const char* source = bytes.data();
    const char* source_end = source + bytes.size();
    std::array<char16_t, 4096> units;
    UErrorCode status = U_ZERO_ERROR;
    do {
        char16_t* target = units.data();
        status = U_ZERO_ERROR;
        ucnv_toUnicode(converter_, &target, units.data() + units.size(), &source, source_end, nullptr, last,
                       &status);
        std::size_t start = out.size();
        for (char16_t* at = units.data(); at != target; ++at) {
            char16_t unit = *at;
            if (high_surrogate_ != 0 && unit >= 0xDC00 && unit <= 0xDFFF) {
                append_utf8(out, 0x10000 + ((char32_t{high_surrogate_} - 0xD800) << 10) + (unit - 0xDC00));
                high_surrogate_ = 0;
            } else if (unit >= 0xD800 && unit <= 0xDBFF) {
                high_surrogate_ = unit;
            } else {
                append_utf8(out, unit >= 0xDC00 && unit <= 0xDFFF ? char32_t{0xFFFD} : char32_t{unit});
                high_surrogate_ = 0;
            }
        }
        count_lines(std::string_view(out).substr(start));
    } while (status == U_BUFFER_OVERFLOW_ERROR);
    if (U_FAILURE(status)) {
        std::array<char, 16> bad;
        auto length = static_cast<std::int8_t>(bad.size());
        UErrorCode ignored = U_ZERO_ERROR;
        ucnv_getInvalidChars(converter_, bad.data(), &length, &ignored);
        fail(byte_ + (source - bytes.data()) - length,
             std::string_view(bad.data(), static_cast<std::size_t>(length)));
    }
    byte_ += static_cast<std::int64_t>(bytes.size());
}

void Decoder::count_lines(std::string_view text) {
    if (text.empty()) {
        return;
    }
    auto feeds = std::count(text.begin(), text.end(), '\n');
    auto returns = std::count(text.begin(), text.end(), '\r');
    std::int64_t pairs = after_cr_ && text.front() == '\n' ? 1 : 0;
    for (std::size_t at = returns > 0 ? text.find("\r\n") : std::string_view::npos;
         at != std::string_view::npos; at = text.find("\r\n", at + 2)) {
        ++pairs;
    }
    line_ += feeds + returns - pairs;
    after_cr_ = text.back() == '\r';
}

void Decoder::fail(std::int64_t byte, std::string_view bad) const {
    throw ProblemError(damaged(problem::broken_text, encoding_.name, byte, line_, bad));
}

TextSource::TextSource(const std::filesystem::path& path, const std::string& encoding,
                       const ReadLimits& limits)
    : bytes_(open_bytes(path, limits)), buffer_(piece_bytes, '\0') {
    while (sample_.size() < sample_bytes_max && !at_end_) {
        std::size_t count = bytes_->read(buffer_.data(), buffer_.size());
        sample_.append(buffer_.data(), count);
        at_end_ = count == 0;
    }
    if (sample_.empty()) {
        throw ProblemError(
            problem::empty_file.because("请检查导出是否完成，再上传", "check the export and send it again"));
    }
    if (encoding.empty()) {
        encoding_ = detect_encoding(sample_, at_end_).value();
    } else {
        auto marked = by_mark(sample_);
        encoding_ = marked && marked->name == encoding ? *marked : Encoding{encoding};
    }
    decoder_ = std::make_unique<Decoder>(encoding_);
}

bool TextSource::next(std::string& out) {
    out.clear();
    while (out.empty()) {
        if (!sample_.empty()) {
            std::string sample = std::exchange(sample_, {});
            decoder_->decode(sample, at_end_, out);
            continue;
        }
        if (at_end_) {
            return false;
        }
        std::size_t count = bytes_->read(buffer_.data(), buffer_.size());
        at_end_ = count == 0;
        decoder_->decode(std::string_view(buffer_).substr(0, count), at_end_, out);
    }
    return true;
}

}  // namespace pengcheng::formats
