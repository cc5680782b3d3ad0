#include <pengcheng/base/time.hpp>

#include <array>
#include <cstdio>

namespace pengcheng {

using namespace std::chrono;

namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) {
        return std::nullopt;
    }
    int out = 0;
    for (char c : text.substr(at, count)) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        out = out * 10 + (c - '0');
    }
    return out;
}

}  // namespace

Time Clock::now() const {
    return time_point_cast<microseconds>(system_clock::now());
}

Day city_day(Time at) {
    return floor<days>(at + city_offset);
}

std::string to_rfc3339(Time at) {
    Time local = at + city_offset;
    Day day = floor<days>(local);
    hh_mm_ss<milliseconds> clock{floor<milliseconds>(local - day)};
    std::array<char, 40> out{};
    std::snprintf(out.data(), out.size(), "%sT%02d:%02d:%02d.%03d+08:00", to_text(day).c_str(),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return out.data();
}

std::string to_text(Day day) {
    year_month_day ymd{day};
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(ymd.year()),
                  static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
    return out.data();
}

std::optional<Day> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    auto y = digits(text, 0, 4);
    auto m = digits(text, 5, 2);
    auto d = digits(text, 8, 2);
    if (!y || !m || !d) {
        return std::nullopt;
    }
    year_month_day ymd{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
    if (!ymd.ok()) {
        return std::nullopt;
    }
    return Day{ymd};
}

std::optional<Time> parse_time(std::string_view text) {
    if (text.size() < 19 || (text[10] != 'T' && text[10] != ' ' && text[10] != 't')) {
        return std::nullopt;
    }
    auto day = parse_day(text.substr(0, 10));
    auto h = digits(text, 11, 2);
    auto m = digits(text, 14, 2);
    auto s = digits(text, 17, 2);
    if (!day || !h || !m || !s || text[13] != ':' || text[16] != ':' || *h > 23 || *m > 59 || *s > 60) {
        return std::nullopt;
    }
    Time out = Time{*day} + hours{*h} + minutes{*m} + seconds{*s};
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.') {
        std::int64_t unit = 100000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
            out += microseconds{unit * (text[at] - '0')};
        }
    }
    std::string_view zone = text.substr(at);
    if (zone == "Z" || zone == "z") {
        return out;
    }
    if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) {
        return std::nullopt;
    }
    auto zone_h = digits(zone, 1, 2);
    auto zone_m = zone.size() == 6 && zone[3] == ':' ? digits(zone, 4, 2)
                  : zone.size() == 5                 ? digits(zone, 3, 2)
                  : zone.size() == 3                 ? std::optional<int>(0)
                                                     : std::nullopt;
    if (!zone_h || !zone_m || *zone_h > 23 || *zone_m > 59) {
        return std::nullopt;
    }
    minutes offset = hours{*zone_h} + minutes{*zone_m};
    return zone[0] == '+' ? out - offset : out + offset;
}

WorkCalendar::WorkCalendar(std::map<Day, bool> exceptions) : exceptions_(std::move(exceptions)) {
    if (!exceptions_.empty()) {
        first_year_ = static_cast<int>(year_month_day{exceptions_.begin()->first}.year());
        last_year_ = static_cast<int>(year_month_day{exceptions_.rbegin()->first}.year());
    }
}

bool WorkCalendar::is_workday(Day day) const {
    auto found = exceptions_.find(day);
    if (found != exceptions_.end()) {
        return found->second;
    }
    weekday name{day};
    return name != Saturday && name != Sunday;
}

bool WorkCalendar::provisional(Day day) const {
    int year = static_cast<int>(year_month_day{day}.year());
    return year < first_year_ || year > last_year_;
}

Day WorkCalendar::due(Day from, int working_days) const {
    Day day = from;
    while (working_days > 0) {
        day += days{1};
        working_days -= is_workday(day) ? 1 : 0;
    }
    return day;
}

int WorkCalendar::between(Day from, Day until) const {
    if (until < from) {
        return -between(until, from);
    }
    int count = 0;
    for (Day day = from + days{1}; day <= until; day += days{1}) {
        count += is_workday(day) ? 1 : 0;
    }
    return count;
}

}  // namespace pengcheng
