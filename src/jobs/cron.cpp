#include "jobs/cron.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::jobs {

using namespace std::chrono;

namespace {

constexpr int search_days_max = 9 * 366;
constexpr std::size_t text_bytes_max = 200;

struct Field {
    std::string_view zh, en;
    int first, last;
    std::vector<std::string_view> names;  ///< of first, first + 1, ...
};

const std::array<Field, 5>& fields() {
    static const std::array<Field, 5> all{
        {{"分钟", "minute", 0, 59, {}},
         {"小时", "hour", 0, 23, {}},
         {"日", "day of month", 1, 31, {}},
         {"月",
          "month",
          1,
          12,
          {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
         {"星期", "day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
    return all;
}

Problem refuse(std::string zh, std::string en) {
    return pengcheng::problem::invalid_input.at("/cron", std::move(zh), std::move(en));
}

/// A number or a name of the field, within its bounds.
std::optional<int> value_of(const Field& field, std::string_view text) {
    std::string lower = lower_ascii(text);
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (field.names[i] == lower) {
            return field.first + static_cast<int>(i);
        }
    }
    auto number = text.size() <= 4 ? to_int(text) : std::nullopt;
    if (!number || text.front() == '-' || text.front() == '+' || *number < field.first ||
        *number > field.last) {
        return std::nullopt;
    }
    return static_cast<int>(*number);
}

/// One member of a list: `*`, `a`, `a-b`, each with or without `/step`. False when it is none.
template <std::size_t N>
bool add_part(const Field& field, std::string_view part, std::bitset<N>& out) {
    std::size_t slash = part.find('/');
    std::string_view range = part.substr(0, slash);
    int step = 1;
    if (slash != std::string_view::npos) {
        std::string_view text = part.substr(slash + 1);
        auto given = text.size() <= 3 ? to_int(text) : std::nullopt;
        if (!given || text.front() == '-' || text.front() == '+' || *given < 1) {
            return false;
        }
        step = static_cast<int>(*given);
    }
    int from = field.first;
    int to = field.last;
    if (range != "*") {
        std::size_t dash = range.find('-');
        auto begin = range.empty() ? std::nullopt : value_of(field, range.substr(0, dash));
        auto end = begin;
        if (dash != std::string_view::npos) {
            end = dash + 1 < range.size() ? value_of(field, range.substr(dash + 1)) : std::nullopt;
        }
        if (!begin || !end || *end < *begin) {
            return false;
        }
        from = *begin;
        // "5/10" goes on to the end, as "5-59/10" does.
        to = dash == std::string_view::npos && slash != std::string_view::npos ? field.last : *end;
    }
    for (int value = from; value <= to; value += step) {
        out.set(static_cast<std::size_t>(value));
    }
    return true;
}

template <std::size_t N>
std::optional<Problem> read_field(std::size_t index, std::string_view text, std::bitset<N>& out) {
    const Field& field = fields()[index];
    for (std::string_view part : split(text, ',')) {
        if (part.empty() || !add_part(field, part, out)) {
            std::string bounds = std::to_string(field.first) + "-" + std::to_string(field.last);
            return refuse("“" + std::string(field.zh) + "”字段“" + std::string(text) + "”无效，应为 " +
                              bounds + " 内的数、列表、范围或步长",
                          "the field " + std::string(field.en) + " is '" + std::string(text) +
                              "'; it takes numbers within " + bounds + ", lists, ranges and steps");
        }
    }
    return std::nullopt;
}

std::string_view spelled_out(std::string_view text) {
    static const std::map<std::string_view, std::string_view> macros{
        {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
        {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
        {"@annually", "0 0 1 1 *"}};
    auto found = macros.find(text);
    return found == macros.end() ? text : found->second;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t begin = text.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) {
            break;
        }
        std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
        out.push_back(text.substr(begin, end - begin));
        at = end;
    }
    return out;
}

bool cron_day(const Cron& cron, Day day) {
    year_month_day date{day};
    if (!cron.months.test(static_cast<unsigned>(date.month()))) {
        return false;
    }
    bool by_date = cron.days.test(static_cast<unsigned>(date.day()));
    bool by_weekday = cron.weekdays.test(weekday{day}.c_encoding());
    bool either = !cron.every_day && !cron.every_weekday;
    return either ? by_date || by_weekday : by_date && by_weekday;
}

/// How many working days the month has up to and including `day`.
int working_days_until(const WorkCalendar& calendar, Day day) {
    year_month_day date{day};
    Day before_first = Day{date.year() / date.month() / 1} - days{1};
    return calendar.between(before_first, day);
}

bool is_last_working(const WorkCalendar& calendar, Day day) {
    year_month_day date{day};
    Day last{date.year() / date.month() / std::chrono::last};
    return calendar.between(day, last) == 0;
}

bool on_day(const Rule& rule, const WorkCalendar& calendar, Day day) {
    if (!cron_day(rule.cron, day)) {
        return false;
    }
    if (rule.days == Days::any) {
        return true;
    }
    if (!calendar.is_workday(day)) {
        return false;
    }
    switch (rule.days) {
        case Days::nth_working:
            return working_days_until(calendar, day) == rule.nth;
        case Days::last_working:
            return is_last_working(calendar, day);
        default:
            return true;
    }
}

/// Minutes of the day at which the expression is due, in order.
std::vector<int> minutes_of_day(const Cron& cron) {
    std::vector<int> out;
    for (int hour = 0; hour < 24; ++hour) {
        for (int minute = 0; cron.hours.test(static_cast<std::size_t>(hour)) && minute < 60; ++minute) {
            if (cron.minutes.test(static_cast<std::size_t>(minute))) {
                out.push_back(hour * 60 + minute);
            }
        }
    }
    return out;
}

Time city_time(Day day, int minute) {
    return Time{day} + minutes{minute} - city_offset;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
    if (text.size() > text_bytes_max) {
        return refuse("表达式过长", "the expression is too long");
    }
    auto words = words_of(text);
    if (words.size() == 1) {
        words = words_of(spelled_out(words[0]));
    }
    if (words.size() != 5) {
        return refuse("应有五个字段：分钟 小时 日 月 星期",
                      "there are five fields: minute, hour, day of month, month, day of week");
    }
    Cron out;
    std::bitset<8> weekdays;
    std::array<std::optional<Problem>, 5> faults{
        read_field(0, words[0], out.minutes), read_field(1, words[1], out.hours),
        read_field(2, words[2], out.days), read_field(3, words[3], out.months),
        read_field(4, words[4], weekdays)};
    for (const auto& fault : faults) {
        if (fault) {
            return *fault;
        }
    }
    for (std::size_t day = 0; day < 8; ++day) {
        if (weekdays.test(day)) {
            out.weekdays.set(day % 7);
        }
    }
    out.every_day = words[2].starts_with('*');
    out.every_weekday = words[4].starts_with('*');
    return out;
}

std::optional<Time> next_due(const Rule& rule, const WorkCalendar& calendar, Time after) {
    auto minutes = minutes_of_day(rule.cron);
    Day day = city_day(after);
    for (int i = 0; i <= search_days_max; ++i, day += days{1}) {
        if (!on_day(rule, calendar, day)) {
            continue;
        }
        for (int minute : minutes) {
            if (city_time(day, minute) > after) {
                return city_time(day, minute);
            }
        }
    }
    return std::nullopt;
}

std::optional<Time> last_due(const Rule& rule, const WorkCalendar& calendar, Time until, Time since) {
    auto minutes = minutes_of_day(rule.cron);
    for (Day day = city_day(until); day >= city_day(since); day -= days{1}) {
        if (!on_day(rule, calendar, day)) {
            continue;
        }
        for (auto minute = minutes.rbegin(); minute != minutes.rend(); ++minute) {
            Time due = city_time(day, *minute);
            if (due <= until) {
                return due >= since ? std::optional(due) : std::nullopt;
            }
        }
    }
    return std::nullopt;
}

std::vector<Time> to_fire(const Rule& rule, const WorkCalendar& calendar, Time first_due, Time now,
                          Missed missed, int missed_max) {
    std::size_t most = missed == Missed::run_all ? static_cast<std::size_t>(missed_max) : 1;
    std::vector<Time> out;
    auto due = last_due(rule, calendar, now, first_due);
    while (due && out.size() < most) {
        out.push_back(*due);
        due = last_due(rule, calendar, *due - microseconds{1}, first_due);
    }
    if (missed == Missed::skip && !out.empty() && now - out.front() > in_time) {
        out.clear();
    }
    std::ranges::reverse(out);
    return out;
}

}  // namespace pengcheng::jobs
