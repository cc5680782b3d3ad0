#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::catalogue::problem {

inline constexpr ProblemType no_resource{"catalogue.no-resource", 404,
                                         "There is no such entry in the catalogue", "目录中没有这个数据资源"};
inline constexpr ProblemType invalid{"catalogue.invalid", 422, "The entry is not well formed",
                                     "目录内容不符合要求"};
inline constexpr ProblemType incomplete{"catalogue.incomplete", 422, "The entry cannot go to review yet",
                                        "目录尚不能提交审核"};
inline constexpr ProblemType duplicate_name{"catalogue.duplicate-name", 409,
                                            "The provider already has an entry of this name",
                                            "该提供方已有同名的数据资源"};
inline constexpr ProblemType wrong_state{
    "catalogue.wrong-state", 409, "The entry's state does not allow this", "目录当前状态不能进行此操作"};
inline constexpr ProblemType own_approval{"catalogue.own-approval", 403,
                                          "Nobody approves an entry that they made or submitted",
                                          "不能审核本人编制或提交的目录"};
inline constexpr ProblemType no_reason{"catalogue.no-reason", 422, "A reason is needed", "必须说明理由"};
inline constexpr ProblemType holds_rows{"catalogue.holds-rows", 409,
                                        "Rows are stored under this entry, so it cannot be deleted",
                                        "该目录下已挂接数据，不能删除"};
inline constexpr ProblemType other_provider{"catalogue.other-provider", 403,
                                            "You may compile entries of your own department only",
                                            "只能编制本部门的目录"};
inline constexpr ProblemType no_code_list{"catalogue.no-code-list", 404, "There is no such code list",
                                          "没有这个代码表"};

}  // namespace pengcheng::catalogue::problem
