#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::identity::problem {

inline constexpr ProblemType bad_credentials{"identity.bad-credentials", 401,
                                             "The user name or the password is wrong", "用户名或密码错误"};
inline constexpr ProblemType locked{"identity.locked", 429, "Too many wrong tries; wait before the next",
                                    "尝试次数过多，请稍后再试"};
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
                                             "该身份号码已注册，请直接登录"};
inline constexpr ProblemType bad_phone{"identity.bad-phone", 422, "This is not a mobile phone number",
                                       "手机号码不正确"};
inline constexpr ProblemType no_organization{"identity.no-such-organization", 422,
                                             "There is no such organization", "没有这个部门"};
inline constexpr ProblemType no_user{"identity.no-such-user", 404, "There is no such user", "没有这个用户"};
inline constexpr ProblemType no_client{"identity.no-such-client", 404, "There is no such client system",
                                       "没有这个接入系统"};
inline constexpr ProblemType no_lockout{"identity.no-such-lockout", 404, "There is no such lock-out",
                                        "没有这条锁定记录"};
inline constexpr ProblemType no_session{"identity.no-such-session", 404, "There is no such session",
                                        "没有这个会话"};
inline constexpr ProblemType code_needed{"identity.code-needed", 401,
                                         "Give the code of your authenticator app too", "请同时填写动态口令"};
inline constexpr ProblemType bad_code{"identity.bad-code", 401, "The code is wrong or was used before",
                                      "动态口令错误或已使用过"};
inline constexpr ProblemType wrong_code{"identity.wrong-code", 422, "The code is wrong or was used before",
                                        "动态口令错误或已使用过"};
inline constexpr ProblemType no_totp{"identity.no-totp", 409, "No second factor is set up",
                                     "尚未设置动态口令"};
inline constexpr ProblemType totp_on{"identity.totp-on", 409, "The second factor is in force already",
                                     "动态口令已启用"};
inline constexpr ProblemType totp_stays{"identity.totp-stays", 409, "Your role requires the second factor",
                                        "您的角色必须使用动态口令"};
inline constexpr ProblemType old_password{"identity.password-used-before", 422,
                                          "This password was used before", "不能使用最近用过的密码"};
inline constexpr ProblemType wrong_password{"identity.wrong-password", 422, "The present password is wrong",
                                            "当前密码不正确"};
inline constexpr ProblemType own_account{"identity.own-account", 403, "Another administrator must do this",
                                         "须由另一名管理员操作"};
inline constexpr ProblemType last_administrator{
    "identity.last-administrator", 409, "The last administrator of a kind stays", "每类管理员至少保留一名"};
inline constexpr ProblemType needs_security_admin{"identity.needs-security-admin", 403,
                                                  "Only another security administrator changes rights",
                                                  "权限变更须由安全管理员（非本人）操作"};
inline constexpr ProblemType no_secret{"identity.no-such-secret", 404, "There is no such secret",
                                       "没有这个密钥"};
inline constexpr ProblemType two_secrets{"identity.two-secrets", 409,
                                         "Two secrets are live; retire one before making another",
                                         "已有两个有效密钥，请先停用其中一个"};
inline constexpr ProblemType unknown_role{"identity.unknown-role", 422, "There is no such role for staff",
                                          "没有这个岗位角色"};
inline constexpr ProblemType own_roles{"identity.own-roles", 403, "Nobody changes their own roles",
                                       "不能修改自己的角色"};
inline constexpr ProblemType separation{
    "identity.role-separation", 422,
    "System, security and audit administration stay apart, and apart from business",
    "系统、安全、审计三员必须分立，且不得兼任业务角色"};
inline constexpr ProblemType needs_organization{"identity.role-needs-organization", 422,
                                                "A business role needs an organization",
                                                "业务角色必须隶属某个部门"};
inline constexpr ProblemType not_staff{"identity.not-staff", 409, "A citizen's account takes no staff role",
                                       "公众账户不能授予工作人员角色"};
inline constexpr ProblemType grade_too_high{"identity.grade-too-high", 403,
                                            "The data's grade is above what you may read",
                                            "数据分级高于您的可读级别"};
inline constexpr ProblemType password_due{"identity.password-due", 403, "Change your password first",
                                          "请先修改密码"};
inline constexpr ProblemType totp_due{"identity.totp-due", 403, "Set up the second factor first",
                                      "请先启用动态口令"};
inline constexpr ProblemType oidc_failed{"identity.oidc-failed", 403, "The outside sign-in did not succeed",
                                         "统一身份认证未成功"};
inline constexpr ProblemType oidc_unknown{"identity.oidc-unknown", 403,
                                          "No account here belongs to this outside identity",
                                          "该统一身份尚未关联本平台账号"};
inline constexpr ProblemType oidc_taken{"identity.oidc-taken", 409,
                                        "This outside identity belongs to another account",
                                        "该统一身份已关联其他账号"};
inline constexpr ProblemType oidc_administrator{"identity.oidc-administrator", 403,
                                                "Administrators sign in here with password and code only",
                                                "三员管理员只能在本平台用密码和动态口令登录"};
inline constexpr ProblemType broken_permissions{"identity.broken-permissions", 500,
                                                "config/permissions.yaml is not valid",
                                                "config/permissions.yaml 内容有误"};

}  // namespace pengcheng::identity::problem
