#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::identity::problem {

inline constexpr ProblemType bad_credentials{"identity.bad-credentials", 401,
                                             "The user name or the password is wrong", "用户名或密码错误"};
inline constexpr ProblemType locked{"identity.locked", 429, "Too many wrong tries; wait before the next",
                                    "尝试次数过多,请稍后再试"};
inline constexpr ProblemType bad_token{"identity.bad-token", 401,
                                       "The access token is unknown or has expired", "访问令牌无效或已过期"};
inline constexpr ProblemType weak_password{"identity.weak-password", 422,
                                           "The password does not satisfy the rules", "密码不符合要求"};
inline constexpr ProblemType bad_username{"identity.bad-username", 422, "The user name has a wrong form",
                                          "用户名格式不正确"};
inline constexpr ProblemType username_taken{"identity.username-taken", 409, "This user name is taken",
                                            "该用户名已被使用"};
inline constexpr ProblemType bad_id_number{"identity.bad-id-number", 422, "This is not a citizen ID number",
                                           "公民身份号码不正确"};
inline constexpr ProblemType id_number_taken{"identity.id-number-taken", 409,
                                             "An account with this ID number exists; sign in with it",
                                             "该身份号码已注册,请直接登录"};
inline constexpr ProblemType bad_phone{"identity.bad-phone", 422, "This is not a mobile phone number",
                                       "手机号码不正确"};
inline constexpr ProblemType no_organization{"identity.no-such-organization", 422,
                                             "There is no such organization", "没有这个部门"};
inline constexpr ProblemType no_user{"identity.no-such-user", 404, "There is no such user", "没有这个用户"};
inline constexpr ProblemType no_client{"identity.no-such-client", 404, "There is no such client system",
                                       "没有这个接入系统"};
inline constexpr ProblemType unknown_role{"identity.unknown-role", 422, "There is no such role for staff",
                                          "没有这个岗位角色"};
inline constexpr ProblemType own_roles{"identity.own-roles", 403, "Nobody changes their own roles",
                                       "不能修改自己的角色"};
inline constexpr ProblemType separation{
    "identity.role-separation", 422,
    "System, security and audit administration stay apart, and apart from business",
    "系统、安全、审计三员必须分立,且不得兼任业务角色"};
inline constexpr ProblemType needs_organization{"identity.role-needs-organization", 422,
                                                "A business role needs an organization",
                                                "业务角色必须隶属某个部门"};
inline constexpr ProblemType not_staff{"identity.not-staff", 409, "A citizen's account takes no staff role",
                                       "公众账户不能授予工作人员角色"};
inline constexpr ProblemType broken_permissions{"identity.broken-permissions", 500,
                                                "config/permissions.yaml is not valid",
                                                "config/permissions.yaml 内容有误"};

}  // namespace pengcheng::identity::problem
