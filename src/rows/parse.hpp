#pragma once

#include "rows/query.hpp"

#include <pengcheng/base/problem.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pengcheng::rows {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Reads decoded query parameters. Pure; refusals carry PostgREST's codes.
Result<ReadQuery> parse_query(const Pairs& pairs);

/// "a=eq.1&or=(b.lt.2,c.is.null)", percent-encoded or not: filters only.
Result<Node> parse_filter_text(std::string_view text);

Result<std::vector<SelectItem>> parse_select(std::string_view text);
Result<std::vector<OrderItem>> parse_order(std::string_view text);
/// "[not.]op[(any)].value" of one column.
Result<Node> parse_condition(std::string_view column, std::string_view text);
/// "(a.eq.1,b.gt.2)" of `and` or `or`.
Result<Node> parse_logic(std::string_view text, Node::Kind kind, bool negated);

}  // namespace pengcheng::rows
