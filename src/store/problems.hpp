#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::store::problem {

inline constexpr ProblemType shape_changed{
    "store.shape-changed", 409, "The items changed since the last load", "信息项在上次入库之后有变化"};

}  // namespace pengcheng::store::problem
