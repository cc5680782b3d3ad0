#pragma once

#include <pengcheng/base/problem.hpp>

namespace pengcheng::http::problem {

inline constexpr ProblemType no_route{"http.no-route", 404, "There is nothing at this address",
                                      "没有这个地址"};
inline constexpr ProblemType no_method{"http.method-not-allowed", 405,
                                       "This address does not take this method", "该地址不支持此方法"};
inline constexpr ProblemType no_version{"http.if-match-required", 428,
                                        "Send If-Match with the version you edited",
                                        "请用 If-Match 带上所编辑的版本号"};
inline constexpr ProblemType bad_version{
    "http.bad-if-match", 400, "If-Match must be one quoted version number", "If-Match 应为带引号的版本号"};
inline constexpr ProblemType csrf{"http.csrf", 403, "The CSRF token is missing or wrong; reload the page",
                                  "缺少或错误的 CSRF 令牌,请刷新页面"};
inline constexpr ProblemType too_large{"http.body-too-large", 413, "The body is too large", "请求内容过大"};
inline constexpr ProblemType truncated{
    "http.body-truncated", 400, "The body ended before its announced length", "请求内容在声明的长度之前中断"};
inline constexpr ProblemType wrong_type{"http.unsupported-media-type", 415,
                                        "Send JSON (Content-Type: application/json)",
                                        "请发送 JSON(Content-Type: application/json)"};
inline constexpr ProblemType bad_request{"http.bad-request", 400, "The request is malformed", "请求格式有误"};
inline constexpr ProblemType bad_parameter{"http.bad-parameter", 400, "A query parameter is not valid",
                                           "查询参数有误"};
inline constexpr ProblemType header_too_large{"http.header-too-large", 431, "The request head is too large",
                                              "请求头过大"};
inline constexpr ProblemType not_ready{"http.not-ready", 503, "The server cannot reach its database",
                                       "服务暂时无法连接数据库"};
inline constexpr ProblemType timeout{"http.timeout", 503, "The request took too long and was stopped",
                                     "请求处理超时,已停止"};
inline constexpr ProblemType busy_key{"http.idempotency-busy", 409,
                                      "A request with this Idempotency-Key is being worked on",
                                      "相同 Idempotency-Key 的请求正在处理"};
inline constexpr ProblemType reused_key{"http.idempotency-reused", 422,
                                        "This Idempotency-Key was used for another request",
                                        "该 Idempotency-Key 已用于另一个请求"};

}  // namespace pengcheng::http::problem
