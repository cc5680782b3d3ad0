#include "rows/condition_sql.hpp"

#include "rows/problems.hpp"
#include "rows/value.hpp"

#include <algorithm>

namespace pengcheng::rows {
namespace {

bool is_text_op(Op op) {
    return op == Op::like || op == Op::ilike || op == Op::match || op == Op::imatch;
}
bool is_search(Op op) {
    return op == Op::fts || op == Op::plfts || op == Op::phfts || op == Op::wfts;
}

std::string_view symbol(Op op) {
    switch (op) {
        case Op::eq:
            return "=";
        case Op::neq:
            return "<>";
        case Op::gt:
            return ">";
        case Op::gte:
            return ">=";
        case Op::lt:
            return "<";
        case Op::lte:
            return "<=";
        case Op::like:
            return "LIKE";
        case Op::ilike:
            return "ILIKE";
        case Op::match:
            return "~";
        case Op::imatch:
            return "~*";
        default:
            return "=";
    }
}

std::string_view search_function(Op op) {
    switch (op) {
        case Op::plfts:
            return "plainto_tsquery";
        case Op::phfts:
            return "phraseto_tsquery";
        case Op::wfts:
            return "websearch_to_tsquery";
        default:
            return "to_tsquery";
    }
}

/// One condition with its operand, adding its parameters.
class Writer {
public:
    Writer(const Node& node, Operand operand, std::vector<db::Param>& params)
        : node_(node), operand_(std::move(operand)), params_(params) {}

    Result<std::string> write() {
        if (node_.op == Op::is) {
            return write_is();
        }
        if ((is_text_op(node_.op) || is_search(node_.op)) && operand_.pg_type != "text") {
            return problem::of(
                problem::no_operator, "42883", "字段 " + node_.column + " 不是文本，不能用此运算",
                "operator does not exist: column " + node_.column + " is of type " + operand_.pg_type,
                "/" + node_.column);
        }
        for (const std::string& value : node_.values) {
            if (auto fits = check(value); !fits) {
                return fits.error();
            }
        }
        if (is_search(node_.op)) {
            return write_search();
        }
        if (node_.op == Op::in) {
            return operand_.sql + " = ANY(" + list() + ")";
        }
        if (node_.quantifier != Quantifier::one) {
            std::string_view word = node_.quantifier == Quantifier::any ? " ANY(" : " ALL(";
            return operand_.sql + " " + std::string(symbol(node_.op)) + std::string(word) + list() + ")";
        }
        if (node_.op == Op::isdistinct) {
            return operand_.sql + " IS DISTINCT FROM " + value();
        }
        return operand_.sql + " " + std::string(symbol(node_.op)) + " " + value();
    }

private:
    [[nodiscard]] Result<void> check(const std::string& value) const {
        bool pattern = is_text_op(node_.op);
        if (pattern && value.size() > pattern_bytes_max) {
            return problem::of(problem::bad_value, "54000", "字段 " + node_.column + " 的匹配式过长",
                               "the pattern for column " + node_.column + " is too long", "/" + node_.column);
        }
        return check_value(node_.column, operand_.pg_type, value);
    }
    /// `*` stands for `%`, which is awkward in a URL.
    [[nodiscard]] std::string pattern(std::string value) const {
        if (node_.op == Op::like || node_.op == Op::ilike) {
            std::ranges::replace(value, '*', '%');
        }
        return value;
    }
    std::string place(std::string_view type) {
        return "$" + std::to_string(params_.size()) + "::" + std::string(type);
    }
    std::string value() {
        params_.emplace_back(pattern(node_.values.front()));
        return place(operand_.pg_type);
    }
    std::string list() {
        std::vector<std::string> values;
        values.reserve(node_.values.size());
        for (const std::string& value : node_.values) {
            values.push_back(pattern(value));
        }
        params_.emplace_back(values);
        return place(operand_.pg_type + "[]");
    }
    Result<std::string> write_is() const {
        const std::string& word = node_.values.front();
        bool truth = word == "true" || word == "false" || word == "unknown";
        if (truth && operand_.pg_type != "boolean") {
            return problem::of(problem::bad_value, "42804", "字段 " + node_.column + " 不是逻辑型",
                               "argument of IS " + word + " must be type boolean, column " + node_.column +
                                   " is of type " + operand_.pg_type,
                               "/" + node_.column);
        }
        return operand_.sql + (word == "null"       ? " IS NULL"
                               : word == "not_null" ? " IS NOT NULL"
                               : word == "true"     ? " IS TRUE"
                               : word == "false"    ? " IS FALSE"
                                                    : " IS UNKNOWN");
    }
    Result<std::string> write_search() {
        std::string config = node_.config.empty() ? "simple" : node_.config;
        if (config != "simple" && config != "english") {
            return problem::of(problem::bad_value, "42704", "没有全文检索配置“" + config + "”",
                               "text search configuration \"" + config + "\" does not exist",
                               "/" + node_.column);
        }
        params_.emplace_back(node_.values.front());
        return "to_tsvector('" + config + "', " + operand_.sql + ") @@ " +
               std::string(search_function(node_.op)) + "('" + config + "', " + place("text") + ")";
    }

    const Node& node_;
    Operand operand_;
    std::vector<db::Param>& params_;
};

}  // namespace

Result<std::string> condition_sql(const Node& node, const Resolve& resolve, std::vector<db::Param>& params) {
    std::string out;
    if (node.kind == Node::Kind::condition) {
        auto operand = resolve(node.column);
        if (!operand) {
            return problem::no_column(node.column);
        }
        auto written = Writer(node, std::move(*operand), params).write();
        if (!written) {
            return written.error();
        }
        out = std::move(*written);
    } else {
        for (const Node& child : node.children) {
            auto written = condition_sql(child, resolve, params);
            if (!written) {
                return written.error();
            }
            out += out.empty() ? "" : node.kind == Node::Kind::all_of ? " AND " : " OR ";
            out += *written;
        }
    }
    return (node.negated ? "NOT (" : "(") + out + ")";
}

bool leakproof(const Node& node, const Resolve& resolve) {
    if (node.kind != Node::Kind::condition) {
        return std::ranges::all_of(node.children,
                                   [&](const Node& child) { return leakproof(child, resolve); });
    }
    auto operand = resolve(node.column);
    // PostgreSQL 15 does not mark comparisons of numeric, patterns and text search as leakproof.
    bool plain = operand && !operand->masked && operand->pg_type != "numeric";
    return plain && !is_text_op(node.op) && !is_search(node.op);
}

}  // namespace pengcheng::rows
