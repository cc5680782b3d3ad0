#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::packs::problem {

inline constexpr ProblemType bad_pack{"packs.bad-pack", 422, "The pack has faults", "配置包有错误"};
inline constexpr ProblemType no_organization{
    "packs.no-organization", 422, "A pack names an unknown organization", "配置包引用了不存在的部门"};
inline constexpr ProblemType no_resource{"packs.no-resource", 422,
                                         "A pack gives rules to an entry that is not there",
                                         "配置包为不存在的目录设置了规则"};

}  // namespace pengcheng::packs::problem
