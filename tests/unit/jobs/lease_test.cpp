#include "jobs/lease.hpp"

#include <gtest/gtest.h>

namespace pengcheng::jobs {
namespace {

TEST(Retry, WaitsLongerEachTimeButNeverBeyondFiveMinutes) {
    EXPECT_EQ(backoff_seconds(1), 1);
    EXPECT_EQ(backoff_seconds(2), 4);
    EXPECT_EQ(backoff_seconds(3), 16);
    EXPECT_EQ(backoff_seconds(4), 64);
    EXPECT_EQ(backoff_seconds(5), 256);
    EXPECT_EQ(backoff_seconds(6), 300);
    EXPECT_EQ(backoff_seconds(1000), 300);
}

TEST(Rate, CountsWhatThisStageDid) {
    using std::chrono::duration;
    EXPECT_DOUBLE_EQ(rate_of(100, 600, duration<double>(2.5)), 200);
    EXPECT_DOUBLE_EQ(rate_of(100, 100, duration<double>(2)), 0);
    EXPECT_DOUBLE_EQ(rate_of(0, 1000, duration<double>(0.01)), 0);
}

}  // namespace
}  // namespace pengcheng::jobs
