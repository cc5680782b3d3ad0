#include "exchange/limits.hpp"

#include <gtest/gtest.h>

namespace pengcheng::exchange {
namespace {

Day day(std::string_view text) {
    return *parse_day(text);
}

/// Holidays and make-up days of 2025 and 2026 that the vectors meet (notices of 2024-11-12 and 2025-11-04).
WorkCalendar calendar() {
    std::map<Day, bool> days;
    auto rest = [&](const char* from, const char* to) {
        for (Day at = day(from); at <= day(to); at += std::chrono::days{1}) {
            days[at] = false;
        }
    };
    rest("2025-01-28", "2025-02-04");
    rest("2025-04-04", "2025-04-06");
    rest("2025-05-01", "2025-05-05");
    rest("2025-05-31", "2025-06-02");
    rest("2025-10-01", "2025-10-08");
    rest("2026-01-01", "2026-01-03");
    rest("2026-02-15", "2026-02-23");
    rest("2026-04-04", "2026-04-06");
    rest("2026-05-01", "2026-05-05");
    rest("2026-06-19", "2026-06-21");
    rest("2026-09-25", "2026-09-27");
    rest("2026-10-01", "2026-10-07");
    for (const char* worked :
         {"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14",
          "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}) {
        days[day(worked)] = true;
    }
    return WorkCalendar(std::move(days));
}

TEST(ExchangeLimits, DueDaysAreTheNationalCalendars) {
    struct Row {
        const char* from;
        int working_days;
        const char* due;
    };
    for (const Row& row : {Row{"2025-01-24", 5, "2025-02-07"},
                           {"2025-04-25", 3, "2025-04-29"},
                           {"2025-05-30", 1, "2025-06-03"},
                           {"2025-09-26", 10, "2025-10-16"},
                           {"2025-09-30", 1, "2025-10-09"},
                           {"2025-12-31", 1, "2026-01-04"},
                           {"2026-02-13", 5, "2026-02-27"},
                           {"2026-02-12", 20, "2026-03-18"},
                           {"2026-05-08", 1, "2026-05-09"},
                           {"2026-09-18", 10, "2026-10-09"},
                           {"2026-09-30", 3, "2026-10-10"},
                           {"2026-01-03", 1, "2026-01-04"}}) {
        EXPECT_EQ(to_text(calendar().due(day(row.from), row.working_days)), row.due) << row.from;
    }
}

TEST(ExchangeLimits, LightsTurnAtHalfAndAtTheLastDay) {
    WorkCalendar known = calendar();
    Day received = day("2026-11-02");
    Day due = known.due(received, conditional_days);
    EXPECT_EQ(to_text(due), "2026-11-16");
    struct Row {
        const char* today;
        int days_left;
        const char* light;
    };
    for (const Row& row : {Row{"2026-11-02", 10, "green"},
                           {"2026-11-06", 6, "green"},
                           {"2026-11-09", 5, "yellow"},
                           {"2026-11-12", 2, "yellow"},
                           {"2026-11-13", 1, "red"},
                           {"2026-11-16", 0, "red"},
                           {"2026-11-18", -2, "red"}}) {
        Standing standing = standing_of(known, due, conditional_days, day(row.today));
        EXPECT_EQ(standing.days_left, row.days_left) << row.today;
        EXPECT_EQ(standing.light, row.light) << row.today;
        EXPECT_FALSE(standing.provisional);
    }
}

TEST(ExchangeLimits, ADueDayPastTheKnownCalendarIsProvisional) {
    WorkCalendar known = calendar();
    Day due = known.due(day("2026-12-25"), conditional_days);
    EXPECT_TRUE(standing_of(known, due, conditional_days, day("2026-12-25")).provisional);
}

}  // namespace
}  // namespace pengcheng::exchange
