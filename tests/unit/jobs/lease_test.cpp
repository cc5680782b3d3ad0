#include "jobs/lease.hpp"

#include <gtest/gtest.h>

namespace pengcheng::jobs {
namespace {

TEST(Retry, WaitsLongerEachTimeButNeverBeyondFiveMinutes) {
    using std::chrono::milliseconds;
    EXPECT_EQ(backoff(1, 0.5), milliseconds(1000));
    EXPECT_EQ(backoff(2, 0.5), milliseconds(4000));
    EXPECT_EQ(backoff(3, 0.5), milliseconds(16000));
    EXPECT_EQ(backoff(4, 0.5), milliseconds(64000));
    EXPECT_EQ(backoff(5, 0.5), milliseconds(256000));
    EXPECT_EQ(backoff(6, 0.5), milliseconds(300000));
    EXPECT_EQ(backoff(1000, 0.5), milliseconds(300000));
}

TEST(Retry, IsSpreadByChance) {
    using std::chrono::milliseconds;
    EXPECT_EQ(backoff(2, 0), milliseconds(2000));
    EXPECT_EQ(backoff(2, 0.25), milliseconds(3000));
    EXPECT_LT(backoff(2, 0.999), milliseconds(6000));
}

TEST(TimeLeft, IsKnownOnlyWhereTotalAndRateAre) {
    EXPECT_EQ(seconds_left(200, 1000, 100), 8);
    EXPECT_EQ(seconds_left(999, 1000, 100), 1);
    EXPECT_EQ(seconds_left(200, 1000, 0), std::nullopt);
    EXPECT_EQ(seconds_left(200, 0, 100), std::nullopt);
    EXPECT_EQ(seconds_left(1000, 1000, 100), std::nullopt);
}

TEST(Rate, CountsWhatThisStageDid) {
    using std::chrono::duration;
    EXPECT_DOUBLE_EQ(rate_of(100, 600, duration<double>(2.5)), 200);
    EXPECT_DOUBLE_EQ(rate_of(100, 100, duration<double>(2)), 0);
    EXPECT_DOUBLE_EQ(rate_of(0, 1000, duration<double>(0.01)), 0);
}

}  // namespace
}  // namespace pengcheng::jobs
