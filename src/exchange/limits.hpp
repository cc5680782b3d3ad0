#pragma once

#include <pengcheng/base/time.hpp>

#include <string>

namespace pengcheng::exchange {

/// Working days a provider has to answer: 政务数据共享条例 art. 21.
inline constexpr int unconditional_days = 1;
inline constexpr int conditional_days = 10;

/// How a limit stands today.
struct Standing {
    int days_left = 0;  ///< working days after today up to the due day; negative when over
    std::string light;  ///< green: over half of the limit left, yellow: half or less, red: one day or over
    bool provisional = false;  ///< the calendar of the due day's year is not yet announced
};

Standing standing_of(const WorkCalendar& calendar, Day due, int limit_days, Day today);

}  // namespace pengcheng::exchange
