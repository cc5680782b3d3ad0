#include "quality/wire_rows.hpp"

#include <pengcheng/base/time.hpp>
#include <pengcheng/db/value.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <chrono>

namespace pengcheng::quality {

namespace {

constexpr std::string_view signature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t header_bytes = 19;
constexpr int numeric_group = 4;  // decimal digits of one of its base-10000 digits

[[noreturn]] void broken() {
    throw db::Error("08P01", "a row of COPY is not what was asked for");
}

template <class Unsigned>
Unsigned number_at(std::string_view bytes, std::size_t at = 0) {
    if (at + sizeof(Unsigned) > bytes.size()) {
        broken();
    }
    Unsigned value = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
        value = static_cast<Unsigned>((value << 8) | static_cast<unsigned char>(bytes[at + i]));
    }
    return value;
}

void append_digits(std::string& out, unsigned value, int width) {
    std::array<char, 8> digits;
    for (int i = width; i-- > 0; value /= 10) {
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    }
    out.append(digits.data(), static_cast<std::size_t>(width));
}

void append_day(std::string& out, Day day) {
    std::chrono::year_month_day date(day);
    append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_digits(out, static_cast<unsigned>(date.day()), 2);
}

constexpr Day epoch = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};

void append_date(std::string& out, std::string_view bytes) {
    auto days = static_cast<std::int32_t>(number_at<std::uint32_t>(bytes));
    if (days == INT32_MAX || days == INT32_MIN) {
        out += days > 0 ? "infinity" : "-infinity";
        return;
    }
    append_day(out, epoch + std::chrono::days(days));
}

/// As PostgreSQL shows it in the city: "2024-05-06 08:09:10.5+08".
void append_time(std::string& out, std::string_view bytes) {
    auto micros = static_cast<std::int64_t>(number_at<std::uint64_t>(bytes));
    if (micros == INT64_MAX || micros == INT64_MIN) {
        out += micros > 0 ? "infinity" : "-infinity";
        return;
    }
    Time local = Time(epoch) + std::chrono::microseconds(micros) + city_offset;
    Day day = std::chrono::floor<std::chrono::days>(local);
    std::chrono::hh_mm_ss clock(local - Time(day));
    append_day(out, day);
    out += ' ';
    append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
    out += ':';
    append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
    out += ':';
    append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
    if (auto fraction = static_cast<unsigned>(clock.subseconds().count()); fraction > 0) {
        out += '.';
        append_digits(out, fraction, 6);
        out.erase(out.find_last_not_of('0') + 1);
    }
    out += "+08";
}

void append_numeric(std::string& out, std::string_view bytes) {
    int groups = number_at<std::uint16_t>(bytes, 0);
    int weight = static_cast<std::int16_t>(number_at<std::uint16_t>(bytes, 2));
    auto sign = number_at<std::uint16_t>(bytes, 4);
    int decimals = number_at<std::uint16_t>(bytes, 6);
    if (sign >= 0xC000) {
        out += sign == 0xC000 ? "NaN" : sign == 0xD000 ? "Infinity" : "-Infinity";
        return;
    }
    auto group = [&](int i) -> unsigned {
        return i >= 0 && i < groups ? number_at<std::uint16_t>(bytes, 8 + 2 * static_cast<std::size_t>(i))
                                    : 0;
    };
    out += sign == 0x4000 ? "-" : "";
    std::size_t whole = out.size();
    for (int i = 0; i <= weight; ++i) {
        append_digits(out, group(i), numeric_group);
    }
    out.erase(whole, std::min(out.find_first_not_of('0', whole), out.size()) - whole);
    out += out.size() == whole ? "0" : "";
    if (decimals > 0) {
        out += '.';
        std::size_t point = out.size();
        for (int i = 0; i * numeric_group < decimals; ++i) {
            append_digits(out, group(weight + 1 + i), numeric_group);
        }
        out.resize(point + static_cast<std::size_t>(decimals));
    }
}

template <class Number>
void append_plain(std::string& out, Number value) {
    std::array<char, 40> text;
    auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), end);
}

}  // namespace

Wire wire_of(std::string_view pg_type) {
    return pg_type == "numeric"            ? Wire::numeric
           : pg_type == "bigint"           ? Wire::bigint
           : pg_type == "date"             ? Wire::date
           : pg_type == "timestamptz"      ? Wire::time
           : pg_type == "boolean"          ? Wire::boolean
           : pg_type == "double precision" ? Wire::float8
           : pg_type == "real"             ? Wire::float4
                                           : Wire::text;
}

bool sent_as_text(std::string_view pg_type) {
    return pg_type != "text" && wire_of(pg_type) == Wire::text;
}

WireRows::WireRows(std::string_view bytes, std::span<const Wire> columns)
    : rest_(bytes),
      columns_(columns),
      cells_(columns.size()),
      numbers_(columns.size()),
      texts_(columns.size()) {
    if (rest_.starts_with(signature)) {
        take(header_bytes);
    }
}

std::string_view WireRows::take(std::size_t size) {
    if (size > rest_.size()) {
        broken();
    }
    std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
}

bool WireRows::next() {
    if (rest_.empty()) {
        return false;
    }
    auto count = number_at<std::uint16_t>(take(2));
    if (count == 0xFFFF) {
        return false;  // the trailer
    }
    if (count != columns_.size()) {
        broken();
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        auto size = number_at<std::uint32_t>(take(4));
        if (size == UINT32_MAX) {
            cells_[i].reset();
        } else {
            cells_[i] = text_of(i, take(size));
        }
    }
    return true;
}

std::string_view WireRows::text_of(std::size_t column, std::string_view bytes) {
    Wire wire = columns_[column];
    if (wire == Wire::text) {
        return bytes;
    }
    std::string& out = texts_[column];
    out.clear();
    switch (wire) {
        case Wire::text:
            break;
        case Wire::numeric:
            append_numeric(out, bytes);
            break;
        case Wire::bigint:
            numbers_[column] = static_cast<std::int64_t>(number_at<std::uint64_t>(bytes));
            append_plain(out, numbers_[column]);
            break;
        case Wire::date:
            append_date(out, bytes);
            break;
        case Wire::time:
            append_time(out, bytes);
            break;
        case Wire::boolean:
            out = bytes == std::string_view("\0", 1) ? "f" : "t";
            break;
        case Wire::float8:
            append_plain(out, std::bit_cast<double>(number_at<std::uint64_t>(bytes)));
            break;
        case Wire::float4:
            append_plain(out, std::bit_cast<float>(number_at<std::uint32_t>(bytes)));
            break;
    }
    return out;
}

std::string_view equality_text(Wire wire, std::string_view text) {
    if (wire == Wire::numeric && text.find('.') != std::string_view::npos) {
        text = text.substr(0, text.find_last_not_of('0') + 1);
        return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
    }
    bool float_zero = (wire == Wire::float8 || wire == Wire::float4) && text == "-0";
    return float_zero ? text.substr(1) : text;
}

}  // namespace pengcheng::quality
