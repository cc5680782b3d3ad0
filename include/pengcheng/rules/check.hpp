#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Row checks, pure: no database, no clock of their own.
namespace pengcheng::rules {

/// What a check must know of an information item. `type` is the guide's letter: C N Y D T L M G B I F.
struct Item {
    std::string column;
    std::string label;
    std::string type = "C";
    int length = 0;  ///< C: characters at most; N: precision; 0: not bounded
    int scale = 0;   ///< N: decimals
    bool nullable = true;
    bool primary_key = false;
    std::string code_list;
    std::string
        element;  ///< id_number credit_code mobile landline plate bank_card email region person_name address
};

/// One rule as stored or derived. `params` by kind:
///   pattern {"pattern": RE2}, range {"min","max"} (numbers or dates as text), length {"min","max"},
///   scale {"max"}, enumeration {"values":[..]}, code_list {"code_list"} (default: the item's),
///   date_order {"before": column} (before <= item), id_vs_birth {"birth": column}, id_vs_sex {"sex":
///   column}, conditional_required {"when": column, "equals": text}, unique/duplicate {"columns":[..]}
///   (default: the item).
struct RuleSpec {
    std::string id;
    std::string kind;
    std::string item;  ///< column
    Json params;
    std::string severity = "major";  ///< block, major, minor, hint
    std::string title;
};

/// What a kind of rule is, by the indicator table of GB/T 36344.
struct SpecKind {
    std::string_view name;
    std::string_view title_zh;
    std::string_view title_en;
    std::string_view dimension;  ///< "01".."06"
    std::string_view indicator;  ///< "0101".."0602"
    bool set = false;            ///< judged over all rows (SQL), never by CompiledRules::check
    bool row = false;            ///< judges the row, not one cell
    bool fewer_is_better = false;
    bool fits_load = false;  ///< a failing row cannot be stored or keyed: ingest rejects it
};
const SpecKind* find_kind(std::string_view name);
std::span<const SpecKind> kinds();

/// Values of each code list that items or rules refer to.
using CodeLists = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;

/// The rules that follow from items alone (type, required, length, scale, unique key, code list, element
/// checks, date order by name, not in the future, ID number against birth date and sex, money and counts
/// not negative). Ids are stable: "derived.<kind>.<column>".
std::vector<RuleSpec> derive(std::span<const Item> items);
/// The part of derive() that a stored row must pass (type, required, length, scale, code list).
std::vector<RuleSpec> derive_for_load(std::span<const Item> items);

using Cell = std::optional<std::string_view>;

/// One fault of one row. Views are valid during the sink's call only.
struct Failure {
    std::size_t rule = 0;    ///< index into CompiledRules::specs()
    std::size_t column = 0;  ///< index into the items
    std::int64_t line = 0;
    std::string_view code;   ///< short: "required", "check", "date", "length", ...
    std::string_view value;  ///< the cell, empty when NULL
    std::string_view reason_zh;
    std::string_view reason_en;
};
using FailureSink = std::function<void(const Failure&)>;

/// Per rule: elements judged (B) and failed. A rule judges at most one element a row.
/// Empty cells are judged only by required, not_blank and conditional_required.
struct Counts {
    std::vector<std::int64_t> judged;
    std::vector<std::int64_t> failed;
    void add(const Counts& other);
};

/// Rules made once for a set of items, then run over any number of rows. Immutable after compile():
/// share between threads. check() allocates nothing for rows in canonical form.
class CompiledRules {
public:
    /// Refuses an unknown kind, item, code list or a bad pattern, pointer "/rules/<n>/...".
    /// Rules of set kinds are kept in specs() and skipped by check().
    static Result<CompiledRules> compile(std::vector<Item> items, std::vector<RuleSpec> specs,
                                         CodeLists lists, Day today);
    CompiledRules(CompiledRules&&) noexcept;
    CompiledRules& operator=(CompiledRules&&) noexcept;
    ~CompiledRules();

    /// Judges one row, `row[i]` being the text of item i (source text or PostgreSQL's).
    /// -> the number of rules that failed, hints included.
    std::size_t check(std::span<const Cell> row, std::int64_t line, const FailureSink& sink) const;
    std::size_t check(std::span<const Cell> row, std::int64_t line, Counts& counts,
                      const FailureSink& sink) const;

    [[nodiscard]] const std::vector<Item>& items() const;
    [[nodiscard]] const std::vector<RuleSpec>& specs() const;
    [[nodiscard]] const SpecKind& kind(std::size_t rule) const;
    [[nodiscard]] Counts counts() const;  ///< zeros of the right size

    struct Impl;  // src/rules

private:
    explicit CompiledRules(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Whether a cell of this type says "nothing": blanks; in typed items (not C, M) also - — / 无 暂无 null
/// NULL N/A, and in D and T the open ends 长期 至今 永久.
bool is_empty(std::string_view type, std::string_view text);

/// A source cell in PostgreSQL's text form by item type, or nothing when it does not fit the type. Ask
/// is_empty first. C, M, G: as it stands. N, Y, I, B, F: commas, full width, 元 ￥, 万 亿 % (exactly).
/// D: every unambiguous Chinese and ISO form, Excel serials only through `excel_serial`. T: the same with
/// a time, Asia/Shanghai assumed. L: 是否 有无 真假 true/false yes/no 1/0.
std::optional<std::string> to_pg_text(std::string_view type, std::string_view text);
/// The same into a reused buffer; false when it does not fit.
bool to_pg_text(std::string_view type, std::string_view text, std::string& out);
/// "45418" -> "2024-05-06" (epoch 1899-12-30, or 1904 when the workbook says so).
std::optional<std::string> excel_serial(std::string_view text, bool epoch_1904 = false);
/// Why a cell does not fit its type, for people: "不是日期(如 2024-05-06)".
std::string_view type_reason_zh(std::string_view type);
std::string_view type_reason_en(std::string_view type);

}  // namespace pengcheng::rules
