#include "quality/score.hpp"
#include "quality/judge.hpp"
#include "quality/rule_set.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pengcheng::quality {
namespace {

TEST(RuleScore, IsTheShareOfWhatIsRight) {
    EXPECT_DOUBLE_EQ(*rule_score({.judged = 8, .failed = 2}), 75);
    EXPECT_DOUBLE_EQ(*rule_score({.judged = 5, .failed = 0}), 100);
    EXPECT_FALSE(rule_score({.judged = 0, .failed = 0}));
}

TEST(Score, WeighsRulesBySeverityAndDimensionsByTable) {
    std::vector<RuleCount> rules{
        {"02", "major", 100, 10},  // 90 at weight 3
        {"02", "minor", 100, 50},  // 50 at weight 1
        {"03", "major", 50, 0},    // 100
        {"05", "hint", 100, 100},  // never scores
        {"04", "major", 0, 0},     // not judged
    };
    Score score = score_of(rules);
    EXPECT_DOUBLE_EQ(*score.dimensions[1].score, 80);
    EXPECT_DOUBLE_EQ(*score.dimensions[2].score, 100);
    EXPECT_FALSE(score.dimensions[3].score);
    EXPECT_FALSE(score.dimensions[4].score);
    EXPECT_DOUBLE_EQ(*score.total, 90);
    EXPECT_EQ(score.grade, "good");
    EXPECT_FALSE(score.capped);
    EXPECT_EQ(score.dimensions[1].judged, 200);
    EXPECT_EQ(score.dimensions[1].failed, 60);
}

TEST(Score, IsCappedByAFailingBlockRule) {
    std::vector<RuleCount> rules{{"02", "block", 1000, 1}, {"03", "major", 1000, 0}};
    Score score = score_of(rules);
    EXPECT_TRUE(score.capped);
    EXPECT_DOUBLE_EQ(*score.total, 59.9);
    EXPECT_EQ(score.grade, "poor");
    rules[0].failed = 0;
    EXPECT_EQ(score_of(rules).grade, "excellent");
}

TEST(Score, IsNothingWhereNothingCouldBeJudged) {
    Score score = score_of({});
    EXPECT_FALSE(score.total);
    EXPECT_EQ(score.grade, "");
}

TEST(Grades, BeginAtTheirBounds) {
    EXPECT_EQ(grade_of(95), "excellent");
    EXPECT_EQ(grade_of(94.99), "good");
    EXPECT_EQ(grade_of(85), "good");
    EXPECT_EQ(grade_of(70), "medium");
    EXPECT_EQ(grade_of(60), "low");
    EXPECT_EQ(grade_of(59.99), "poor");
}

TEST(Freshness, HasTheGraceOfItsCycle) {
    EXPECT_EQ(overdue_hours("2"), 36);
    EXPECT_EQ(overdue_hours("4"), 36 * 24);
    EXPECT_FALSE(overdue_hours("8"));
    EXPECT_FALSE(overdue_hours("9"));
    EXPECT_FALSE(overdue_hours(""));
}

TEST(EffectiveRules, TakeSeveritiesOfDerivedOnesAndAddOwnOnes) {
    std::vector<rules::Item> items{{.column = "name", .label = "名称", .nullable = false},
                                   {.column = "code", .label = "编号", .primary_key = true}};
    std::vector<rules::RuleSpec> stored{
        {.id = "derived.required.name",
         .kind = "required",
         .item = "name",
         .severity = "block",
         .title = "必填"},
        {.id = "derived.required.gone", .kind = "required", .item = "gone", .severity = "block"},
        {.id = "own.pattern.code.1", .kind = "pattern", .item = "code", .params = {{"pattern", "[0-9]+"}}},
        {.id = "own.pattern.gone.1", .kind = "pattern", .item = "gone", .params = {{"pattern", "x"}}}};
    auto derived = rules::derive(items);
    auto effective = effective_rules(items, stored);
    ASSERT_EQ(effective.size(), derived.size() + 1);
    EXPECT_EQ(effective.back().id, "own.pattern.code.1");
    auto named = std::ranges::find(effective, "derived.required.name", &rules::RuleSpec::id);
    ASSERT_NE(named, effective.end());
    EXPECT_EQ(named->severity, "block");
    EXPECT_EQ(named->title, "必填");
}

TEST(Listless, RulesAreTakenOutWithTheirOwnOrTheItemsList) {
    std::vector<rules::Item> items{{.column = "sex", .code_list = "sex"},
                                   {.column = "kind", .code_list = "gone"}};
    auto specs = rules::derive(items);
    specs.push_back({.id = "own", .kind = "code_list", .item = "sex", .params = {{"code_list", "gone"}}});
    auto taken = take_listless(specs, items, {{"sex", {"1"}}});
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].id, "derived.code_list.kind");
    EXPECT_EQ(taken[1].id, "own");
    ASSERT_EQ(specs.size(), 1U);
    EXPECT_EQ(specs[0].id, "derived.code_list.sex");
}

TEST(FailureCopy, EscapesWhatCopyWouldTakeForItsOwn) {
    std::string out;
    append_failure(out, "run",
                   {.rule = "r",
                    .dimension = "03",
                    .severity = "hint",
                    .item = "c",
                    .code = "length",
                    .reason_zh = "太长",
                    .reason_en = "too long",
                    .row_id = 7,
                    .line = std::nullopt,
                    .value = "a\tb\\n\nc"});
    EXPECT_EQ(out, "run\tr\t7\t\\N\t03\tf\tc\ta\\tb\\\\n\\nc\tlength\t太长\ttoo long\n");
}

}  // namespace
}  // namespace pengcheng::quality
