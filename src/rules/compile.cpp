#include "rules/compiled.hpp"
#include "rules/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <cmath>

namespace pengcheng::rules {
namespace {

constexpr std::size_t pattern_bytes_max = 1000;
constexpr std::int64_t pattern_memory_max = 4 << 20;

struct Bench {
    const CompiledRules::Impl& impl;
    const RuleSpec& spec;
    std::string pointer;  ///< "/rules/3"

    [[nodiscard]] Problem refuse(std::string_view member, std::string zh, std::string en) const {
        return problem::bad_rule.at(pointer + std::string(member), std::move(zh), std::move(en));
    }
    [[nodiscard]] std::size_t find(std::string_view column) const {
        for (std::size_t i = 0; i < impl.items.size(); ++i) {
            if (impl.items[i].column == column) {
                return i;
            }
        }
        return no_column;
    }
    [[nodiscard]] const Json* param(const char* name) const {
        if (!spec.params.is_object()) {
            return nullptr;
        }
        auto at = spec.params.find(name);
        return at == spec.params.end() || at->is_null() ? nullptr : &*at;
    }
    [[nodiscard]] std::optional<std::string> text(const char* name) const {
        const Json* value = param(name);
        return value != nullptr && value->is_string() ? std::optional(value->get<std::string>())
                                                      : std::nullopt;
    }
    [[nodiscard]] std::optional<double> number(const char* name) const {
        const Json* value = param(name);
        if (value == nullptr) {
            return std::nullopt;
        }
        return value->is_number() ? value->get<double>()
                                  : to_double(value->is_string() ? value->get<std::string>() : "");
    }
};

Result<void> compile_other(const Bench& bench, const char* name, Compiled& out) {
    auto column = bench.text(name);
    out.other = column ? bench.find(*column) : no_column;
    if (out.other == no_column) {
        return bench.refuse(std::string("/params/") + name,
                            "参数“" + std::string(name) + "”须是本资源的一个信息项",
                            "Parameter \"" + std::string(name) + "\" must name an item of this resource");
    }
    out.other_type = bench.impl.items[out.other].type;
    return {};
}

std::string plain_number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

void say_bounds(const std::optional<std::string>& min, const std::optional<std::string>& max, Compiled& out,
                std::string_view what_zh, std::string_view what_en) {
    std::string bounds = (min ? *min : "…") + "–" + (max ? *max : "…");
    out.reason_zh = std::string(what_zh) + "不在 " + bounds + " 之内";
    out.reason_en = std::string(what_en) + " is not within " + bounds;
}

Result<void> compile_range(const Bench& bench, Compiled& out) {
    bool dated = out.type == "D" || out.type == "T";
    std::optional<std::string> said[2];
    for (int side = 0; side < 2; ++side) {
        const char* name = side == 0 ? "min" : "max";
        if (bench.param(name) == nullptr) {
            continue;
        }
        if (dated) {
            auto text = bench.text(name);
            auto at = text ? instant_of("T", *text) : std::nullopt;
            if (!at) {
                return bench.refuse(std::string("/params/") + name, "须是日期", "Must be a date");
            }
            (side == 0 ? out.from : out.until) = at->time_since_epoch().count();
            said[side] = text;
        } else {
            auto value = bench.number(name);
            if (!value) {
                return bench.refuse(std::string("/params/") + name, "须是数字", "Must be a number");
            }
            (side == 0 ? out.min : out.max) = value;
            said[side] = plain_number(*value);
        }
    }
    if (!said[0] && !said[1]) {
        return bench.refuse("/params", "值域规则至少要有 min 或 max", "A range needs min or max");
    }
    say_bounds(said[0], said[1], out, "值", "The value");
    return {};
}

Result<void> compile_length(const Bench& bench, Compiled& out) {
    const Item& item = bench.impl.items[out.column];
    out.min = bench.number("min");
    out.max = bench.number("max");
    bool numeric = item.type == "N" || item.type == "Y";
    if (!out.min && !out.max && item.length > 0) {
        out.max = numeric ? item.length - item.scale : item.length;
    }
    if (!out.min && !out.max) {
        return bench.refuse("/params", "长度规则需要 min 或 max，或信息项有长度",
                            "A length rule needs min or max, or an item with a length");
    }
    auto said = [](const std::optional<double>& bound) {
        return bound ? std::optional(plain_number(*bound)) : std::nullopt;
    };
    if (out.max && !out.min) {
        out.reason_zh = std::string(numeric ? "整数部分超过 " : "长度超过 ") + *said(out.max) +
                        (numeric ? " 位" : " 个字符");
        out.reason_en = std::string(numeric ? "has more than " : "is longer than ") + *said(out.max) +
                        (numeric ? " digits before the point" : " characters");
    } else {
        say_bounds(said(out.min), said(out.max), out, "长度", "The length");
    }
    return {};
}

Result<void> compile_pattern(const Bench& bench, Compiled& out) {
    auto pattern = bench.text("pattern");
    if (!pattern || pattern->empty() || pattern->size() > pattern_bytes_max) {
        return bench.refuse("/params/pattern", "须是1000字节以内的正则表达式",
                            "Must be a regular expression of at most 1000 bytes");
    }
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_memory_max);
    out.pattern = std::make_unique<RE2>(*pattern, options);
    if (!out.pattern->ok()) {
        return bench.refuse("/params/pattern", "正则表达式有误：" + out.pattern->error(),
                            "The regular expression is wrong: " + out.pattern->error());
    }
    out.reason_zh = "不符合规定的格式 " + *pattern;
    out.reason_en = "does not match " + *pattern;
    return {};
}

Result<void> compile_list(const Bench& bench, Compiled& out) {
    std::string code = bench.text("code_list").value_or(bench.impl.items[out.column].code_list);
    auto list = bench.impl.lists.find(code);
    if (list == bench.impl.lists.end()) {
        return bench.refuse("/params/code_list", "没有代码表“" + code + "”",
                            "There is no code list \"" + code + "\"");
    }
    out.list = &list->second;
    out.reason_zh = "不在代码表 " + code + " 中";
    out.reason_en = "is not in code list " + code;
    return {};
}

Result<void> compile_values(const Bench& bench, Compiled& out) {
    const Json* values = bench.param("values");
    if (values == nullptr || !values->is_array() || values->empty()) {
        return bench.refuse("/params/values", "须是非空的值列表", "Must be a list of values");
    }
    for (const Json& value : *values) {
        out.values.insert(value.is_string() ? value.get<std::string>() : value.dump());
    }
    out.list = &out.values;
    out.reason_zh = "不是允许的值之一";
    out.reason_en = "is not one of the allowed values";
    return {};
}

Result<void> compile_scale(const Bench& bench, Compiled& out) {
    out.max = bench.number("max").value_or(bench.impl.items[out.column].scale);
    out.reason_zh = "小数超过 " + plain_number(*out.max) + " 位";
    out.reason_en = "has more than " + plain_number(*out.max) + " decimals";
    return {};
}

/// Kinds whose parameters name another column, a bound or a list; the rest need only the item.
Result<void> compile_params(const Bench& bench, Compiled& out) {
    switch (out.kind) {
        case Kind::length:
            return compile_length(bench, out);
        case Kind::scale:
            return compile_scale(bench, out);
        case Kind::pattern:
            return compile_pattern(bench, out);
        case Kind::range:
            return compile_range(bench, out);
        case Kind::enumeration:
            return compile_values(bench, out);
        case Kind::code_list:
            return compile_list(bench, out);
        case Kind::date_order:
            return compile_other(bench, "before", out);
        case Kind::id_vs_birth:
            return compile_other(bench, "birth", out);
        case Kind::id_vs_sex:
            return compile_other(bench, "sex", out);
        case Kind::conditional_required:
            out.equals = bench.text("equals").value_or("");
            return compile_other(bench, "when", out);
        default:
            return {};
    }
}

void say(Compiled& rule, std::string zh, std::string en) {
    rule.reason_zh = std::move(zh);
    rule.reason_en = std::move(en);
}

void say_plain(const std::vector<Item>& items, Compiled& rule) {
    std::string other = rule.other == no_column           ? ""
                        : items[rule.other].label.empty() ? items[rule.other].column
                                                          : items[rule.other].label;
    switch (rule.kind) {
        case Kind::required:
            return say(rule, "必填，但为空", "is required but empty");
        case Kind::not_blank:
            return say(rule, "没有填写实际内容", "says nothing");
        case Kind::conditional_required:
            return say(rule, "“" + other + "”为“" + rule.equals + "”时必填",
                       "is required when \"" + other + "\" is \"" + rule.equals + "\"");
        case Kind::type:
            return say(rule, std::string(type_reason_zh(rule.type)), std::string(type_reason_en(rule.type)));
        case Kind::date_order:
            return say(rule, "早于“" + other + "”", "is earlier than \"" + other + "\"");
        case Kind::not_future:
            return say(rule, "晚于今天", "is later than today");
        case Kind::id_vs_birth:
            return say(rule, "身份号码中的出生日期与“" + other + "”不一致",
                       "holds another birth date than \"" + other + "\"");
        case Kind::id_vs_sex:
            return say(rule, "身份号码表示的性别与“" + other + "”不一致",
                       "means another sex than \"" + other + "\"");
        case Kind::dirty_text:
            return say(rule, "含有乱码", "is garbled");
        default:
            return;
    }
}

Result<Compiled> compile_rule(const Bench& bench) {
    const SpecKind* kind = find_kind(bench.spec.kind);
    if (kind == nullptr) {
        return bench.refuse("/kind", "没有规则类型“" + bench.spec.kind + "”",
                            "There is no rule kind \"" + bench.spec.kind + "\"");
    }
    Compiled out;
    out.kind = static_cast<Kind>(kind - kinds().data());
    out.set = kind->set;
    out.column = bench.find(bench.spec.item);
    if (out.column == no_column) {
        const Json* columns = bench.param("columns");
        bool named = kind->set && columns != nullptr && columns->is_array() && !columns->empty();
        if (!named || !bench.spec.item.empty()) {
            return bench.refuse("/item", "没有信息项“" + bench.spec.item + "”",
                                "There is no item \"" + bench.spec.item + "\"");
        }
        for (const Json& column : *columns) {
            if (!column.is_string() || bench.find(column.get<std::string>()) == no_column) {
                return bench.refuse("/params/columns", "须都是本资源的信息项",
                                    "Must all be items of this resource");
            }
        }
        out.column = bench.find(columns->front().get<std::string>());
    }
    out.type = bench.impl.items[out.column].type;
    if (auto done = compile_params(bench, out); !done) {
        return done.error();
    }
    say_plain(bench.impl.items, out);
    return out;
}

}  // namespace

CompiledRules::CompiledRules(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
}
CompiledRules::CompiledRules(CompiledRules&&) noexcept = default;
CompiledRules& CompiledRules::operator=(CompiledRules&&) noexcept = default;
CompiledRules::~CompiledRules() = default;

Result<CompiledRules> CompiledRules::compile(std::vector<Item> items, std::vector<RuleSpec> specs,
                                             CodeLists lists, Day today) {
    auto impl = std::make_unique<Impl>();
    impl->items = std::move(items);
    impl->specs = std::move(specs);
    impl->lists = std::move(lists);
    impl->today = today;
    impl->rules.reserve(impl->specs.size());
    for (std::size_t i = 0; i < impl->specs.size(); ++i) {
        Bench bench{*impl, impl->specs[i], "/rules/" + std::to_string(i)};
        auto rule = compile_rule(bench);
        if (!rule) {
            return rule.error();
        }
        impl->rules.push_back(std::move(*rule));
        Compiled& placed = impl->rules.back();
        if (placed.kind == Kind::enumeration) {
            placed.list = &placed.values;  // the set moved with its rule
        }
    }
    return CompiledRules(std::move(impl));
}

const std::vector<Item>& CompiledRules::items() const {
    return impl_->items;
}
const std::vector<RuleSpec>& CompiledRules::specs() const {
    return impl_->specs;
}
const SpecKind& CompiledRules::kind(std::size_t rule) const {
    return kinds()[static_cast<std::size_t>(impl_->rules[rule].kind)];
}
Counts CompiledRules::counts() const {
    return {std::vector<std::int64_t>(impl_->rules.size()), std::vector<std::int64_t>(impl_->rules.size())};
}

void Counts::add(const Counts& other) {
    for (std::size_t i = 0; i < judged.size(); ++i) {
        judged[i] += other.judged[i];
        failed[i] += other.failed[i];
    }
}

}  // namespace pengcheng::rules
