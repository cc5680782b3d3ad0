#include "quality/judge.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::quality {

namespace {

constexpr std::size_t value_characters_max = 500;

void append_cell(std::string& out, std::string_view text) {
    for (char c : text) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                out += c;
        }
    }
}

}  // namespace

const std::string_view failure_copy_sql =
    "COPY quality.failure (run_id, rule, row_id, line, dimension, scored, item, value, code, reason_zh, "
    "reason_en)"
    " FROM STDIN";

void append_failure(std::string& out, std::string_view run_id, const FailureRow& failure) {
    out += run_id;
    out += '\t';
    append_cell(out, failure.rule);
    out += '\t' + std::to_string(failure.row_id) + '\t';
    out += failure.line ? std::to_string(*failure.line) : "\\N";
    out += '\t';
    out += failure.dimension;
    out += failure.severity == "hint" ? "\tf\t" : "\tt\t";
    append_cell(out, failure.item);
    out += '\t';
    if (!failure.value) {
        out += "\\N";
    } else if (failure.value->size() <= value_characters_max) {
        append_cell(out, *failure.value);
    } else {
        append_cell(out, utf8_prefix(*failure.value, value_characters_max));
    }
    for (std::string_view text : {failure.code, failure.reason_zh, failure.reason_en}) {
        out += '\t';
        append_cell(out, text);
    }
    out += '\n';
}

}  // namespace pengcheng::quality
