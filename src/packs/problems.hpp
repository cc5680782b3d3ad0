#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::packs::problem {

inline constexpr ProblemType bad_pack{"packs.bad-pack", 422, "The pack has faults", "配置包有错误"};
inline constexpr ProblemType no_organization{
    "packs.no-organization", 422, "A pack names an unknown organization", "配置包引用了不存在的部门"};
inline constexpr ProblemType no_resource{"packs.no-resource", 422,
                                         "A pack gives rules to an entry that is not there",
                                         "配置包为不存在的目录设置了规则"};
inline constexpr ProblemType would_break{"packs.would-break", 409,
                                         "The pack would break what is in use; nothing was changed",
                                         "配置包会破坏正在使用的内容，未作任何改动"};
inline constexpr ProblemType names_nothing{
    "packs.names-nothing", 422, "A pack names something that is not there", "配置包引用了不存在的内容"};
inline constexpr ProblemType contradicts{"packs.contradicts", 422, "A pack contradicts what is there",
                                         "配置包与现有内容矛盾"};
inline constexpr ProblemType no_kind{"packs.no-kind", 422, "There is no such kind of pack file",
                                     "没有这一类配置"};
inline constexpr ProblemType cannot_write{"packs.cannot-write", 500, "A pack file cannot be written",
                                          "无法写入配置包文件"};

}  // namespace pengcheng::packs::problem
