#include "services/limits.hpp"

#include <gtest/gtest.h>

namespace pengcheng::services {

namespace {

/// The State Council's calendar around the dates of these tests (facts/workdays.json).
WorkCalendar calendar() {
    std::map<Day, bool> days;
    const auto off = [&](const char* from, const char* to) {
        for (Day day = *parse_day(from); day <= *parse_day(to); day += std::chrono::days{1}) {
            days[day] = false;
        }
    };
    off("2025-01-01", "2025-01-01");
    off("2025-01-28", "2025-02-04");
    off("2025-04-04", "2025-04-06");
    off("2025-05-01", "2025-05-05");
    off("2025-05-31", "2025-06-02");
    off("2025-10-01", "2025-10-08");
    off("2026-01-01", "2026-01-03");
    off("2026-02-15", "2026-02-23");
    off("2026-04-04", "2026-04-06");
    off("2026-05-01", "2026-05-05");
    off("2026-06-19", "2026-06-21");
    off("2026-09-25", "2026-09-27");
    off("2026-10-01", "2026-10-07");
    for (const char* worked :
         {"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14",
          "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}) {
        days[*parse_day(worked)] = true;
    }
    return WorkCalendar(std::move(days));
}

Time at(const char* local) {
    return *parse_time(std::string(local) + "+08:00");
}

}  // namespace

TEST(Limits, AreDueAsTheVectorsSay) {
    struct Vector {
        const char* accepted;
        int days;
        const char* due;
    };
    const auto days = calendar();
    for (const auto& v : {Vector{"2025-01-24", 5, "2025-02-07"}, Vector{"2025-04-25", 3, "2025-04-29"},
                          Vector{"2025-05-30", 1, "2025-06-03"}, Vector{"2025-09-26", 10, "2025-10-16"},
                          Vector{"2025-09-30", 1, "2025-10-09"}, Vector{"2025-12-31", 1, "2026-01-04"},
                          Vector{"2026-02-13", 5, "2026-02-27"}, Vector{"2026-02-12", 20, "2026-03-18"},
                          Vector{"2026-05-08", 1, "2026-05-09"}, Vector{"2026-09-18", 10, "2026-10-09"},
                          Vector{"2026-09-30", 3, "2026-10-10"}, Vector{"2026-01-03", 1, "2026-01-04"}}) {
        EXPECT_EQ(to_text(days.due(*parse_day(v.accepted), v.days)), v.due) << v.accepted;
    }
}

TEST(Receiving, CountsAfterHoursAndDaysOffAsTheNextWorkingDay) {
    const auto days = calendar();
    EXPECT_EQ(to_text(received_on(days, at("2026-09-23T17:30:00"))), "2026-09-23");
    EXPECT_EQ(to_text(received_on(days, at("2026-09-23T17:30:01"))), "2026-09-24");
    EXPECT_EQ(to_text(received_on(days, at("2026-09-24T18:00:00"))), "2026-09-28");
    EXPECT_EQ(to_text(received_on(days, at("2026-10-03T10:00:00"))), "2026-10-08");
    EXPECT_EQ(to_text(received_on(days, at("2026-10-10T10:00:00"))), "2026-10-10");
    // Early morning in the city is still the day before in UTC.
    EXPECT_EQ(to_text(received_on(days, at("2026-09-23T00:05:00"))), "2026-09-23");
}

TEST(Suspension, LeavesOutWholeWorkingDaysOnly) {
    const auto days = calendar();
    const auto count = [&](const char* from, const char* to) {
        return suspended_days(days, *parse_day(from), *parse_day(to));
    };
    EXPECT_EQ(count("2026-11-23", "2026-11-23"), 0);
    EXPECT_EQ(count("2026-11-23", "2026-11-24"), 0);
    EXPECT_EQ(count("2026-11-23", "2026-11-26"), 2);
    EXPECT_EQ(count("2026-11-20", "2026-11-23"), 0);
    EXPECT_EQ(count("2026-09-30", "2026-10-09"), 1);
}

TEST(Light, TurnsAtAThirdAndAtTwoDays) {
    EXPECT_EQ(light(10, 20), "green");
    EXPECT_EQ(light(6, 20), "yellow");
    EXPECT_EQ(light(3, 5), "green");
    EXPECT_EQ(light(2, 5), "yellow");
    EXPECT_EQ(light(0, 5), "red");
    EXPECT_EQ(light(-1, 5), "overdue");
}

}  // namespace pengcheng::services
