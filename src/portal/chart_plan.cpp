#include "portal/chart.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::portal {

namespace {

template <std::size_t N>
bool holds_any(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// Columns are named in parts: `station_id` has the part id, `width` has not.
template <std::size_t N>
bool has_part(std::string_view column, const std::array<std::string_view, N>& parts) {
    for (auto part : split(column, '_')) {
        if (std::find(parts.begin(), parts.end(), part) != parts.end()) {
            return true;
        }
    }
    return false;
}

constexpr std::array<std::string_view, 20> not_amount_words{
    "编码", "代码", "编号", "序号", "号码", "证号",   "账号", "电话", "手机", "邮编",
    "年份", "年度", "经度", "纬度", "坐标", "身份证", "排名", "名次", "楼层", "门牌"};
constexpr std::array<std::string_view, 20> not_amount_parts{
    "id",  "code", "no",  "num",       "number",   "phone", "tel",  "mobile", "zip", "postcode",
    "lng", "lon",  "lat", "longitude", "latitude", "year",  "rank", "seq",    "x",   "y"};
// Adding these up says nothing, whatever the unit.
constexpr std::array<std::string_view, 17> rate_words{"率",   "占比", "比例", "比重", "百分", "指数",
                                                      "平均", "均价", "单价", "得分", "评分", "温度",
                                                      "湿度", "浓度", "期限", "时限", "年龄"};

bool number_type(const ChartField& field) {
    return field.type == "N" || field.type == "B" || field.type == "F" || field.type == "I" ||
           field.type == "Y";
}

bool date_type(const ChartField& field) {
    return (field.type == "D" || field.type == "T") && field.mask.empty() && !field.low.empty();
}

std::string step_of(const ChartField& field) {
    auto low = parse_day(field.low);
    auto high = parse_day(field.high);
    if (!low || !high) {
        return "month";
    }
    auto days = (*high - *low).count();
    return days <= 92 ? "day" : days <= 3660 ? "month" : "year";
}

std::optional<std::size_t> first(const std::vector<ChartField>& fields, bool (*wanted)(const ChartField&)) {
    auto found = std::find_if(fields.begin(), fields.end(), wanted);
    if (found == fields.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - fields.begin());
}

/// Rows that each bring their own unit cannot be added up.
bool mixed_units(const std::vector<ChartField>& fields) {
    return std::any_of(fields.begin(), fields.end(), [](const ChartField& field) {
        return (field.label == "单位" || field.label == "计量单位") && field.distinct > 1;
    });
}

/// Few enough values, and either repeated (counting says something) or with a number to show beside.
bool good_category(const ChartField& field, bool has_measure) {
    return may_be_category(field) && field.distinct >= 2 && field.distinct <= categories_max &&
           (has_measure || field.distinct < field.filled);
}

}  // namespace

bool is_year(const ChartField& field) {
    bool named = field.label.ends_with("年") || field.column == "year" ||
                 holds_any(field.label, std::array<std::string_view, 2>{"年份", "年度"});
    return named && field.mask.empty() && (field.type == "I" || field.type == "N" || field.type == "C");
}

bool is_measure(const ChartField& field) {
    return number_type(field) && field.mask.empty() && !field.key && field.code_list.empty() &&
           field.element.empty() && !is_year(field) && !holds_any(field.label, not_amount_words) &&
           !holds_any(field.label, rate_words) && !has_part(field.column, not_amount_parts) &&
           field.unit != "%" && field.unit != "℃" && field.unit != "‰";
}

bool may_be_category(const ChartField& field) {
    if (is_year(field) || field.mask == "hide" || field.mask == "pseudonym") {
        return false;
    }
    if (field.element == "region" || !field.code_list.empty() || field.type == "L") {
        return true;
    }
    return field.type == "C" && field.element.empty() && !field.key &&
           !holds_any(field.label, not_amount_words) &&
           !has_part(field.column, std::array<std::string_view, 4>{"id", "code", "phone", "tel"});
}

std::optional<ChartPlan> plan_chart(const std::vector<ChartField>& fields) {
    ChartPlan plan;
    if (!mixed_units(fields)) {
        plan.y = first(fields, is_measure);
    }
    // Counting rows over the date that tells them apart gives a line of ones.
    auto date = first(fields, date_type);
    if (date && (plan.y || !fields[*date].key)) {
        plan.x = *date;
        plan.step = step_of(fields[*date]);
        if (fields[*date].low != fields[*date].high) {
            return plan;
        }
    }
    if (auto year = first(fields, is_year); year && fields[*year].distinct >= 2) {
        plan.x = *year;
        plan.step = "year";
        return plan;
    }
    plan.step.clear();
    bool has_measure = plan.y.has_value();
    // Regions and coded values name bars better than free text.
    for (int pass = 0; pass < 3; ++pass) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            bool turn = pass == 0   ? fields[i].element == "region"
                        : pass == 1 ? !fields[i].code_list.empty()
                                    : true;
            if (turn && good_category(fields[i], has_measure)) {
                plan.x = i;
                return plan;
            }
        }
    }
    return std::nullopt;
}

}  // namespace pengcheng::portal
