#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::audit::problem {

using namespace pengcheng::problem;

inline constexpr ProblemType chain_broken{"audit.chain-broken", 500,
                                          "The evidence does not hold, nothing more is signed",
                                          "证据链已断裂，不再签发检查点"};
inline constexpr ProblemType bad_copy{"audit.bad-copy", 500, "A copy of the checkpoints cannot be continued",
                                      "检查点副本无法续写"};
inline constexpr ProblemType bad_export{"audit.bad-export", 422, "The file is not an export of evidence",
                                        "该文件不是证据导出文件"};
inline constexpr ProblemType no_stretch{
    "audit.no-stretch", 422, "There is no evidence to export for this time", "这段时间没有可导出的证据"};

}  // namespace pengcheng::audit::problem
