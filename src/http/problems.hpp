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
                                  "缺少或错误的 CSRF 令牌，请刷新页面"};
inline constexpr ProblemType too_large{"http.body-too-large", 413, "The body is too large", "请求内容过大"};
inline constexpr ProblemType truncated{
    "http.body-truncated", 400, "The body ended before its announced length", "请求内容在声明的长度之前中断"};
inline constexpr ProblemType wrong_type{"http.unsupported-media-type", 415,
                                        "Send JSON (Content-Type: application/json)",
                                        "请发送 JSON(Content-Type: application/json)"};
inline constexpr ProblemType no_multipart{
    "http.multipart", 415,
    "Send the file itself as the body, not a multipart form (curl --data-binary @FILE)",
    "请直接以文件内容作为请求体发送，不支持 multipart 表单（curl --data-binary @文件）"};
inline constexpr ProblemType bad_request{"http.bad-request", 400, "The request is malformed", "请求格式有误"};
inline constexpr ProblemType bad_parameter{"http.bad-parameter", 400, "A query parameter is not valid",
                                           "查询参数有误"};
inline constexpr ProblemType header_too_large{"http.header-too-large", 431, "The request head is too large",
                                              "请求头过大"};
inline constexpr ProblemType bad_range{"http.range-not-satisfiable", 416, "The range lies beyond the end",
                                       "所请求的范围超出内容末尾"};
inline constexpr ProblemType slow_request{"http.request-timeout", 408, "The request came too slowly",
                                          "请求发送过慢"};
inline constexpr ProblemType too_many_clients{
    "http.too-many-connections", 503, "Too many connections; try again shortly", "连接过多，请稍后重试"};
inline constexpr ProblemType too_many_of_address{"http.too-many-connections-of-address", 429,
                                                 "Too many connections from your address",
                                                 "来自您的地址的连接过多"};
inline constexpr ProblemType too_many_requests{"http.too-many-requests", 429,
                                               "Too many requests from your address", "您的请求过于频繁"};
inline constexpr ProblemType needs_tls{"http.needs-tls", 400, "This port speaks TLS: use https://",
                                       "此端口仅提供 TLS，请使用 https://"};
inline constexpr ProblemType no_metrics{"http.metrics-not-here", 403, "Metrics are not shown to this address",
                                        "不向该地址提供监控指标"};
inline constexpr ProblemType unknown_expectation{
    "http.expectation-failed", 417, "Only Expect: 100-continue is known", "只支持 Expect: 100-continue"};
inline constexpr ProblemType unknown_coding{"http.transfer-coding", 501,
                                            "Only the chunked transfer coding is known",
                                            "Transfer-Encoding 只支持 chunked"};
inline constexpr ProblemType unknown_version{"http.version", 505, "Only HTTP/1.0 and HTTP/1.1 are spoken",
                                             "只支持 HTTP/1.0 与 HTTP/1.1"};
inline constexpr ProblemType not_ready{"http.not-ready", 503, "The server cannot reach its database",
                                       "服务暂时无法连接数据库"};
inline constexpr ProblemType timeout{"http.timeout", 503, "The request took too long and was stopped",
                                     "请求处理超时，已停止"};
inline constexpr ProblemType busy_key{"http.idempotency-busy", 409,
                                      "A request with this Idempotency-Key is being worked on",
                                      "相同 Idempotency-Key 的请求正在处理"};
inline constexpr ProblemType done_key{
    "http.idempotency-done", 409,
    "The request with this Idempotency-Key was carried out, but its reply was lost; look at the result",
    "相同 Idempotency-Key 的请求已经完成，但答复未能保留，请查询结果"};
inline constexpr ProblemType reused_key{"http.idempotency-reused", 422,
                                        "This Idempotency-Key was used for another request",
                                        "该 Idempotency-Key 已用于另一个请求"};

}  // namespace pengcheng::http::problem
