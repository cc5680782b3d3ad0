#include "quality/score.hpp"

#include <algorithm>

namespace pengcheng::quality {

namespace {

constexpr double cap_after_block = 59.9;

struct Mean {
    double sum = 0;
    double weight = 0;
    void add(double value, double of_weight) {
        sum += value * of_weight;
        weight += of_weight;
    }
    [[nodiscard]] std::optional<double> value() const {
        return weight > 0 ? std::optional(sum / weight) : std::nullopt;
    }
};

}  // namespace

std::optional<double> rule_score(const RuleCount& rule) {
    if (rule.judged <= 0) {
        return std::nullopt;
    }
    return 100.0 * static_cast<double>(rule.judged - rule.failed) / static_cast<double>(rule.judged);
}

double severity_weight(std::string_view severity) {
    return severity == "block" ? 5 : severity == "major" ? 3 : severity == "minor" ? 1 : 0;
}

Score score_of(std::span<const RuleCount> rules) {
    Score out;
    std::array<Mean, dimensions.size()> means;
    for (const RuleCount& rule : rules) {
        auto score = rule_score(rule);
        auto at = std::ranges::find(dimensions, rule.dimension, &Dimension::code);
        double weight = severity_weight(rule.severity);
        if (!score || at == dimensions.end() || weight <= 0) {
            continue;
        }
        auto index = static_cast<std::size_t>(at - dimensions.begin());
        means[index].add(*score, weight);
        out.dimensions[index].judged += rule.judged;
        out.dimensions[index].failed += rule.failed;
        out.capped = out.capped || (rule.severity == "block" && rule.failed > 0);
    }
    Mean total;
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
        out.dimensions[i].score = means[i].value();
        if (out.dimensions[i].score) {
            total.add(*out.dimensions[i].score, dimensions[i].weight);
        }
    }
    out.total = total.value();
    if (out.total && out.capped) {
        out.total = std::min(*out.total, cap_after_block);
    }
    out.grade = out.total ? grade_of(*out.total) : "";
    return out;
}

std::string_view grade_of(double score) {
    return score >= 95   ? "excellent"
           : score >= 85 ? "good"
           : score >= 70 ? "medium"
           : score >= 60 ? "low"
                         : "poor";
}

std::optional<int> overdue_hours(std::string_view update_cycle) {
    constexpr int day = 24;
    static constexpr std::array<std::pair<std::string_view, int>, 7> hours{{
        {"1", 2},
        {"2", day + 12},
        {"3", 9 * day},
        {"4", 36 * day},
        {"5", 107 * day},
        {"6", 396 * day},
        {"7", 204 * day},
    }};
    auto at = std::ranges::find(hours, update_cycle, &std::pair<std::string_view, int>::first);
    return at == hours.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace pengcheng::quality
