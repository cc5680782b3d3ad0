#pragma once

#include <pengcheng/base/problem.hpp>

#include <string>

namespace pengcheng::rows::problem {

inline constexpr ProblemType bad_query{"rows.bad-query", 400, "The query cannot be read", "查询语句有误"};
inline constexpr ProblemType unknown_column{"rows.unknown-column", 400, "There is no such column",
                                            "没有这个字段"};
inline constexpr ProblemType bad_value{"rows.bad-value", 400, "A value does not fit its column",
                                       "值与字段类型不符"};
inline constexpr ProblemType no_operator{"rows.no-operator", 404, "The operator does not exist for this type",
                                         "这种类型没有此运算"};
inline constexpr ProblemType no_embedding{"rows.no-embedding", 400, "Resources are not joined here",
                                          "不支持关联查询"};
inline constexpr ProblemType no_aggregate{"rows.no-aggregate", 400, "Aggregate functions are not allowed",
                                          "不支持聚合函数"};
inline constexpr ProblemType bad_range{"rows.bad-range", 416, "The range cannot be served", "请求的范围无效"};
inline constexpr ProblemType bad_preference{"rows.bad-preference", 400, "A preference is not known",
                                            "偏好设置无效"};
inline constexpr ProblemType bad_cursor{"rows.bad-cursor", 400, "The cursor is not valid for this query",
                                        "翻页标记无效"};
inline constexpr ProblemType not_acceptable{"rows.not-acceptable", 406, "None of these formats can be given",
                                            "无法提供所要的格式"};
inline constexpr ProblemType bad_profile{"rows.bad-profile", 406, "There is no such schema", "没有这个模式"};
inline constexpr ProblemType not_single{"rows.not-single", 406, "The result is not a single row",
                                        "结果不是恰好一行"};
inline constexpr ProblemType view_broken{"rows.view-broken", 409, "The rows no longer fit what was granted",
                                         "数据结构已变化，与授权的范围不符"};
inline constexpr ProblemType too_slow{"rows.too-slow", 500, "The query took too long", "查询用时过长"};

/// `code` is PostgREST's ("PGRST100") or PostgreSQL's SQLSTATE, as its clients expect.
inline Problem of(const ProblemType& type, std::string_view code, std::string zh, std::string en,
                  std::string_view pointer = "") {
    Problem out = type.because(zh, en);
    out.also(pointer, std::move(zh), std::move(en), code);
    return out;
}

/// One wording for what the view leaves out and for what never was, so that nobody can tell them apart.
inline Problem no_column(std::string_view column) {
    std::string name(column.substr(0, 100));
    return of(unknown_column, "42703", "字段 " + name + " 不存在", "column " + name + " does not exist");
}

}  // namespace pengcheng::rows::problem
