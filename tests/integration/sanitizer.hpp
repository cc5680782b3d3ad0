#pragma once

#include <filesystem>

#include <gtest/gtest.h>

/// Builds of the presets asan and tsan: every `pengcheng` that a test starts is sanitized too.
namespace pengcheng::test {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PENGCHENG_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PENGCHENG_SANITIZED 1
#endif

#if defined(PENGCHENG_SANITIZED)
inline constexpr bool sanitized = true;
/// How many times longer than the plain build a wait for an event may take. A bound, not a pause.
inline constexpr int patience = 6;
#else
inline constexpr bool sanitized = false;
inline constexpr int patience = 1;
#endif

/// Collects what the sanitizers say about started processes and fails the test during which they said it:
/// a server that a test kills, or whose reply nobody waits for, would take its report along.
class SanitizerReports : public testing::EmptyTestEventListener {
public:
    SanitizerReports();
    ~SanitizerReports() override;

    /// Takes the reports that are there; "" for none.
    static std::string take();

private:
    void OnTestEnd(const testing::TestInfo&) override { fail_on_reports(); }
    void OnTestSuiteEnd(const testing::TestSuite&) override { fail_on_reports(); }

    static void fail_on_reports();
    static std::filesystem::path folder_;
};

}  // namespace pengcheng::test
