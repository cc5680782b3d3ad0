#include "rows/parse.hpp"
#include "rows/scanner.hpp"

#include <pengcheng/base/text.hpp>

#include <array>

namespace pengcheng::rows {
namespace {

struct OpName {
    std::string_view name;
    Op op;
    bool quantified = false;  ///< takes (any) and (all)
};
constexpr std::array<OpName, 17> operators{{
    {"eq", Op::eq, true},
    {"neq", Op::neq},
    {"gt", Op::gt, true},
    {"gte", Op::gte, true},
    {"lt", Op::lt, true},
    {"lte", Op::lte, true},
    {"like", Op::like, true},
    {"ilike", Op::ilike, true},
    {"match", Op::match, true},
    {"imatch", Op::imatch, true},
    {"in", Op::in},
    {"is", Op::is},
    {"isdistinct", Op::isdistinct},
    {"fts", Op::fts},
    {"plfts", Op::plfts},
    {"phfts", Op::phfts},
    {"wfts", Op::wfts},
}};
/// Operators of arrays, ranges and JSON, which plain columns have not.
constexpr std::array<std::string_view, 8> foreign{"cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"};

bool is_search(Op op) {
    return op == Op::fts || op == Op::plfts || op == Op::phfts || op == Op::wfts;
}

/// Where a value stands: alone in its parameter, or inside and(...).
enum class Place { parameter, logic };

/// "(1,2,\"a,b\")" or "{1,2}" after its opening bracket.
Result<void> scan_list(Scanner& in, char close, std::vector<std::string>& out) {
    const std::string stops = {',', close};
    if (in.take(close)) {
        return {};
    }
    while (true) {
        std::string value;
        if (in.take('"')) {
            if (!in.quoted(value)) {
                return in.fail("引号没有结束", "a quote is not closed");
            }
        } else {
            value = in.until(stops);
        }
        out.push_back(std::move(value));
        if (in.take(close)) {
            return {};
        }
        if (!in.take(',')) {
            return in.fail("列表没有结束", "the list is not closed");
        }
        if (out.size() >= list_max) {
            return in.fail("列表过长", "the list is too long");
        }
    }
}

Result<void> scan_modifier(Scanner& in, const OpName& found, Node& out) {
    if (!in.take('(')) {
        return {};
    }
    std::string word(in.until(")"));
    if (!in.take(')')) {
        return in.fail("括号没有结束", "a bracket is not closed");
    }
    if (is_search(out.op)) {
        out.config = word;
    } else if (found.quantified && word == "any") {
        out.quantifier = Quantifier::any;
    } else if (found.quantified && word == "all") {
        out.quantifier = Quantifier::all;
    } else {
        return in.fail("运算的修饰应为 any 或 all", "expected any or all for operators that take them");
    }
    return {};
}

Result<void> scan_operator(Scanner& in, Node& out) {
    out.negated = in.take("not.");
    Scanner start = in;
    std::string_view word = in.until(".(,)");
    for (std::string_view name : foreign) {
        if (word == name) {
            return problem::of(problem::no_operator, "42883", "普通字段没有运算 " + std::string(name),
                               "operator does not exist for plain columns: " + std::string(name));
        }
    }
    for (const OpName& found : operators) {
        if (word == found.name) {
            out.op = found.op;
            if (auto done = scan_modifier(in, found, out); !done) {
                return done;
            }
            if (!in.take('.')) {
                return in.fail("运算后应为点和值", "expected a dot and a value after the operator");
            }
            return {};
        }
    }
    return start.fail("应为运算符，如 eq、gt、like、in、is",
                      "expected an operator (eq, gt, like, in, is, ...)");
}

Result<void> scan_is(Scanner& in, Node& out) {
    std::string word = lower_ascii(out.values.front());
    for (std::string_view known : {"null", "not_null", "true", "false", "unknown"}) {
        if (word == known) {
            out.values.front() = word;
            return {};
        }
    }
    return in.fail("is 后应为 null、not_null、true、false 或 unknown",
                   "expected null, not_null, true, false or unknown after is");
}

Result<void> scan_value(Scanner& in, Place place, Node& out) {
    if (out.op == Op::in) {
        if (!in.take('(')) {
            return in.fail("in 后应为括号中的列表", "expected a list in brackets after in");
        }
        return scan_list(in, ')', out.values);
    }
    if (out.quantifier != Quantifier::one) {
        if (!in.take('{')) {
            return in.fail("any、all 后应为花括号中的列表", "expected a list in braces after any or all");
        }
        return scan_list(in, '}', out.values);
    }
    std::string value;
    if (place == Place::logic && in.take('"')) {
        if (!in.quoted(value)) {
            return in.fail("引号没有结束", "a quote is not closed");
        }
    } else {
        value = place == Place::logic ? in.until(",)") : in.until("");
    }
    out.values.push_back(std::move(value));
    return out.op == Op::is ? scan_is(in, out) : Result<void>{};
}

Result<Node> scan_condition(Scanner& in, std::string column, Place place) {
    Node out{.kind = Node::Kind::condition, .column = std::move(column)};
    if (auto done = scan_operator(in, out); !done) {
        return done.error();
    }
    if (auto done = scan_value(in, place, out); !done) {
        return done.error();
    }
    return out;
}

Result<Node> scan_group(Scanner& in, Node::Kind kind, bool negated, int depth);

Result<Node> scan_member(Scanner& in, int depth) {
    in.skip_blanks();
    for (bool negated : {true, false}) {
        for (bool conjunction : {true, false}) {
            std::string word = std::string(negated ? "not." : "") + (conjunction ? "and(" : "or(");
            if (in.rest().starts_with(word)) {
                in.skip(word.size() - 1);
                return scan_group(in, conjunction ? Node::Kind::all_of : Node::Kind::any_of, negated,
                                  depth + 1);
            }
        }
    }
    std::string column;
    if (!scan_name(in, ".,()", column) || !in.take('.')) {
        return in.fail("应为 字段.运算.值", "expected column.operator.value");
    }
    if (column.find("->") != std::string::npos) {
        return problem::of(problem::no_operator, "42883", "字段都是普通类型，不能用 -> 取其中一部分",
                           "operator does not exist: columns are plain, -> has nothing to reach into");
    }
    return scan_condition(in, std::move(column), Place::logic);
}

Result<Node> scan_group(Scanner& in, Node::Kind kind, bool negated, int depth) {
    Node out{.kind = kind, .negated = negated};
    if (depth > depth_max) {
        return in.fail("括号层数过多", "brackets are nested too deep");
    }
    if (!in.take('(')) {
        return in.fail("应为左括号", "expected an opening bracket");
    }
    while (true) {
        auto member = scan_member(in, depth);
        if (!member) {
            return member.error();
        }
        out.children.push_back(std::move(*member));
        in.skip_blanks();
        if (in.take(')')) {
            return out;
        }
        if (!in.take(',') || out.children.size() >= conditions_max) {
            return in.fail("条件之间应为逗号", "expected a comma between conditions");
        }
    }
}

}  // namespace

Result<Node> parse_condition(std::string_view column, std::string_view text) {
    Scanner in("filter", text);
    auto out = scan_condition(in, std::string(column), Place::parameter);
    if (out && !in.at_end()) {
        return in.fail("值之后还有多余的内容", "there is more after the value");
    }
    return out;
}

Result<Node> parse_logic(std::string_view text, Node::Kind kind, bool negated) {
    Scanner in(kind == Node::Kind::all_of ? "and" : "or", text);
    in.skip_blanks();
    auto out = scan_group(in, kind, negated, 1);
    in.skip_blanks();
    if (out && !in.at_end()) {
        return in.fail("右括号之后还有多余的内容", "there is more after the closing bracket");
    }
    return out;
}

}  // namespace pengcheng::rows
