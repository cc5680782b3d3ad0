#include "services/form.hpp"

#include "services/attachments.hpp"
#include "services/prefill.hpp"

#include <gtest/gtest.h>

namespace pengcheng::services {

namespace {

const Json fields = Json::parse(R"json([
    {"name": "name", "label": "姓名", "type": "text", "required": true, "max_length": 4},
    {"name": "note", "label": "说明", "type": "textarea"},
    {"name": "account", "label": "账号", "type": "text", "pattern": "[0-9]{13,19}", "hint": "应为数字"},
    {"name": "rent", "label": "租金", "type": "number", "min": 1, "max": 5000},
    {"name": "birth", "label": "出生日期", "type": "date", "when": "past"},
    {"name": "sex", "label": "性别", "type": "radio",
     "options": [{"value": "1", "label": "男"}, {"value": "2", "label": "女"}]},
    {"name": "kinds", "label": "种类", "type": "checkbox",
     "options": [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]},
    {"name": "agree", "label": "承诺", "type": "checkbox", "required": true},
    {"name": "id", "label": "身份证号", "type": "id_number"},
    {"name": "phone", "label": "手机", "type": "mobile"}
])json");

std::string faults(Json values) {
    if (values.is_object() && !values.contains("name")) {
        values["name"] = "张三";
    }
    if (values.is_object() && !values.contains("agree")) {
        values["agree"] = true;
    }
    std::string found;
    for (const auto& fault : check_form(fields, values, *parse_day("2026-11-23"))) {
        found += fault.pointer + "=" + fault.code + " ";
    }
    return found;
}

}  // namespace

TEST(Form, TakesEveryKindOfRightValue) {
    EXPECT_EQ(faults({{"note", "第一行\n第二行"},
                      {"account", "6217000000000000004"},
                      {"rent", 1200.5},
                      {"birth", "1940-05-06"},
                      {"sex", "2"},
                      {"kinds", {"a", "b"}},
                      {"id", "320302190001010010"},
                      {"phone", "13800000000"}}),
              "");
    EXPECT_EQ(faults({{"rent", "1200"}, {"note", ""}, {"sex", nullptr}, {"kinds", Json::array()}}), "");
}

TEST(Form, RefusesWrongValuesByPointer) {
    const std::vector<std::pair<Json, std::string>> rows{
        {{{"name", "  "}}, "/form/name=required "},
        {{{"name", 7}}, "/form/name=type "},
        {{{"name", "欧阳文博文"}}, "/form/name=length "},
        {{{"name", "\xff"}}, "/form/name=utf8 "},
        {{{"note", std::string(2001, 'x')}}, "/form/note=length "},
        {{{"account", "62170000000000000x4"}}, "/form/account=pattern "},
        {{{"rent", 0}}, "/form/rent=range "},
        {{{"rent", 5001}}, "/form/rent=range "},
        {{{"rent", "many"}}, "/form/rent=type "},
        {{{"rent", true}}, "/form/rent=type "},
        {{{"birth", "2026-02-30"}}, "/form/birth=type "},
        {{{"birth", "2026-11-24"}}, "/form/birth=range "},
        {{{"sex", "3"}}, "/form/sex=option "},
        {{{"sex", "男"}}, "/form/sex=option "},
        {{{"kinds", "a"}}, "/form/kinds=type "},
        {{{"kinds", {"a", "c"}}}, "/form/kinds=option "},
        {{{"kinds", {"a", "a"}}}, "/form/kinds=option "},
        {{{"agree", false}}, "/form/agree=required "},
        {{{"agree", "yes"}}, "/form/agree=type "},
        {{{"id", "320302190001010011"}}, "/form/id=id_number "},
        {{{"phone", "12800000000"}}, "/form/phone=mobile "},
        {{{"other", "x"}}, "/form/other=unknown "},
        {Json::array(), "/form=type "},
    };
    for (const auto& [values, wanted] : rows) {
        EXPECT_EQ(faults(values), wanted) << values.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
}

TEST(Form, ShowsLabelsForValues) {
    EXPECT_EQ(shown_value(fields[5], "1"), "男");
    EXPECT_EQ(shown_value(fields[6], Json::array({"a", "b"})), "甲、乙");
    EXPECT_EQ(shown_value(fields[7], true), "是");
    EXPECT_EQ(shown_value(fields[3], 12), "12");
    EXPECT_EQ(shown_value(fields[0], nullptr), "");
}

TEST(Prefill, FitsRegisterValuesToFields) {
    EXPECT_EQ(fit_value(fields[5], "1"), "1");
    EXPECT_EQ(fit_value(fields[5], "女"), "2");
    EXPECT_TRUE(fit_value(fields[5], "9").is_null());
    EXPECT_EQ(fit_value(fields[4], "1940-05-06"), "1940-05-06");
    EXPECT_TRUE(fit_value(fields[4], "1940年").is_null());
    EXPECT_EQ(fit_value(fields[3], 12), 12);
    EXPECT_TRUE(fit_value(fields[0], nullptr).is_null());
}

TEST(Attachments, AreJudgedByContent) {
    EXPECT_EQ(sniff("%PDF-1.7", "a.exe"), "pdf");
    EXPECT_EQ(sniff("\x89PNG\r\n\x1a\n", "a"), "png");
    EXPECT_EQ(sniff("\xff\xd8\xff\xe0", "a"), "jpg");
    EXPECT_EQ(sniff("PK\x03\x04....", "a.OFD"), "ofd");
    EXPECT_EQ(sniff("PK\x03\x04....", "a.docx"), "");
    EXPECT_EQ(sniff("MZ......", "a.pdf"), "");
    EXPECT_EQ(sniff("", "a.pdf"), "");
}

}  // namespace pengcheng::services
