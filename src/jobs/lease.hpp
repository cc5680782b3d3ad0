#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

/// How long work is held and when it is tried again. Pure.
namespace pengcheng::jobs {

inline constexpr std::chrono::seconds lease_time{15};
inline constexpr std::chrono::seconds beat_every{5};
inline constexpr std::chrono::milliseconds poll_every{500};
inline constexpr std::chrono::milliseconds watch_every{200};  ///< while jobs run: cancel within a second
inline constexpr std::chrono::seconds clock_every{1};         ///< looks whether a schedule is due
inline constexpr std::chrono::milliseconds progress_every{250};
static_assert(3 * beat_every <= lease_time, "two beats may be lost");

/// Before the attempt after `attempt` failed ones: 1, 4, 16, 64 s, at most five minutes, each half to one and
/// a half times as long by `chance` in [0, 1), so that jobs that failed together do not come back together.
constexpr std::chrono::milliseconds backoff(int attempt, double chance) {
    std::int64_t wait = 1000;
    for (int i = 1; i < attempt && wait < 300'000; ++i) {
        wait *= 4;
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(
        static_cast<double>(std::min<std::int64_t>(wait, 300'000)) * (0.5 + chance)));
}

/// Whole seconds until `total` at this rate; nothing where nobody can tell.
inline std::optional<std::int64_t> seconds_left(std::int64_t done, std::int64_t total, double rate) {
    if (rate <= 0 || total <= done) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(total - done) / rate));
}

/// `done` per second since `first` was done, over at least a tenth of a second.
inline double rate_of(std::int64_t first, std::int64_t done, std::chrono::duration<double> elapsed) {
    return elapsed.count() < 0.1 || done <= first ? 0 : static_cast<double>(done - first) / elapsed.count();
}

}  // namespace pengcheng::jobs
