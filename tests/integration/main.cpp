#include "sanitizer.hpp"

#include <gtest/gtest.h>

#include <csignal>

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    testing::InitGoogleTest(&argc, argv);
    if constexpr (pengcheng::test::sanitized) {
        testing::UnitTest::GetInstance()->listeners().Append(new pengcheng::test::SanitizerReports);
    }
    return RUN_ALL_TESTS();
}
