#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pengcheng {

using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Day = std::chrono::sys_days;

/// The clock that domain code reads, so that tests can move it. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const;
};

/// The city's offset. Asia/Shanghai has had no daylight saving since 1991, so a fixed +08:00 serves.
inline constexpr std::chrono::hours city_offset{8};

Day city_day(Time at);                                  ///< the calendar day in the city
std::string to_rfc3339(Time at);                        ///< "2026-11-23T14:05:09.123+08:00"
std::string to_text(Day day);                           ///< "2026-11-23"
std::optional<Day> parse_day(std::string_view text);    ///< strict YYYY-MM-DD
std::optional<Time> parse_time(std::string_view text);  ///< RFC 3339, or PostgreSQL's timestamptz text

/// Working days of the State Council's notices (weekday, unless a day is listed otherwise).
/// A day in a year with no loaded notice counts by weekday only and is `provisional`.
/// Immutable after loading: share freely between threads.
class WorkCalendar {
public:
    WorkCalendar() = default;
    /// `exceptions`: day -> is it worked (holidays false, make-up days true).
    explicit WorkCalendar(std::map<Day, bool> exceptions);

    [[nodiscard]] bool is_workday(Day day) const;
    [[nodiscard]] bool provisional(Day day) const;
    /// End of the nth working day after `from` (day 0 is not counted).
    [[nodiscard]] Day due(Day from, int working_days) const;
    /// Working days after `from` up to and including `until`; negative when `until` is earlier.
    [[nodiscard]] int between(Day from, Day until) const;

private:
    std::map<Day, bool> exceptions_;
    int first_year_ = 0;
    int last_year_ = 0;
};

}  // namespace pengcheng
