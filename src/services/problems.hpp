#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::services::problem {

using namespace pengcheng::problem;

inline constexpr ProblemType no_item{"services.no-item", 404, "There is no such service item",
                                     "没有这个服务事项"};
inline constexpr ProblemType no_case{"services.no-case", 404, "There is no such case", "没有这个办件"};
inline constexpr ProblemType paused{"services.item-paused", 409, "This item takes no applications at present",
                                    "该事项暂停办理"};
inline constexpr ProblemType bad_form{"services.bad-form", 422, "The form is not filled in right",
                                      "表单填写不符合要求"};
inline constexpr ProblemType bad_item{"services.bad-item", 422, "The service item is not described right",
                                      "事项定义不符合要求"};
inline constexpr ProblemType wrong_state{"services.wrong-state", 409, "The case is not in a state for this",
                                         "办件当前状态不能进行此操作"};
inline constexpr ProblemType same_account{"services.same-account", 403,
                                          "Who accepted a case may not decide it", "受理人不得作出决定"};
inline constexpr ProblemType asked_before{"services.asked-before", 409,
                                          "More papers may be asked for once only", "补正只能一次性告知"};
inline constexpr ProblemType still_time{"services.still-time", 409, "The applicant still has time to answer",
                                        "补正期限尚未届满"};
inline constexpr ProblemType incomplete{"services.incomplete", 422, "Something that was asked for is missing",
                                        "补正内容不完整"};
inline constexpr ProblemType no_consent{"services.no-consent", 422, "Data is read only with consent",
                                        "未授权，不能读取数据"};
inline constexpr ProblemType not_real_name{"services.not-real-name", 403,
                                           "This account has no verified name and ID number", "账号未实名"};
inline constexpr ProblemType bad_attachment{"services.bad-attachment", 422, "The file cannot be taken",
                                            "文件不符合要求"};
inline constexpr ProblemType too_large{"services.attachment-too-large", 413, "The file is too large",
                                       "文件过大"};
inline constexpr ProblemType no_attachment{"services.no-attachment", 404, "There is no such file",
                                           "没有这个附件"};
inline constexpr ProblemType rated_before{"services.rated-before", 409, "This case was rated before",
                                          "该办件已评价"};
inline constexpr ProblemType key_reused{"services.idempotency-key-reused", 422,
                                        "This Idempotency-Key was used for another request",
                                        "该幂等键已用于另一请求"};
inline constexpr ProblemType no_document{"services.no-document", 404, "There is no such document yet",
                                         "尚无此文书"};
inline constexpr ProblemType answered_before{"services.objection-answered", 409,
                                             "This objection was answered before", "该异议已经答复"};

}  // namespace pengcheng::services::problem
