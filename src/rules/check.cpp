#include "rules/compiled.hpp"

#include "rules/code_points.hpp"
#include "rules/normalise.hpp"

#include <pengcheng/base/text.hpp>

#include <array>

namespace pengcheng::rules {
namespace {

struct Outcome {
    bool judged = false;
    bool failed = false;
    std::string_view code;
    std::string_view reason_zh;
    std::string_view reason_en;
};

constexpr Outcome not_judged{};

std::string& scratch() {
    thread_local std::string buffer;
    return buffer;
}

/// The verdict of a rule whose reason was written when it was compiled.
Outcome judge(bool holds, const Compiled& rule, std::string_view code) {
    return {true, !holds, code, rule.reason_zh, rule.reason_en};
}

Outcome judge(Verdict verdict) {
    return {true, !verdict.ok(), fault_code(verdict.fault), fault_zh(verdict.fault), fault_en(verdict.fault)};
}

Outcome check_length(const Compiled& rule, std::string_view cell) {
    std::size_t length = 0;
    if (rule.type == "N" || rule.type == "Y") {
        std::string& number = scratch();
        if (!number_text(cell, number)) {
            return not_judged;
        }
        length = std::min(number.find('.'), number.size());
        length -= number.starts_with('-') ? 1 : 0;
        length = length == 1 && number.find_first_of("123456789") > number.find('.') ? 0 : length;
    } else {
        // So many bytes are no more characters: counting is for the long ones.
        bool short_enough = !rule.min && rule.max && static_cast<double>(cell.size()) <= *rule.max;
        length = short_enough ? cell.size() : utf8_length(cell);
    }
    auto value = static_cast<double>(length);
    return judge(value >= rule.min.value_or(0) && value <= rule.max.value_or(1e18), rule, "length");
}

/// Trailing zeros do not count: PostgreSQL keeps the value.
Outcome check_scale(const Compiled& rule, std::string_view cell) {
    std::string& number = scratch();
    if (!number_text(cell, number)) {
        return not_judged;
    }
    auto point = number.find('.');
    auto last = number.find_last_not_of('0');
    std::size_t decimals = point == std::string::npos || last <= point ? 0 : last - point;
    return judge(static_cast<double>(decimals) <= *rule.max, rule, "scale");
}

Outcome check_range(const Compiled& rule, std::string_view cell) {
    if (rule.from || rule.until) {
        auto at = instant_of(rule.type, cell);
        if (!at) {
            return not_judged;
        }
        std::int64_t value = at->time_since_epoch().count();
        return judge((!rule.from || value >= *rule.from) && (!rule.until || value <= *rule.until), rule,
                     "range");
    }
    std::string& number = scratch();
    auto value = number_text(cell, number) ? to_double(number) : std::nullopt;
    if (!value) {
        return not_judged;
    }
    return judge((!rule.min || *value >= *rule.min) && (!rule.max || *value <= *rule.max), rule, "range");
}

Outcome check_order(const Compiled& rule, std::string_view cell, std::string_view before) {
    auto after_at = instant_of(rule.type, cell);
    auto before_at = instant_of(rule.other_type, before);
    if (!after_at || !before_at) {
        return not_judged;
    }
    bool by_day = rule.type != "T" || rule.other_type != "T";
    bool holds = by_day ? city_day(*before_at) <= city_day(*after_at) : *before_at <= *after_at;
    return judge(holds, rule, "date_order");
}

Outcome check_birth(const Compiled& rule, std::string_view cell, std::string_view birth) {
    auto told = id_birth(cell);
    auto written = instant_of(rule.other_type, birth);
    if (!told || !written) {
        return not_judged;
    }
    return judge(*told == city_day(*written), rule, "id_vs_birth");
}

Outcome check_sex(const Compiled& rule, std::string_view cell, std::string_view sex) {
    auto told = id_sex(cell);
    char written = sex == "1" || sex == "男" || sex == "男性" || sex == "M"   ? '1'
                   : sex == "2" || sex == "女" || sex == "女性" || sex == "F" ? '2'
                                                                              : '\0';
    if (!told || written == '\0') {
        return not_judged;
    }
    return judge(*told == written, rule, "id_vs_sex");
}

/// U+FFFD, control characters, and what GBK and UTF-8 leave when one is read as the other.
bool dirty(std::string_view cell) {
    constexpr std::array<std::string_view, 6> marks{"\uFFFD", "锟斤拷", "烫烫烫", "屯屯屯", "Ã©", "â€"};
    for (std::string_view mark : marks) {
        if (cell.find(mark) != std::string_view::npos) {
            return true;
        }
    }
    return std::ranges::any_of(
               cell, [](unsigned char c) { return c < 0x20 && c != '\t' && c != '\n' && c != '\r'; }) ||
           !valid_utf8(cell);
}

Outcome check_identifier(const Compiled& rule, std::string_view cell, Day today) {
    switch (rule.kind) {
        case Kind::id_number:
            return judge(check_id_number(cell, today));
        case Kind::credit_code:
            return judge(check_credit_code(cell));
        case Kind::organization_code:
            return judge(check_organization_code(cell));
        case Kind::phone:
            return judge(check_phone(cell));
        case Kind::mobile:
            return judge(check_mobile(cell));
        case Kind::landline:
            return judge(check_landline(cell));
        case Kind::plate:
            return judge(check_plate(cell));
        case Kind::bank_card:
            return judge(check_bank_card(cell));
        case Kind::email:
            return judge(check_email(cell));
        case Kind::person_name:
            return judge(check_person_name(cell));
        case Kind::region:
            return judge(check_region(cell));
        default:
            return not_judged;
    }
}

/// A cell that says something.
Outcome check_cell(const Compiled& rule, std::string_view cell, Day today) {
    switch (rule.kind) {
        case Kind::type:
            return judge(to_pg_text(rule.type, cell, scratch()), rule, "type");
        case Kind::length:
            return check_length(rule, cell);
        case Kind::scale:
            return check_scale(rule, cell);
        case Kind::range:
            return check_range(rule, cell);
        case Kind::pattern:
            return judge(RE2::FullMatch({cell.data(), cell.size()}, *rule.pattern), rule, "pattern");
        case Kind::enumeration:
            return judge(rule.list->contains(cell), rule, "enumeration");
        case Kind::code_list:
            return judge(rule.list->contains(cell), rule, "code_list");
        case Kind::dirty_text:
            return judge(!dirty(cell), rule, "dirty_text");
        case Kind::not_future: {
            auto at = instant_of(rule.type, cell);
            return at ? judge(city_day(*at) <= today, rule, "not_future") : not_judged;
        }
        default:
            return check_identifier(rule, cell, today);
    }
}

/// What the empty words are to text too.
bool says_nothing(std::string_view cell) {
    return is_empty("N", cell);
}

class RowCells {
public:
    RowCells(std::span<const Cell> row, const std::vector<Item>& items) : row_(row) {
        empty().assign(items.size(), 1);
        for (std::size_t i = 0; i < items.size() && i < row.size(); ++i) {
            empty()[i] = !row[i] || is_empty(items[i].type, *row[i]) ? 1 : 0;
        }
    }
    [[nodiscard]] bool is_empty_at(std::size_t column) const { return empty()[column] != 0; }
    [[nodiscard]] std::string_view text(std::size_t column) const {
        return column < row_.size() && row_[column] ? *row_[column] : std::string_view{};
    }

private:
    static std::vector<char>& empty() {
        thread_local std::vector<char> flags;
        return flags;
    }
    std::span<const Cell> row_;
};

Outcome check_rule(const Compiled& rule, const RowCells& cells, Day today) {
    bool empty = cells.is_empty_at(rule.column);
    std::string_view cell = cells.text(rule.column);
    switch (rule.kind) {
        case Kind::required:
            return judge(!empty, rule, "required");
        case Kind::not_blank:
            return judge(!empty && !says_nothing(cell), rule, "not_blank");
        case Kind::conditional_required:
            return cells.text(rule.other) == rule.equals ? judge(!empty, rule, "required") : not_judged;
        case Kind::date_order:
        case Kind::id_vs_birth:
        case Kind::id_vs_sex: {
            if (empty || cells.is_empty_at(rule.other)) {
                return not_judged;
            }
            std::string_view other = cells.text(rule.other);
            return rule.kind == Kind::date_order    ? check_order(rule, cell, other)
                   : rule.kind == Kind::id_vs_birth ? check_birth(rule, cell, other)
                                                    : check_sex(rule, cell, other);
        }
        default:
            return empty ? not_judged : check_cell(rule, cell, today);
    }
}

template <class Note>
std::size_t check_row(const CompiledRules::Impl& impl, std::span<const Cell> row, std::int64_t line,
                      Note note, const FailureSink& sink) {
    RowCells cells(row, impl.items);
    std::size_t failures = 0;
    for (std::size_t i = 0; i < impl.rules.size(); ++i) {
        const Compiled& rule = impl.rules[i];
        if (rule.set) {
            continue;
        }
        Outcome outcome = check_rule(rule, cells, impl.today);
        note(i, outcome);
        if (outcome.failed) {
            ++failures;
            Failure failure{i,
                            rule.column,
                            line,
                            outcome.code,
                            cells.text(rule.column),
                            outcome.reason_zh,
                            outcome.reason_en};
            sink(failure);
        }
    }
    return failures;
}

}  // namespace

std::optional<Time> instant_of(std::string_view type, std::string_view cell) {
    // A stored day, without turning it into text first; the years are those that date_text takes.
    if (type == "D" && cell.size() == 10 && (cell[0] == '1' || cell[0] == '2')) {
        if (auto day = parse_day(cell)) {
            return Time(*day) - city_offset;
        }
    }
    std::string& buffer = scratch();
    if (type == "T") {
        return time_text(cell, buffer) || (date_text(cell, buffer) && (buffer += " 00:00:00+08:00", true))
                   ? parse_time(buffer)
                   : std::nullopt;
    }
    auto day = date_text(cell, buffer) ? parse_day(buffer) : std::nullopt;
    return day ? std::optional<Time>(*day - city_offset) : std::nullopt;
}

std::size_t CompiledRules::check(std::span<const Cell> row, std::int64_t line,
                                 const FailureSink& sink) const {
    return check_row(*impl_, row, line, [](std::size_t, const Outcome&) {}, sink);
}

std::size_t CompiledRules::check(std::span<const Cell> row, std::int64_t line, Counts& counts,
                                 const FailureSink& sink) const {
    auto note = [&counts](std::size_t rule, const Outcome& outcome) {
        counts.judged[rule] += outcome.judged ? 1 : 0;
        counts.failed[rule] += outcome.failed ? 1 : 0;
    };
    return check_row(*impl_, row, line, note, sink);
}

}  // namespace pengcheng::rules
