#pragma once

#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/time.hpp>

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

/// When a schedule is due: a cron expression on the city's clock, and the working calendar. Pure.
namespace pengcheng::jobs {

/// A standard five-field expression (minute hour day-of-month month day-of-week): numbers, names (JAN, MON),
/// `*`, lists, ranges, steps; or @hourly @daily @weekly @monthly @yearly. Sunday is 0 or 7. Where both day
/// fields are restricted, either one suffices, as crontab(5) says.
struct Cron {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;       ///< 1..31
    std::bitset<13> months;     ///< 1..12
    std::bitset<7> weekdays;    ///< 0 is Sunday
    bool every_day = true;      ///< the day-of-month field begins with `*`
    bool every_weekday = true;  ///< the day-of-week field begins with `*`
};
/// Refuses at "/cron" and says which field.
Result<Cron> parse_cron(std::string_view text);

/// Which of the expression's days count.
enum class Days { any, working, nth_working, last_working };

struct Rule {
    Cron cron;
    Days days = Days::any;
    int nth = 0;  ///< of nth_working, 1 is the month's first working day
};

/// The first due time after `after`; nothing within the next nine years (29 February of a Monday ...).
std::optional<Time> next_due(const Rule& rule, const WorkCalendar& calendar, Time after);
/// The last due time at or before `until`, not before `since`.
std::optional<Time> last_due(const Rule& rule, const WorkCalendar& calendar, Time until, Time since);

/// What happens to due times that passed while no process ran.
enum class Missed {
    skip,      ///< nothing
    run_once,  ///< one run, for the last of them
    run_all,   ///< each, the last `missed_max` at most
};
/// A run that begins within this time counts as in time.
inline constexpr std::chrono::minutes in_time{5};

/// The due times of [first_due, now] that are to run, oldest first.
std::vector<Time> to_fire(const Rule& rule, const WorkCalendar& calendar, Time first_due, Time now,
                          Missed missed, int missed_max);

}  // namespace pengcheng::jobs
