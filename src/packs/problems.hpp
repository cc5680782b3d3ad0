#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::packs::problem {

inline constexpr ProblemType bad_pack{"packs.bad-pack", 422, "The pack has faults", "配置包有错误"};
inline constexpr ProblemType no_organization{
    "packs.no-organization", 422, "A pack names an unknown organization", "配置包引用了不存在的部门"};

}  // namespace pengcheng::packs::problem
