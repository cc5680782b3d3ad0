#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::rules::problem {

inline constexpr ProblemType bad_rule{"rules.bad-rule", 422, "A rule cannot be used as written",
                                      "规则写法不正确"};

}  // namespace pengcheng::rules::problem
