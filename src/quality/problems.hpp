#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::quality::problem {

inline constexpr ProblemType no_rows{"quality.no-rows", 409, "Nothing is stored under this entry yet",
                                     "该目录下还没有挂接数据"};
inline constexpr ProblemType no_run{"quality.no-run", 404, "There is no such quality run",
                                    "没有这次质量检查"};
inline constexpr ProblemType no_resource{"quality.no-resource", 404,
                                         "There is no such entry in the catalogue", "目录中没有这个数据资源"};
inline constexpr ProblemType bad_rule_id{"quality.bad-rule-id", 422, "The id of a rule cannot be used",
                                         "规则编号不可用"};

}  // namespace pengcheng::quality::problem
