#include "jobs/cron.hpp"

#include <gtest/gtest.h>

namespace pengcheng::jobs {
namespace {

Time at(std::string_view text) {
    return parse_time(text).value();
}

/// 2026: New Year 1-3 January off, Sunday 4 January worked.
const WorkCalendar& calendar() {
    static const WorkCalendar made({{*parse_day("2026-01-01"), false},
                                    {*parse_day("2026-01-02"), false},
                                    {*parse_day("2026-01-03"), false},
                                    {*parse_day("2026-01-04"), true},
                                    {*parse_day("2026-12-31"), false}});
    return made;
}

Rule rule(std::string_view cron, Days days = Days::any, int nth = 0) {
    return {parse_cron(cron).value(), days, nth};
}

std::string next(const Rule& which, std::string_view after) {
    auto due = next_due(which, calendar(), at(after));
    return due ? to_rfc3339(*due).substr(0, 16) : "never";
}

TEST(Cron, TakesTheStandardForms) {
    for (const char* good :
         {"* * * * *", "0 0 1 1 *", "*/5 * * * *", "5/20 1-3 * * *", "0 9-17/2 * JAN,mar-may MON-fri",
          "0 0 * * 7", "0 0 * * 5-7", "  1\t2  3 4 5 ", "@daily", "@hourly", "@weekly", "@monthly", "@yearly",
          "59 23 31 12 0", "0,30 * * * *"}) {
        EXPECT_TRUE(parse_cron(good)) << good;
    }
}

TEST(Cron, RefusesWhatIsNone) {
    for (const char* bad : {"",
                            "*",
                            "* * * *",
                            "* * * * * *",
                            "60 * * * *",
                            "* 24 * * *",
                            "* * 0 * *",
                            "* * 32 * *",
                            "* * * 0 *",
                            "* * * 13 *",
                            "* * * * 8",
                            "*/0 * * * *",
                            "5-1 * * * *",
                            "1- * * * *",
                            "-1 * * * *",
                            "+1 * * * *",
                            "1,,2 * * * *",
                            ", * * * *",
                            "a * * * *",
                            "*5 * * * *",
                            "1/ * * * *",
                            "@often",
                            "0 0 * foo *",
                            "1//2 * * * *",
                            "1-2-3 * * * *",
                            "99999999999 * * * *"}) {
        EXPECT_FALSE(parse_cron(bad)) << bad;
    }
    EXPECT_FALSE(parse_cron(std::string(300, '*')));
}

TEST(Cron, NamesTheFieldThatIsWrong) {
    auto fault = parse_cron("0 25 * * *");
    ASSERT_FALSE(fault);
    ASSERT_EQ(fault.error().errors.size(), 1U);
    EXPECT_EQ(fault.error().errors[0].pointer, "/cron");
    EXPECT_NE(fault.error().errors[0].detail_en.find("hour"), std::string::npos);
    EXPECT_NE(fault.error().errors[0].detail_zh.find("小时"), std::string::npos);
}

TEST(Cron, IsReadOnTheCitysClock) {
    EXPECT_EQ(next(rule("30 3 * * *"), "2026-03-01T03:29:59+08:00"), "2026-03-01T03:30");
    EXPECT_EQ(next(rule("30 3 * * *"), "2026-03-01T03:30:00+08:00"), "2026-03-02T03:30");
    EXPECT_EQ(next(rule("30 3 * * *"), "2026-02-28T20:00:00Z"), "2026-03-02T03:30")
        << "20:00 UTC is four in the morning of the next day in the city";
    EXPECT_EQ(next(rule("*/15 * * * *"), "2026-03-01T23:50:00+08:00"), "2026-03-02T00:00");
    EXPECT_EQ(next(rule("0 0 29 2 *"), "2026-03-01T00:00:00+08:00"), "2028-02-29T00:00");
    EXPECT_EQ(next(rule("0 0 31 2 *"), "2026-03-01T00:00:00+08:00"), "never");
    EXPECT_EQ(next(rule("0 12 * * 7"), "2026-03-02T00:00:00+08:00"), "2026-03-08T12:00");
}

TEST(Cron, TakesEitherDayFieldWhenBothAreRestricted) {
    EXPECT_EQ(next(rule("0 0 13 * FRI"), "2026-03-07T00:00:00+08:00"), "2026-03-13T00:00");
    EXPECT_EQ(next(rule("0 0 10 * FRI"), "2026-03-07T00:00:00+08:00"), "2026-03-10T00:00");
    EXPECT_EQ(next(rule("0 0 */2 * FRI"), "2026-03-07T00:00:00+08:00"), "2026-03-13T00:00")
        << "a field that begins with * restricts nothing by itself";
}

TEST(WorkingDays, AreThoseOfTheCalendar) {
    Rule working = rule("0 8 * * *", Days::working);
    EXPECT_EQ(next(working, "2025-12-31T09:00:00+08:00"), "2026-01-04T08:00") << "a Sunday worked";
    EXPECT_EQ(next(working, "2026-03-06T09:00:00+08:00"), "2026-03-09T08:00") << "over the weekend";
    EXPECT_EQ(next(rule("0 8 * * SAT", Days::working), "2026-03-01T00:00:00+08:00"), "never");
}

TEST(WorkingDays, CountFromTheBeginningOfTheMonth) {
    EXPECT_EQ(next(rule("0 8 * * *", Days::nth_working, 1), "2025-12-31T09:00:00+08:00"), "2026-01-04T08:00");
    EXPECT_EQ(next(rule("0 8 * * *", Days::nth_working, 3), "2026-01-01T00:00:00+08:00"), "2026-01-06T08:00");
    EXPECT_EQ(next(rule("0 8 * * *", Days::nth_working, 1), "2026-01-04T09:00:00+08:00"), "2026-02-02T08:00");
    EXPECT_EQ(next(rule("0 8 * 3 *", Days::nth_working, 1), "2026-01-04T09:00:00+08:00"), "2026-03-02T08:00")
        << "months count too";
}

TEST(WorkingDays, EndWithTheMonth) {
    Rule last = rule("0 18 * * *", Days::last_working);
    EXPECT_EQ(next(last, "2026-02-01T00:00:00+08:00"), "2026-02-27T18:00") << "the 28th is a Saturday";
    EXPECT_EQ(next(last, "2026-12-01T00:00:00+08:00"), "2026-12-30T18:00") << "the 31st is a holiday here";
}

TEST(LastDue, IsTheMirrorOfNextDue) {
    for (const char* text : {"*/7 * * * *", "10 3 * * *", "0 0 1 * *", "0 8 * * MON"}) {
        for (Days days : {Days::any, Days::working, Days::last_working}) {
            Rule each = rule(text, days);
            Time since = at("2026-01-01T00:00:00+08:00");
            auto due = next_due(each, calendar(), since);
            for (int i = 0; i < 20 && due; ++i) {
                EXPECT_EQ(last_due(each, calendar(), *due, since), due) << text;
                auto after = next_due(each, calendar(), *due);
                if (!after) {
                    break;
                }
                EXPECT_EQ(last_due(each, calendar(), *after - std::chrono::microseconds(1), since), due)
                    << text;
                due = after;
            }
        }
    }
    EXPECT_EQ(last_due(rule("0 3 * * *"), calendar(), at("2026-03-05T02:00:00+08:00"),
                       at("2026-03-04T04:00:00+08:00")),
              std::nullopt);
}

TEST(MissedRuns, AreSkippedRunOnceOrAllRun) {
    Rule hourly = rule("0 * * * *");
    Time first = at("2026-03-01T01:00:00+08:00");
    auto fired = [&](std::string_view now, Missed missed, int most) {
        std::string out;
        for (Time due : to_fire(hourly, calendar(), first, at(now), missed, most)) {
            out += to_rfc3339(due).substr(11, 5) + " ";
        }
        return out;
    };
    EXPECT_EQ(fired("2026-03-01T01:00:02+08:00", Missed::skip, 1), "01:00 ");
    EXPECT_EQ(fired("2026-03-01T01:30:00+08:00", Missed::skip, 1), "") << "half an hour late";
    EXPECT_EQ(fired("2026-03-01T05:02:00+08:00", Missed::skip, 1), "05:00 ") << "only the one in time";
    EXPECT_EQ(fired("2026-03-01T05:30:00+08:00", Missed::run_once, 1), "05:00 ");
    EXPECT_EQ(fired("2026-03-01T05:30:00+08:00", Missed::run_all, 100), "01:00 02:00 03:00 04:00 05:00 ");
    EXPECT_EQ(fired("2026-03-01T05:30:00+08:00", Missed::run_all, 2), "04:00 05:00 ");
    EXPECT_EQ(fired("2026-03-01T00:59:00+08:00", Missed::run_all, 2), "") << "not due yet";
}

}  // namespace
}  // namespace pengcheng::jobs
