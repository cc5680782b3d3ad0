#include "services/limits.hpp"

#include <algorithm>

namespace pengcheng::services {

namespace {

constexpr std::chrono::minutes office_closes{17 * 60 + 30};

}  // namespace

Day received_on(const WorkCalendar& calendar, Time at) {
    const Day day = city_day(at);
    const auto time_of_day = at + city_offset - Time{day};
    if (calendar.is_workday(day) && time_of_day <= office_closes) {
        return day;
    }
    return calendar.due(day, 1);
}

int suspended_days(const WorkCalendar& calendar, Day from, Day until) {
    return std::max(0, calendar.between(from, until - std::chrono::days{1}));
}

std::string_view light(int days_left, int limit) {
    if (days_left < 0) {
        return "overdue";
    }
    if (days_left == 0) {
        return "red";
    }
    return days_left <= 2 || days_left * 3 <= limit ? "yellow" : "green";
}

}  // namespace pengcheng::services
