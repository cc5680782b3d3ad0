#include "rows/parse.hpp"

#include "rows/scanner.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::rows {
namespace {

Problem json_path() {
    return problem::of(problem::no_operator, "42883", "字段都是普通类型，不能用 -> 取其中一部分",
                       "operator does not exist: columns are plain, -> has nothing to reach into");
}

Problem embedding(std::string_view name) {
    std::string shown(name.substr(0, 100));
    return problem::of(problem::no_embedding, "PGRST200", "没有与“" + shown + "”的关联",
                       "Could not find a relationship with '" + shown + "'");
}

Problem aggregate() {
    return problem::of(problem::no_aggregate, "PGRST123", "不支持聚合函数",
                       "Use of aggregate functions is not allowed");
}

/// A dash is part of a name unless it begins an arrow.
bool scan_select_name(Scanner& in, std::string& out) {
    constexpr std::string_view stops = ",:.()!-";
    bool any = scan_name(in, stops, out);
    while (in.peek() == '-' && !in.rest().starts_with("->")) {
        out += '-';
        in.skip(1);
        out += in.until(stops);
        any = true;
    }
    return any;
}

Result<SelectItem> scan_select_item(Scanner& in) {
    SelectItem item;
    if (in.take("...")) {
        return embedding(in.until(",("));
    }
    if (!scan_select_name(in, item.column)) {
        return in.fail("缺少字段名", "expected a column name");
    }
    if (in.peek() == ':' && !in.rest().starts_with("::")) {
        in.skip(1);
        item.alias = std::move(item.column);
        item.column.clear();
        if (!scan_select_name(in, item.column)) {
            return in.fail("别名后缺少字段名", "expected a column name after the alias");
        }
    }
    if (in.rest().starts_with("->")) {
        return json_path();
    }
    if (in.peek() == '(' || in.peek() == '!') {
        bool counts = item.column == "count" && in.rest().starts_with("()");
        return counts ? aggregate() : embedding(item.column);
    }
    if (in.take("::") && !scan_name(in, ",.()", item.cast)) {
        return in.fail("缺少类型", "expected a type");
    }
    if (in.peek() == '.') {
        return aggregate();
    }
    in.skip_blanks();
    if (item.column == "*" && (!item.alias.empty() || !item.cast.empty())) {
        return in.fail("* 不能有别名或类型", "* takes no alias and no cast");
    }
    return item;
}

Result<std::int64_t> parse_bound(std::string_view name, std::string_view text) {
    auto value = to_int(text);
    if (!value) {
        return Scanner(name, text).fail("须是整数", "expected a whole number");
    }
    return *value;
}

Result<void> take_limit(ReadQuery& out, const std::string& text) {
    auto value = parse_bound("limit", text);
    if (!value) {
        return value.error();
    }
    if (*value < 0) {
        return problem::of(problem::bad_range, "PGRST103", "limit 不能为负数",
                           "Limit should be greater than or equal to zero.", "/limit");
    }
    out.limit = *value;
    return {};
}

template <class T>
Result<void> keep(Result<T> from, T& into) {
    if (!from) {
        return from.error();
    }
    into = std::move(*from);
    return {};
}

Result<void> keep_child(Result<Node> from, Node& parent) {
    if (!from) {
        return from.error();
    }
    parent.children.push_back(std::move(*from));
    return {};
}

/// and, or, not.and, not.or; nothing for a column.
std::optional<std::pair<Node::Kind, bool>> logic_word(std::string_view name) {
    bool negated = name.starts_with("not.");
    std::string_view word = negated ? name.substr(4) : name;
    if (word == "and" || word == "or") {
        return std::pair(word == "and" ? Node::Kind::all_of : Node::Kind::any_of, negated);
    }
    return std::nullopt;
}

Result<void> take_filter(Node& filter, const std::string& name, const std::string& text) {
    if (text.size() > value_bytes_max) {
        return Scanner(name, "").fail("条件过长", "the condition is too long");
    }
    if (auto logic = logic_word(name)) {
        return keep_child(parse_logic(text, logic->first, logic->second), filter);
    }
    if (name.find("->") != std::string::npos) {
        return json_path();
    }
    if (auto dot = name.find('.'); dot != std::string::npos && !name.starts_with('"')) {
        std::string level = name.substr(0, dot);
        return problem::of(problem::no_embedding, "PGRST108", "查询中没有关联资源“" + level + "”",
                           "'" + level + "' is not an embedded resource in this request");
    }
    std::string column;
    Scanner in("filter", name);
    if (!scan_name(in, "", column)) {
        return in.fail("缺少字段名", "expected a column name");
    }
    return keep_child(parse_condition(column, text), filter);
}

Result<void> take_pair(ReadQuery& out, const std::string& name, const std::string& text) {
    constexpr std::array<std::string_view, 2> of_writes{"columns", "on_conflict"};
    if (name == "select") {
        return keep(parse_select(text), out.select);
    }
    if (name == "order") {
        return keep(parse_order(text), out.order);
    }
    if (name == "limit") {
        return take_limit(out, text);
    }
    if (name == "offset") {
        auto offset = parse_bound("offset", text);
        if (!offset) {
            return offset.error();
        }
        out.offset = std::max<std::int64_t>(*offset, 0);
        return {};
    }
    if (name == "_cursor") {
        out.cursor = text;
        return {};
    }
    if (std::ranges::find(of_writes, name) != of_writes.end()) {
        return {};
    }
    return take_filter(out.filter, name, text);
}

std::size_t count_conditions(const Node& node) {
    std::size_t count = node.kind == Node::Kind::condition ? 1 : 0;
    for (const Node& child : node.children) {
        count += count_conditions(child);
    }
    return count;
}

Result<void> bounded(const Node& filter) {
    if (count_conditions(filter) > conditions_max) {
        return Scanner("filter", "").fail("条件过多", "there are too many conditions");
    }
    return {};
}

}  // namespace

Result<std::vector<SelectItem>> parse_select(std::string_view text) {
    std::vector<SelectItem> out;
    Scanner in("select", text);
    in.skip_blanks();
    if (in.at_end()) {
        return out;
    }
    while (true) {
        auto item = scan_select_item(in);
        if (!item) {
            return item.error();
        }
        out.push_back(std::move(*item));
        if (out.size() > select_max) {
            return in.fail("字段过多", "there are too many columns");
        }
        if (in.at_end()) {
            return out;
        }
        if (!in.take(',')) {
            return in.fail("此处应为逗号", "expected a comma");
        }
    }
}

Result<std::vector<OrderItem>> parse_order(std::string_view text) {
    std::vector<OrderItem> out;
    Scanner in("order", text);
    while (true) {
        OrderItem item;
        if (!scan_name(in, ",.()", item.column)) {
            return in.fail("缺少字段名", "expected a column name");
        }
        if (item.column.find("->") != std::string::npos) {
            return json_path();
        }
        if (in.peek() == '(') {
            return embedding(item.column);
        }
        if (in.take(".desc")) {
            item.descending = true;
        } else {
            in.take(".asc");
        }
        if (in.take(".nullsfirst")) {
            item.nulls = OrderItem::Nulls::first;
        } else if (in.take(".nullslast")) {
            item.nulls = OrderItem::Nulls::last;
        }
        out.push_back(std::move(item));
        in.skip_blanks();
        if (in.at_end()) {
            return out;
        }
        if (!in.take(',') || out.size() >= order_max) {
            return in.fail("次序应为 asc、desc、nullsfirst 或 nullslast，字段之间用逗号",
                           "expected asc, desc, nullsfirst, nullslast or a comma");
        }
    }
}

Result<ReadQuery> parse_query(const Pairs& pairs) {
    ReadQuery out;
    for (const auto& [name, text] : pairs) {
        if (auto done = take_pair(out, name, text); !done) {
            return done.error();
        }
    }
    if (auto fits = bounded(out.filter); !fits) {
        return fits.error();
    }
    return out;
}

Result<Node> parse_filter_text(std::string_view text) {
    Node out;
    for (std::string_view pair : split(text, '&')) {
        if (trim(pair).empty()) {
            continue;
        }
        auto equals = pair.find('=');
        if (equals == std::string_view::npos) {
            return Scanner("filter", pair).fail("应为 字段=运算.值", "expected column=operator.value");
        }
        auto decoded = [](std::string_view part) { return percent_decode(part).value_or(std::string(part)); };
        std::string name = decoded(trim(pair.substr(0, equals)));
        if (auto done = take_filter(out, name, decoded(pair.substr(equals + 1))); !done) {
            return done.error();
        }
    }
    if (auto fits = bounded(out); !fits) {
        return fits.error();
    }
    return out;
}

}  // namespace pengcheng::rows
