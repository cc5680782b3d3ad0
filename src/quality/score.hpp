#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Scores by GB/T 36344-2018: how many of what was judged is right. Pure.
namespace pengcheng::quality {

struct Dimension {
    std::string_view code;
    std::string_view name_zh;
    std::string_view name_en;
    double weight = 0;
};
inline constexpr std::array<Dimension, 6> dimensions{{
    {"01", "规范性", "Conformity", 20},
    {"02", "完整性", "Completeness", 20},
    {"03", "准确性", "Accuracy", 20},
    {"04", "一致性", "Consistency", 15},
    {"05", "时效性", "Timeliness", 15},
    {"06", "可访问性", "Accessibility", 10},
}};

/// What one rule found. `failed` counts the bad elements for every indicator, also those where fewer is
/// better, so that 1 - failed / judged is right for all.
struct RuleCount {
    std::string_view dimension;
    std::string_view severity;
    std::int64_t judged = 0;
    std::int64_t failed = 0;
};

/// 100 · (1 − failed / judged); nothing when nothing was judged.
std::optional<double> rule_score(const RuleCount& rule);
/// block 5, major 3, minor 1; a hint never scores: 0.
double severity_weight(std::string_view severity);

struct DimensionScore {
    std::optional<double> score;
    std::int64_t judged = 0, failed = 0;  ///< sums over scoring rules
};
struct Score {
    std::array<DimensionScore, dimensions.size()> dimensions;
    std::optional<double> total;
    bool capped = false;     ///< a block rule failed: at most 59.9
    std::string_view grade;  ///< excellent, good, medium, low, poor; empty without a total
};
Score score_of(std::span<const RuleCount> rules);
std::string_view grade_of(double score);

/// Hours after a load when the next one is overdue, by update cycle "1".."9"; nothing: never.
std::optional<int> overdue_hours(std::string_view update_cycle);

}  // namespace pengcheng::quality
