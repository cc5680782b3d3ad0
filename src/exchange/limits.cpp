#include "exchange/limits.hpp"

namespace pengcheng::exchange {

Standing standing_of(const WorkCalendar& calendar, Day due, int limit_days, Day today) {
    Standing out;
    out.days_left = calendar.between(today, due);
    out.provisional = calendar.provisional(due);
    if (out.days_left <= 1) {
        out.light = "red";
    } else {
        out.light = out.days_left * 2 > limit_days ? "green" : "yellow";
    }
    return out;
}

}  // namespace pengcheng::exchange
