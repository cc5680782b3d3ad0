#pragma once

#include "rows/query.hpp"

#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/value.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::rows {

/// A column as a condition sees it.
struct Operand {
    std::string sql;      ///< expression
    std::string pg_type;  ///< "text" when masked
    bool masked = false;
};
using Resolve = std::function<std::optional<Operand>(std::string_view column)>;

/// SQL of a condition tree; values are appended to `params`.
Result<std::string> condition_sql(const Node& node, const Resolve& resolve, std::vector<db::Param>& params);

/// Whether every operator in the tree is one that PostgreSQL marks leakproof, on unmasked columns: it can
/// tell nothing about rows that a row filter hides, so it may run before the filter.
bool leakproof(const Node& node, const Resolve& resolve);

}  // namespace pengcheng::rows
