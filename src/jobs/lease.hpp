#pragma once

#include <algorithm>
#include <chrono>

/// How long work is held and when it is tried again. Pure.
namespace pengcheng::jobs {

inline constexpr std::chrono::seconds lease_time{15};
inline constexpr std::chrono::seconds beat_every{5};
inline constexpr std::chrono::milliseconds poll_every{500};
inline constexpr std::chrono::milliseconds eager_poll_every{50};
inline constexpr std::chrono::seconds eager_for{1};
inline constexpr std::chrono::milliseconds progress_every{500};
static_assert(3 * beat_every <= lease_time, "two beats may be lost");

/// Seconds before the attempt after `attempt` failed ones: 1, 4, 16, 64, at most five minutes.
constexpr int backoff_seconds(int attempt) {
    int wait = 1;
    for (int i = 1; i < attempt && wait < 300; ++i) {
        wait *= 4;
    }
    return std::min(wait, 300);
}

/// `done` per second since `first` was done, over at least a tenth of a second.
inline double rate_of(std::int64_t first, std::int64_t done, std::chrono::duration<double> elapsed) {
    return elapsed.count() < 0.1 || done <= first ? 0 : static_cast<double>(done - first) / elapsed.count();
}

}  // namespace pengcheng::jobs
