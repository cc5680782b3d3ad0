#include "ingest/copy_row.hpp"

#include <pengcheng/base/time.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>

namespace pengcheng::ingest {

namespace {

template <class Unsigned>
void append_number(std::string& out, Unsigned value) {
    std::array<char, sizeof(Unsigned)> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(value >> (8 * (bytes.size() - 1 - i)));
    }
    out.append(bytes.data(), bytes.size());
}

template <class Unsigned>
void append_sized(std::string& out, Unsigned value) {
    append_number(out, static_cast<std::uint32_t>(sizeof value));
    append_number(out, value);
}

/// Base-10000 digits, weight of the first, sign, decimals shown.
void append_numeric(std::string& out, std::string_view text) {
    bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    std::size_t point = std::min(text.find('.'), text.size());
    std::string_view whole = text.substr(0, point);
    std::string_view decimals = point < text.size() ? text.substr(point + 1) : std::string_view{};
    std::size_t before = (whole.size() + 3) / 4;
    std::size_t after = (decimals.size() + 3) / 4;
    append_number(out, static_cast<std::uint32_t>(8 + 2 * (before + after)));
    append_number(out, static_cast<std::uint16_t>(before + after));
    append_number(out, static_cast<std::uint16_t>(before - 1));
    append_number(out, static_cast<std::uint16_t>(negative ? 0x4000 : 0));
    append_number(out, static_cast<std::uint16_t>(decimals.size()));
    unsigned group = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        group = group * 10 + static_cast<unsigned>(whole[i] - '0');
        if ((whole.size() - i) % 4 == 1) {
            append_number(out, static_cast<std::uint16_t>(std::exchange(group, 0)));
        }
    }
    for (std::size_t i = 0; i < after * 4; ++i) {
        group = group * 10 + (i < decimals.size() ? static_cast<unsigned>(decimals[i] - '0') : 0);
        if (i % 4 == 3) {
            append_number(out, static_cast<std::uint16_t>(std::exchange(group, 0)));
        }
    }
}

template <class Float>
std::optional<Float> float_of(std::string_view text) {
    Float value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool whole = error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
    return whole ? std::optional(value) : std::nullopt;
}

constexpr Day epoch = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};

}  // namespace

void begin_copy(std::string& out) {
    out.append(std::string_view("PGCOPY\n\377\r\n\0", 11));
    append_number(out, std::uint32_t{0});  // flags
    append_number(out, std::uint32_t{0});  // extension
}

void end_copy(std::string& out) {
    append_number(out, static_cast<std::uint16_t>(-1));
}

void begin_row(std::string& out, std::size_t cells) {
    append_number(out, static_cast<std::uint16_t>(cells));
}

void append_null(std::string& out) {
    append_number(out, static_cast<std::uint32_t>(-1));
}

void append_text(std::string& out, std::string_view text) {
    append_number(out, static_cast<std::uint32_t>(text.size()));
    out.append(text);
}

void append_bigint(std::string& out, std::int64_t value) {
    append_sized(out, static_cast<std::uint64_t>(value));
}

bool append_typed(std::string& out, char letter, std::string_view text) {
    switch (letter) {
        case 'N':
        case 'Y':
            append_numeric(out, text);
            return true;
        case 'D': {
            auto day = parse_day(text);
            if (day) {
                append_sized(out, static_cast<std::uint32_t>((*day - epoch).count()));
            }
            return day.has_value();
        }
        case 'T': {
            auto time = parse_time(text);
            if (time) {
                append_sized(out, static_cast<std::uint64_t>((*time - Time(epoch)).count()));
            }
            return time.has_value();
        }
        case 'L':
            append_sized(out, static_cast<std::uint8_t>(text == "t" ? 1 : 0));
            return true;
        case 'I': {
            std::int64_t value = 0;
            auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error == std::errc{}) {
                append_bigint(out, value);
            }
            return error == std::errc{};
        }
        case 'B': {
            auto value = float_of<double>(text);
            if (value) {
                append_sized(out, std::bit_cast<std::uint64_t>(*value));
            }
            return value.has_value();
        }
        case 'F': {
            auto value = float_of<float>(text);
            if (value) {
                append_sized(out, std::bit_cast<std::uint32_t>(*value));
            }
            return value.has_value();
        }
        default:
            append_text(out, text);
            return true;
    }
}

}  // namespace pengcheng::ingest
