#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pengcheng::rules {

/// Reads UTF-8 a code point at a time; an invalid byte reads as itself. `at` stays within `text`.
inline char32_t next_code_point(std::string_view text, std::size_t& at) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char lead = byte(at);
    int more = lead >= 0xF0 && lead < 0xF8 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
    if (lead >= 0xF8 || at + static_cast<std::size_t>(more) >= text.size()) {
        more = 0;
    }
    char32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
    for (int i = 1; i <= more; ++i) {
        unsigned char next = byte(at + static_cast<std::size_t>(i));
        if ((next & 0xC0) != 0x80) {
            ++at;
            return lead;
        }
        point = (point << 6) | (next & 0x3Fu);
    }
    at += static_cast<std::size_t>(more) + 1;
    return point;
}

/// Full-width ASCII (U+FF01..FF5E) and the ideographic blank as their ASCII fellows.
constexpr char32_t half_width(char32_t point) {
    if (point >= 0xFF01 && point <= 0xFF5E) {
        return point - 0xFEE0;
    }
    return point == 0x3000 || point == 0xA0 ? U' ' : point;
}

constexpr bool is_blank(char32_t point) {
    return point == U' ' || point == U'\t' || point == U'\r' || point == U'\n' || point == 0x3000 ||
           point == 0xA0 || point == 0xFEFF;
}

/// A short cell as half-width code points without blanks around it; longer text than `size_max` is cut
/// and marked.
struct ShortText {
    static constexpr std::size_t size_max = 48;
    char32_t points[size_max] = {};
    std::size_t size = 0;
    bool too_long = false;
    bool turned = false;  ///< blanks around or full-width characters were there

    explicit ShortText(std::string_view text) {
        while (size < text.size() && size < size_max && text[size] > ' ' && text[size] < '\x7F') {
            points[size] = static_cast<unsigned char>(text[size]);
            ++size;
        }
        if (size != text.size()) {
            size = 0;
            read(text);  // blanks, wide characters, or too long
        }
    }

    void read(std::string_view text) {
        std::size_t at = 0;
        std::size_t last = 0;
        while (at < text.size()) {
            char32_t raw = next_code_point(text, at);
            char32_t point = half_width(raw);
            turned = turned || point != raw;
            if (is_blank(point) && size == 0) {
                turned = true;
                continue;
            }
            if (size == size_max) {
                too_long = too_long || !is_blank(point);
                continue;
            }
            points[size++] = point;
            if (!is_blank(point)) {
                last = size;
            }
        }
        turned = turned || last != size;
        size = last;
    }

    [[nodiscard]] char32_t operator[](std::size_t i) const { return i < size ? points[i] : U'\0'; }

    template <class Predicate>
    void remove_if(Predicate gone) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < size; ++i) {
            if (!gone(points[i])) {
                points[kept++] = points[i];
            }
        }
        turned = turned || kept != size;
        size = kept;
    }
    [[nodiscard]] bool digits(std::size_t from, std::size_t count) const {
        if (from + count > size) {
            return false;
        }
        for (std::size_t i = from; i < from + count; ++i) {
            if (points[i] < U'0' || points[i] > U'9') {
                return false;
            }
        }
        return true;
    }
    [[nodiscard]] int digit(std::size_t i) const { return static_cast<int>(points[i] - U'0'); }
    [[nodiscard]] int number(std::size_t from, std::size_t count) const {
        int value = 0;
        for (std::size_t i = from; i < from + count; ++i) {
            value = value * 10 + digit(i);
        }
        return value;
    }
};

}  // namespace pengcheng::rules
