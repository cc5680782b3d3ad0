#include <pengcheng/base/problem.hpp>

namespace pengcheng {

Problem ProblemType::plain() const {
    return Problem{.type = this};
}

Problem ProblemType::at(std::string_view pointer) const {
    return at(pointer, std::string(title_zh), std::string(title_en));
}

Problem ProblemType::at(std::string_view pointer, std::string detail_zh, std::string detail_en) const {
    Problem out{.type = this, .detail_zh = detail_zh, .detail_en = detail_en};
    out.also(pointer, std::move(detail_zh), std::move(detail_en), code);
    return out;
}

Problem ProblemType::because(std::string detail_zh, std::string detail_en) const {
    return Problem{.type = this, .detail_zh = std::move(detail_zh), .detail_en = std::move(detail_en)};
}

Problem& Problem::also(std::string_view pointer, std::string detail_zh_, std::string detail_en_,
                       std::string_view code) {
    errors.push_back(FieldError{.pointer = std::string(pointer),
                                .code = std::string(code.empty() ? type->code : code),
                                .detail_zh = std::move(detail_zh_),
                                .detail_en = std::move(detail_en_)});
    return *this;
}

std::string Problem::text(bool chinese) const {
    std::string out(chinese ? type->title_zh : type->title_en);
    const std::string& detail = chinese ? detail_zh : detail_en;
    if (!detail.empty() && detail != out) {
        out += (chinese ? "：" : ": ") + detail;
    }
    for (const FieldError& error : errors) {
        const std::string& what = chinese ? error.detail_zh : error.detail_en;
        if (what != detail) {
            out += "\n  " + error.pointer + "  " + what;
        }
    }
    return out;
}

ProblemError::ProblemError(Problem problem)
    : std::runtime_error(problem.text(false)), problem_(std::move(problem)) {
}

void throw_exception_from_error(const Problem& problem, const boost::source_location&) {
    throw ProblemError(problem);
}

}  // namespace pengcheng
