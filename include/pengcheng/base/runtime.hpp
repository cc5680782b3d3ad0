#pragma once

#include <pengcheng/base/config.hpp>
#include <pengcheng/base/time.hpp>

#include <filesystem>

namespace pengcheng {

/// What every operation may need beside its database handle. Built once by `app`, outlives all work,
/// immutable while serving.
struct Runtime {
    Config config;
    const Clock* clock = nullptr;
    WorkCalendar calendar;

    [[nodiscard]] Time now() const { return clock->now(); }
    [[nodiscard]] Day today() const { return city_day(clock->now()); }
    [[nodiscard]] std::filesystem::path var(std::string_view folder) const { return config.var / folder; }
};

}  // namespace pengcheng
