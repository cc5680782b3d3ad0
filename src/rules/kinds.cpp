#include "rules/compiled.hpp"

#include <algorithm>
#include <array>

namespace pengcheng::rules {
namespace {

constexpr std::array<SpecKind, 29> table{{
    {.name = "required", .title_zh = "必填", .title_en = "Required", .dimension = "02", .indicator = "0201",
     .fits_load = true},
    {.name = "not_blank", .title_zh = "不得以“无”等代替", .title_en = "Not a word for nothing", .dimension = "02",
     .indicator = "0201"},
    {.name = "conditional_required", .title_zh = "有条件必填", .title_en = "Required on a condition",
     .dimension = "02", .indicator = "0201", .row = true},
    {.name = "type", .title_zh = "类型", .title_en = "Type", .dimension = "03", .indicator = "0302",
     .fits_load = true},
    {.name = "length", .title_zh = "长度", .title_en = "Length", .dimension = "03", .indicator = "0302",
     .fits_load = true},
    {.name = "scale", .title_zh = "小数位数", .title_en = "Decimals", .dimension = "03", .indicator = "0302",
     .fits_load = true},
    {.name = "pattern", .title_zh = "格式", .title_en = "Pattern", .dimension = "03", .indicator = "0302"},
    {.name = "range", .title_zh = "值域", .title_en = "Range", .dimension = "03", .indicator = "0302"},
    {.name = "enumeration", .title_zh = "枚举值", .title_en = "One of", .dimension = "01", .indicator = "0105"},
    {.name = "code_list", .title_zh = "代码表", .title_en = "Code list", .dimension = "01", .indicator = "0105",
     .fits_load = true},
    {.name = "region", .title_zh = "行政区划代码", .title_en = "Region code", .dimension = "01",
     .indicator = "0105"},
    {.name = "id_number", .title_zh = "公民身份号码", .title_en = "Citizen ID number", .dimension = "01",
     .indicator = "0101"},
    {.name = "credit_code", .title_zh = "统一社会信用代码", .title_en = "Unified social credit code",
     .dimension = "01", .indicator = "0101"},
    {.name = "organization_code", .title_zh = "组织机构代码", .title_en = "Organization code", .dimension = "01",
     .indicator = "0101"},
    {.name = "phone", .title_zh = "联系电话", .title_en = "Telephone", .dimension = "01", .indicator = "0101"},
    {.name = "mobile", .title_zh = "手机号码", .title_en = "Mobile number", .dimension = "01", .indicator = "0101"},
    {.name = "landline", .title_zh = "固定电话", .title_en = "Landline", .dimension = "01", .indicator = "0101"},
    {.name = "plate", .title_zh = "号牌号码", .title_en = "Vehicle plate", .dimension = "01", .indicator = "0101"},
    {.name = "bank_card", .title_zh = "银行卡号", .title_en = "Bank card", .dimension = "01", .indicator = "0101"},
    {.name = "email", .title_zh = "电子邮箱", .title_en = "E-mail", .dimension = "01", .indicator = "0101"},
    {.name = "person_name", .title_zh = "姓名", .title_en = "Person's name", .dimension = "01", .indicator = "0101"},
    {.name = "date_order", .title_zh = "日期先后", .title_en = "Date order", .dimension = "05", .indicator = "0503",
     .row = true},
    {.name = "not_future", .title_zh = "不晚于今天", .title_en = "Not in the future", .dimension = "05",
     .indicator = "0503"},
    {.name = "id_vs_birth", .title_zh = "身份号码与出生日期一致", .title_en = "ID number agrees with birth date",
     .dimension = "04", .indicator = "0402", .row = true},
    {.name = "id_vs_sex", .title_zh = "身份号码与性别一致", .title_en = "ID number agrees with sex",
     .dimension = "04", .indicator = "0402", .row = true},
    {.name = "dirty_text", .title_zh = "乱码", .title_en = "Garbled text", .dimension = "03", .indicator = "0305",
     .fewer_is_better = true},
    {.name = "unique", .title_zh = "唯一", .title_en = "Unique", .dimension = "03", .indicator = "0304",
     .set = true},
    {.name = "composite_unique", .title_zh = "联合唯一", .title_en = "Unique together", .dimension = "03",
     .indicator = "0304", .set = true},
    {.name = "duplicate", .title_zh = "重复", .title_en = "Duplicates", .dimension = "03", .indicator = "0303",
     .set = true, .fewer_is_better = true},
}};
static_assert(static_cast<std::size_t>(Kind::duplicate) + 1 == table.size());

}  // namespace

std::span<const SpecKind> kinds() { return table; }

const SpecKind* find_kind(std::string_view name) {
    auto at = std::ranges::find(table, name, &SpecKind::name);
    return at == table.end() ? nullptr : &*at;
}

}  // namespace pengcheng::rules
