#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng {

struct Problem;

/// One kind of refusal, RFC 9457. A `code` is never reused for another meaning; the public address of
/// a kind is `/problems/<code>`. Each area keeps its kinds in `src/<area>/problems.hpp`.
struct ProblemType {
    std::string_view code;
    int status = 400;
    std::string_view title_en;
    std::string_view title_zh;

    /// The refusal as it stands.
    [[nodiscard]] Problem plain() const;
    /// The refusal of one place in the input, a JSON pointer such as `/items/0/name`.
    [[nodiscard]] Problem at(std::string_view pointer) const;
    /// The refusal of one place, with what was found there and how to mend it.
    [[nodiscard]] Problem at(std::string_view pointer, std::string detail_zh, std::string detail_en) const;
    /// The refusal with a reason and remedy.
    [[nodiscard]] Problem because(std::string detail_zh, std::string detail_en) const;
};

struct FieldError {
    std::string pointer;
    std::string code;
    std::string detail_zh;
    std::string detail_en;
};

/// An outcome a caller can meet. Only `http` turns it into problem+json, only `app` prints it.
struct Problem {
    const ProblemType* type = nullptr;
    std::string detail_zh;
    std::string detail_en;
    std::vector<FieldError> errors;
    int retry_after_s = 0;  ///< > 0 becomes a Retry-After header
    bool close_connection = false;

    /// Adds one more refused place.
    Problem& also(std::string_view pointer, std::string detail_zh, std::string detail_en,
                  std::string_view code = {});
    /// One line for logs and the CLI, in English or Chinese.
    [[nodiscard]] std::string text(bool chinese) const;
};

/// A Problem thrown where a Result cannot travel (accessors of a request); the dispatcher catches it.
class ProblemError : public std::runtime_error {
public:
    explicit ProblemError(Problem problem);
    [[nodiscard]] const Problem& problem() const { return problem_; }

private:
    Problem problem_;
};

[[noreturn]] void throw_exception_from_error(const Problem& problem, const boost::source_location& where);

/// Value or Problem. `value()` of a refused result throws ProblemError.
template <class T>
using Result = boost::system::result<T, Problem>;

/// Kinds that every area may answer.
namespace problem {
inline constexpr ProblemType invalid_input{"base.invalid-input", 422, "The input is not valid",
                                           "输入不符合要求"};
inline constexpr ProblemType not_found{"base.not-found", 404, "There is no such thing", "没有找到"};
inline constexpr ProblemType forbidden{"base.forbidden", 403, "You may not do this", "您没有权限进行此操作"};
inline constexpr ProblemType unauthenticated{"base.unauthenticated", 401, "Sign in first", "请先登录"};
inline constexpr ProblemType conflict{"base.conflict", 409, "It conflicts with what is there",
                                      "与现有内容冲突"};
inline constexpr ProblemType stale{"base.stale", 412, "It was changed by someone else meanwhile",
                                   "内容已被他人修改，请刷新后重试"};
inline constexpr ProblemType busy{"base.busy", 503, "The server is busy, try again shortly",
                                  "服务繁忙，请稍后重试"};
inline constexpr ProblemType internal{"base.internal", 500, "Something failed on our side", "服务器内部错误"};
}  // namespace problem

}  // namespace pengcheng
