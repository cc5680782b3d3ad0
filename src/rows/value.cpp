#include "rows/value.hpp"

#include "rows/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::rows {
namespace {

bool is_decimal(std::string_view text) {
    std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    std::size_t digits = 0;
    auto run = [&] {
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            ++at;
            ++digits;
        }
    };
    run();
    if (at < text.size() && text[at] == '.') {
        ++at;
        run();
    }
    if (digits == 0 || digits > 1000) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        auto exponent =
            to_int(text.substr(at + 1).starts_with('+') ? text.substr(at + 2) : text.substr(at + 1));
        return exponent && *exponent > -300 && *exponent < 300;
    }
    return at == text.size();
}

/// A day, or a day with a time of day and perhaps an offset.
bool is_moment(std::string_view text) {
    auto day = parse_day(text.substr(0, 10));
    if (!day || text.size() == 10) {
        return day.has_value();
    }
    if (parse_time(text)) {
        return true;
    }
    auto clock = text.substr(10);
    bool separated = clock[0] == 'T' || clock[0] == ' ';
    auto two = [&](std::size_t at, int max) {
        auto value = clock.size() >= at + 2 ? to_int(clock.substr(at, 2)) : std::nullopt;
        return value && *value >= 0 && *value <= max;
    };
    bool minutes = separated && two(1, 23) && clock.size() >= 6 && clock[3] == ':' && two(4, 59);
    return minutes && (clock.size() == 6 || (clock.size() == 9 && clock[6] == ':' && two(7, 59)));
}

bool is_logical(std::string_view text) {
    constexpr std::array<std::string_view, 10> words{"true", "false", "t",   "f", "yes",
                                                     "no",   "on",    "off", "1", "0"};
    return std::ranges::find(words, lower_ascii(text)) != words.end();
}

bool fits(std::string_view pg_type, std::string_view text) {
    if (pg_type == "bigint" || pg_type == "integer") {
        return to_int(text.starts_with('+') ? text.substr(1) : text).has_value();
    }
    if (is_number_type(pg_type)) {
        return is_decimal(text);
    }
    if (pg_type == "date") {
        return parse_day(text).has_value();
    }
    if (is_time_type(pg_type)) {
        return is_moment(text);
    }
    if (pg_type == "boolean") {
        return is_logical(text);
    }
    return text.find('\0') == std::string_view::npos && valid_utf8(text);
}

std::string_view expected_zh(std::string_view pg_type) {
    return pg_type == "bigint" || pg_type == "integer" ? "整数"
           : is_number_type(pg_type)                   ? "数字"
           : pg_type == "date"                         ? "日期（2024-05-06）"
           : is_time_type(pg_type)                     ? "日期时间（2024-05-06T08:09:10+08:00）"
           : pg_type == "boolean"                      ? "true 或 false"
                                                       : "文本";
}

}  // namespace

Result<void> check_value(std::string_view column, std::string_view pg_type, std::string_view text) {
    if (fits(pg_type, text)) {
        return {};
    }
    std::string shown = utf8_prefix(text, 60);
    std::string name(column);
    std::string_view state = pg_type == "date" || is_time_type(pg_type) ? "22007" : "22P02";
    return problem::of(
        problem::bad_value, state,
        "字段 " + name + " 应与" + std::string(expected_zh(pg_type)) + "比较，“" + shown + "”不是",
        "invalid input syntax for type " + std::string(pg_type) + " of column " + name + ": \"" + shown +
            "\"",
        "/" + name);
}

}  // namespace pengcheng::rows
