#include "http/conditional.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace pengcheng::http {

namespace {

constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string_view opaque(std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
}

bool is_weak(std::string_view tag) {
    return tag.starts_with("W/");
}

/// Whether a list of entity tags names `etag`, weakly. Tags may hold commas between their quotes.
bool names(std::string_view list, std::string_view etag) {
    list = trim(list);
    if (list == "*") {
        return true;
    }
    while (!list.empty()) {
        std::size_t open = list.find('"');
        std::size_t close = open == std::string_view::npos ? open : list.find('"', open + 1);
        if (close == std::string_view::npos) {
            return false;
        }
        if (list.substr(open, close + 1 - open) == opaque(etag)) {
            return true;
        }
        list.remove_prefix(close + 1);
    }
    return false;
}

std::optional<int> two_digits(std::string_view text) {
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) {
        return std::nullopt;
    }
    return (text[0] - '0') * 10 + (text[1] - '0');
}

}  // namespace

std::string to_http_date(std::time_t at) {
    std::tm parts{};
    gmtime_r(&at, &parts);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                  months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                  parts.tm_min, parts.tm_sec);
    return text.data();
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
    // "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms are treated as not sent.
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" || text[16] != ' ') {
        return std::nullopt;
    }
    const auto* month = std::find(months.begin(), months.end(), text.substr(8, 3));
    auto day = two_digits(text.substr(5, 2));
    auto century = two_digits(text.substr(12, 2));
    auto year = two_digits(text.substr(14, 2));
    auto hour = two_digits(text.substr(17, 2));
    auto minute = two_digits(text.substr(20, 2));
    auto second = two_digits(text.substr(23, 2));
    if (month == months.end() || !day || !century || !year || !hour || !minute || !second) {
        return std::nullopt;
    }
    std::tm parts{};
    parts.tm_mday = *day;
    parts.tm_mon = static_cast<int>(month - months.begin());
    parts.tm_year = *century * 100 + *year - 1900;
    parts.tm_hour = *hour;
    parts.tm_min = *minute;
    parts.tm_sec = *second;
    return timegm(&parts);
}

bool not_modified(std::string_view if_none_match, std::string_view if_modified_since, std::string_view etag,
                  std::string_view last_modified) {
    if (!if_none_match.empty()) {
        return !etag.empty() && names(if_none_match, etag);
    }
    auto since = parse_http_date(if_modified_since);
    auto changed = parse_http_date(last_modified);
    return since && changed && *changed <= *since;
}

RangeChoice choose_range(std::string_view range, std::string_view if_range, std::string_view etag,
                         std::string_view last_modified, std::int64_t size) {
    constexpr RangeChoice whole;
    constexpr RangeChoice unsatisfiable{RangeChoice::Verdict::unsatisfiable, {}};
    constexpr std::string_view unit = "bytes=";
    if (!range.starts_with(unit) || range.find(',') != std::string_view::npos) {
        return whole;
    }
    if (!if_range.empty()) {
        // A strong comparison: half of one version and half of another must never meet.
        bool same = if_range.find('"') != std::string_view::npos ? !is_weak(etag) && if_range == etag
                                                                 : if_range == last_modified;
        if (!same || if_range.empty()) {
            return whole;
        }
    }
    std::string_view spec = trim(range.substr(unit.size()));
    std::size_t dash = spec.find('-');
    if (dash == std::string_view::npos) {
        return whole;
    }
    auto first = to_int(spec.substr(0, dash));
    auto last = to_int(spec.substr(dash + 1));
    bool suffix = dash == 0;
    bool open = dash + 1 == spec.size();
    if ((suffix && (!last || *last < 0)) || (!suffix && (!first || (!open && (!last || *last < *first))))) {
        return whole;
    }
    if (suffix) {
        if (*last == 0 || size == 0) {
            return unsatisfiable;
        }
        return {RangeChoice::Verdict::part, {std::max<std::int64_t>(0, size - *last), size - 1}};
    }
    if (*first >= size) {
        return unsatisfiable;
    }
    return {RangeChoice::Verdict::part, {*first, open ? size - 1 : std::min(*last, size - 1)}};
}

}  // namespace pengcheng::http
