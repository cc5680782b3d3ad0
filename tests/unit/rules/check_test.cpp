#include <pengcheng/rules/check.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pengcheng::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Day today = *parse_day("2026-11-23");

std::vector<Item> person_items() {
    return {
        {.column = "name", .label = "姓名", .type = "C", .length = 4, .nullable = false},
        {.column = "id_no", .label = "身份证号", .type = "C", .primary_key = true, .element = "id_number"},
        {.column = "birth", .label = "出生日期", .type = "D"},
        {.column = "sex", .label = "性别", .type = "C", .code_list = "sex"},
        {.column = "income", .label = "金额", .type = "N", .length = 6, .scale = 2},
        {.column = "died", .label = "死亡日期", .type = "D"},
    };
}

CompiledRules compiled(std::vector<Item> items, std::vector<RuleSpec> specs) {
    CodeLists lists{{"sex", {"0", "1", "2", "9"}}};
    auto rules = CompiledRules::compile(std::move(items), std::move(specs), std::move(lists), today);
    if (!rules) {
        ADD_FAILURE() << rules.error().text(false);
    }
    return std::move(rules).value();
}

std::vector<std::string> failing(const CompiledRules& rules, std::vector<Cell> row,
                                 Counts* counts = nullptr) {
    std::vector<std::string> out;
    auto sink = [&](const Failure& failure) {
        EXPECT_FALSE(failure.reason_zh.empty());
        EXPECT_FALSE(failure.reason_en.empty());
        out.push_back(rules.specs()[failure.rule].id + "/" + std::string(failure.code));
    };
    if (counts != nullptr) {
        rules.check(row, 1, *counts, sink);
    } else {
        rules.check(row, 1, sink);
    }
    return out;
}

TEST(DerivedRules, PassARightRow) {
    auto items = person_items();
    auto rules = compiled(items, derive(items));
    EXPECT_THAT(failing(rules, {"张三", "320302190001010010", "1900-01-01", "1", "1234.56", std::nullopt}),
                IsEmpty());
}

TEST(DerivedRules, NameEachFaultOnce) {
    auto items = person_items();
    auto rules = compiled(items, derive(items));
    EXPECT_THAT(failing(rules, {std::nullopt, "320302190001010011", "1900-01-01", "1", "1", std::nullopt}),
                ElementsAre("derived.required.name/required", "derived.id_number.id_no/check"));
    EXPECT_THAT(
        failing(rules, {"欧阳文博先生", "320302190001010010", "1900-01-02", "2", "12345.678", "1899-01-01"}),
        ElementsAre("derived.length.name/length", "derived.length.income/length",
                    "derived.scale.income/scale", "derived.date_order.died/date_order",
                    "derived.id_vs_birth.id_no/id_vs_birth", "derived.id_vs_sex.id_no/id_vs_sex"));
    EXPECT_THAT(failing(rules, {"张三", "320302190001010010", "1900-13-01", "3", "-1", "2027-01-01"}),
                ElementsAre("derived.type.birth/type", "derived.code_list.sex/code_list",
                            "derived.range.income/range", "derived.not_future.died/not_future"));
}

TEST(Counting, JudgesEmptyCellsInRequiredOnly) {
    auto items = person_items();
    auto rules = compiled(items, derive(items));
    Counts counts = rules.counts();
    failing(rules, {"", "  ", std::nullopt, std::nullopt, "无", "长期"}, &counts);
    for (std::size_t i = 0; i < rules.specs().size(); ++i) {
        bool required = rules.specs()[i].kind == "required";
        EXPECT_EQ(counts.judged[i], required ? 1 : 0) << rules.specs()[i].id;
        EXPECT_EQ(counts.failed[i], required ? 1 : 0) << rules.specs()[i].id;
    }
}

TEST(Counting, DoesNotJudgeBirthByAWrongNumber) {
    auto items = person_items();
    std::vector<RuleSpec> specs{
        {.id = "b", .kind = "id_vs_birth", .item = "id_no", .params = {{"birth", "birth"}}}};
    auto rules = compiled(items, specs);
    Counts counts = rules.counts();
    failing(rules, {"张三", "320302190001010011", "1990-01-01", "1", "1", std::nullopt}, &counts);
    EXPECT_EQ(counts.judged[0], 0);
}

TEST(OwnRules, JudgeByTheirParameters) {
    auto items = person_items();
    std::vector<RuleSpec> specs{
        {.id = "p", .kind = "pattern", .item = "name", .params = {{"pattern", "[\\p{Han}]{2,4}"}}},
        {.id = "e", .kind = "enumeration", .item = "sex", .params = {{"values", {"1", "2"}}}},
        {.id = "r",
         .kind = "range",
         .item = "birth",
         .params = {{"min", "1900-01-01"}, {"max", "2000-12-31"}}},
        {.id = "c",
         .kind = "conditional_required",
         .item = "died",
         .params = {{"when", "sex"}, {"equals", "9"}}},
        {.id = "n", .kind = "not_blank", .item = "name"},
        {.id = "d", .kind = "dirty_text", .item = "name"},
        {.id = "u", .kind = "unique", .item = "id_no"},
    };
    auto rules = compiled(items, specs);
    EXPECT_THAT(failing(rules, {"Bob", "1", "2001-01-01", "9", "1", std::nullopt}),
                ElementsAre("p/pattern", "e/enumeration", "r/range", "c/required"));
    EXPECT_THAT(failing(rules, {"暂无", "1", "1999-01-01", "1", "1", std::nullopt}),
                ElementsAre("n/not_blank"));
    EXPECT_THAT(failing(rules, {"锟斤拷", "1", "1999-01-01", "1", "1", std::nullopt}),
                ElementsAre("d/dirty_text"));
    EXPECT_TRUE(rules.kind(6).set);
}

TEST(OwnRules, AreRefusedWithTheirPlace) {
    struct Bad {
        RuleSpec spec;
        std::string_view pointer;
    };
    const Bad rows[]{
        {{.id = "x", .kind = "magic", .item = "name"}, "/rules/0/kind"},
        {{.id = "x", .kind = "required", .item = "nobody"}, "/rules/0/item"},
        {{.id = "x", .kind = "pattern", .item = "name", .params = {{"pattern", "("}}},
         "/rules/0/params/pattern"},
        {{.id = "x", .kind = "pattern", .item = "name", .params = {{"pattern", "(a)\\1"}}},
         "/rules/0/params/pattern"},
        {{.id = "x", .kind = "range", .item = "income"}, "/rules/0/params"},
        {{.id = "x", .kind = "range", .item = "birth", .params = {{"min", "soon"}}}, "/rules/0/params/min"},
        {{.id = "x", .kind = "code_list", .item = "name", .params = {{"code_list", "z"}}},
         "/rules/0/params/code_list"},
        {{.id = "x", .kind = "date_order", .item = "died", .params = {{"before", "z"}}},
         "/rules/0/params/before"},
        {{.id = "x", .kind = "enumeration", .item = "sex"}, "/rules/0/params/values"},
    };
    for (const Bad& bad : rows) {
        auto rules = CompiledRules::compile(person_items(), {bad.spec}, {}, today);
        ASSERT_FALSE(rules.has_value()) << bad.pointer;
        EXPECT_EQ(rules.error().errors.at(0).pointer, bad.pointer);
    }
}

}  // namespace
}  // namespace pengcheng::rules
