#pragma once

#include <pengcheng/base/time.hpp>

#include <string_view>

namespace pengcheng::services {

/// Working days that the body has to accept, ask for more, or refuse (行政许可法 §32).
inline constexpr int accept_days_max = 5;
/// Calendar days that the applicant has to hand in what was asked (local rule).
inline constexpr int supplement_days_max = 30;

/// Working days that the register's department has to verify an objection (local rule).
inline constexpr int objection_days_max = 5;

/// The working day that something sent at `at` counts as received on: after 17:30, or on a day off,
/// it is the next working day.
Day received_on(const WorkCalendar& calendar, Time at);

/// Working days that a span does not count: a day is left out when the span covers the whole of it, so
/// the first and the last day still count.
int suspended_days(const WorkCalendar& calendar, Day from, Day until);

/// green, yellow (at most a third of the limit or two days left), red (last day), overdue.
std::string_view light(int days_left, int limit);

}  // namespace pengcheng::services
