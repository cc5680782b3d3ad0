#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::portal::problem {

using namespace pengcheng::problem;

inline constexpr ProblemType no_dataset{"portal.no-dataset", 404, "There is no such data set",
                                        "没有这个数据集"};
inline constexpr ProblemType no_proposal{"portal.no-proposal", 404, "There is no such proposal",
                                         "没有这个开放申请"};
inline constexpr ProblemType no_resource{"portal.no-resource", 422, "The entry is not published",
                                         "数据资源目录尚未发布"};
inline constexpr ProblemType not_own{"portal.not-own-resource", 403,
                                     "Only the providing department may propose",
                                     "只能申请开放本部门的数据资源"};
inline constexpr ProblemType slug_taken{"portal.slug-taken", 409, "The address is taken",
                                        "该网址标识已被占用"};
inline constexpr ProblemType wrong_state{"portal.wrong-state", 409, "The proposal is not in a state for this",
                                         "开放申请当前状态不能进行此操作"};
inline constexpr ProblemType check_failed{"portal.check-failed", 409, "The release check did not pass",
                                          "发布前检查未通过"};
inline constexpr ProblemType own_approval{"portal.own-approval", 403,
                                          "Who proposed or submitted it may not sign it off",
                                          "提出或提交申请的账号不得签发"};
inline constexpr ProblemType on_application{"portal.on-application", 403,
                                            "This data set is opened on application", "该数据集为有条件开放"};
inline constexpr ProblemType withdrawn{"portal.withdrawn", 410, "The data set was withdrawn",
                                       "该数据集已停止开放"};
inline constexpr ProblemType no_rows{"portal.no-rows", 404, "The data set has no rows at present",
                                     "该数据集目前没有数据"};

}  // namespace pengcheng::portal::problem
