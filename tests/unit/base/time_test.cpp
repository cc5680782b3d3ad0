#include <pengcheng/base/time.hpp>

#include <gtest/gtest.h>

namespace pengcheng {

Day day(std::string_view text) {
    return *parse_day(text);
}

TEST(Days, ParseStrictly) {
    EXPECT_EQ(to_text(day("2026-02-28")), "2026-02-28");
    for (const char* bad : {"2026-02-30", "2026-2-3", "2026/02/03", "", "2026-13-01", "2026-00-10"}) {
        EXPECT_FALSE(parse_day(bad)) << bad;
    }
}

TEST(Times, RoundTripInTheCity) {
    Time at = *parse_time("2026-11-23T23:30:00.250Z");
    EXPECT_EQ(to_rfc3339(at), "2026-11-24T07:30:00.250+08:00");
    EXPECT_EQ(to_text(city_day(at)), "2026-11-24");
    EXPECT_EQ(parse_time("2026-11-24 07:30:00.25+08"), at);
    EXPECT_EQ(parse_time("2026-11-24T07:30:00.25+0800"), at);
    for (const char* bad :
         {"2026-11-24", "2026-11-24T07:30:00", "2026-11-24T25:00:00Z", "2026-11-24T07:30:00+8"}) {
        EXPECT_FALSE(parse_time(bad)) << bad;
    }
}

/// The notices of 2025 and 2026 as far as the vectors need them (facts/services.md §6).
WorkCalendar calendar() {
    std::map<Day, bool> days;
    auto off = [&days](std::string_view from, std::string_view until) {
        for (Day at = day(from); at <= day(until); at += std::chrono::days{1}) {
            days[at] = false;
        }
    };
    off("2025-01-28", "2025-02-04");
    off("2025-05-01", "2025-05-05");
    off("2025-05-31", "2025-06-02");
    off("2025-10-01", "2025-10-08");
    off("2026-01-01", "2026-01-03");
    off("2026-02-15", "2026-02-23");
    off("2026-05-01", "2026-05-05");
    off("2026-09-25", "2026-09-27");
    off("2026-10-01", "2026-10-07");
    for (std::string_view worked :
         {"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14",
          "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}) {
        days[day(worked)] = true;
    }
    return WorkCalendar(std::move(days));
}

TEST(WorkCalendar, FindsTheDueDaysOfTheNotices) {
    struct Row {
        const char* from;
        int days;
        const char* due;
    };
    const WorkCalendar work = calendar();
    for (Row row : {Row{"2025-01-24", 5, "2025-02-07"}, Row{"2025-04-25", 3, "2025-04-29"},
                    Row{"2025-05-30", 1, "2025-06-03"}, Row{"2025-09-26", 10, "2025-10-16"},
                    Row{"2025-09-30", 1, "2025-10-09"}, Row{"2025-12-31", 1, "2026-01-04"},
                    Row{"2026-02-13", 5, "2026-02-27"}, Row{"2026-02-12", 20, "2026-03-18"},
                    Row{"2026-05-08", 1, "2026-05-09"}, Row{"2026-09-18", 10, "2026-10-09"},
                    Row{"2026-09-30", 3, "2026-10-10"}, Row{"2026-01-03", 1, "2026-01-04"}}) {
        EXPECT_EQ(to_text(work.due(day(row.from), row.days)), row.due) << row.from << " + " << row.days;
        EXPECT_EQ(work.between(day(row.from), day(row.due)), row.days) << row.from;
    }
}

TEST(WorkCalendar, SaysWhatIsProvisional) {
    const WorkCalendar work = calendar();
    EXPECT_FALSE(work.provisional(day("2026-12-31")));
    EXPECT_TRUE(work.provisional(day("2027-01-01")));
    EXPECT_TRUE(WorkCalendar{}.provisional(day("2026-01-01")));
    EXPECT_EQ(work.between(day("2026-01-05"), day("2026-01-02")), -2);
}

}  // namespace pengcheng
