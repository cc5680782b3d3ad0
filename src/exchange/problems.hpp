#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::exchange::problem {

inline constexpr ProblemType no_resource{"exchange.no-resource", 404, "There is no such resource",
                                         "没有这个数据资源"};
inline constexpr ProblemType not_mounted{"exchange.not-mounted", 404,
                                         "No rows are stored under this resource yet", "该资源尚未挂接数据"};
inline constexpr ProblemType no_grant{"exchange.no-grant", 403,
                                      "Your department holds no grant on this resource",
                                      "本部门没有该资源的有效授权"};
inline constexpr ProblemType no_request{"exchange.no-request", 404, "There is no such request",
                                        "没有这个申请"};
inline constexpr ProblemType no_such_grant{"exchange.no-such-grant", 404, "There is no such grant",
                                           "没有这个授权"};
inline constexpr ProblemType own_resource{"exchange.own-resource", 409,
                                          "A department reads its own resource without asking",
                                          "本部门的资源无需申请"};
inline constexpr ProblemType invalid{"exchange.invalid", 422, "The request is not valid",
                                     "申请内容不符合要求"};
inline constexpr ProblemType already_asked{"exchange.already-asked", 409,
                                           "Your department already has an open request for this resource",
                                           "本部门对该资源已有在办申请"};
inline constexpr ProblemType wrong_state{"exchange.wrong-state", 409, "It is not in a state that allows this",
                                         "当前状态不能进行此操作"};
inline constexpr ProblemType own_approval{"exchange.own-approval", 403, "Nobody answers their own request",
                                          "不能办理本人提出的申请"};
inline constexpr ProblemType widening{"exchange.widening", 422,
                                      "An answer may tighten a request, never widen it",
                                      "答复只能收紧申请，不能放宽"};
inline constexpr ProblemType no_reason{"exchange.no-reason", 422, "A reason is needed", "必须说明理由"};

inline constexpr ProblemType grade_too_high{"exchange.grade-too-high", 403,
                                            "Every field is of a grade above what you may read",
                                            "全部信息项的分级均高于您的可读级别"};

}  // namespace pengcheng::exchange::problem
