#pragma once

#include <pengcheng/base/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pengcheng::portal {

/// An opened column as the choice of a chart sees it.
struct ChartField {
    std::string column, label, type, mask, code_list, element, unit;
    bool key = false;           ///< of the resource's primary key
    std::int64_t distinct = 0;  ///< different values in the sample; 0: not looked at
    std::int64_t filled = 0;    ///< values in the sample
    std::string low, high;      ///< dates only: first and last, YYYY-MM-DD
};

/// A number that may be added up: no code, key, phone, year, coordinate, rate or average.
bool is_measure(const ChartField& field);
/// A calendar year written as a number or text.
bool is_year(const ChartField& field);
/// Text whose values may name bars; whether they are few is for the sample to say.
bool may_be_category(const ChartField& field);

struct ChartPlan {
    std::size_t x = 0;
    std::optional<std::size_t> y;  ///< none: rows are counted
    std::string step;              ///< day, month, year for dates; year for years; empty for categories
};

inline constexpr std::int64_t categories_max = 30;
inline constexpr std::size_t points_max = 400;

/// Pure: what to draw over what, or nothing when no choice makes sense.
std::optional<ChartPlan> plan_chart(const std::vector<ChartField>& fields);

}  // namespace pengcheng::portal
