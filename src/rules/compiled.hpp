#pragma once

#include <pengcheng/rules/check.hpp>
#include <pengcheng/rules/identifiers.hpp>

#include <re2/re2.h>

namespace pengcheng::rules {

constexpr std::size_t no_column = static_cast<std::size_t>(-1);

/// The order of kinds() in kinds.cpp.
enum class Kind : std::uint8_t {
    required,
    not_blank,
    conditional_required,
    type,
    length,
    scale,
    pattern,
    range,
    enumeration,
    code_list,
    region,
    id_number,
    credit_code,
    organization_code,
    phone,
    mobile,
    landline,
    plate,
    bank_card,
    email,
    person_name,
    date_order,
    not_future,
    id_vs_birth,
    id_vs_sex,
    dirty_text,
    unique,
    composite_unique,
    duplicate,
};

/// One rule with everything looked up, so that check() only compares.
struct Compiled {
    Kind kind = Kind::required;
    bool set = false;
    std::size_t column = 0;
    std::size_t other = no_column;  ///< the second column of a rule over two
    std::string type;               ///< of the column
    std::string other_type;
    std::optional<double> min, max;           ///< range of numbers; length and scale in characters
    std::optional<std::int64_t> from, until;  ///< range of dates, microseconds
    std::unique_ptr<RE2> pattern;
    std::set<std::string, std::less<>> values;  ///< enumeration
    const std::set<std::string, std::less<>>* list = nullptr;
    std::string equals;
    std::string reason_zh, reason_en;
};

struct CompiledRules::Impl {
    std::vector<Item> items;
    std::vector<RuleSpec> specs;
    CodeLists lists;
    Day today;
    std::vector<Compiled> rules;
};

/// A D or T cell as an instant of the city; days begin at midnight there.
std::optional<Time> instant_of(std::string_view type, std::string_view cell);

}  // namespace pengcheng::rules
