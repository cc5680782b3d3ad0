#include "portal/chart.hpp"

#include <gtest/gtest.h>

namespace pengcheng::portal {
namespace {

ChartField field(std::string column, std::string label, std::string type) {
    return {.column = std::move(column), .label = std::move(label), .type = std::move(type)};
}

TEST(Measure, IsANumberThatCanBeAddedUp) {
    EXPECT_TRUE(is_measure(field("seats", "座位数", "I")));
    EXPECT_TRUE(is_measure(field("width", "宽度", "F")));  // holds "id" in the middle of a word
    EXPECT_TRUE(is_measure(field("amount", "金额", "Y")));
    struct Row {
        const char *column, *label, *type;
    };
    for (auto [column, label, type] :
         {Row{"name", "名称", "C"}, Row{"station_id", "站点", "I"}, Row{"code", "行业代码", "N"},
          Row{"tel", "联系电话", "N"}, Row{"year", "年份", "I"}, Row{"lng", "经度", "F"},
          Row{"lat", "纬度", "F"}, Row{"rate", "合格率", "F"}, Row{"price", "平均单价", "N"},
          Row{"since", "启用年", "I"}, Row{"days", "办理期限", "I"}, Row{"no", "序号", "I"}}) {
        EXPECT_FALSE(is_measure(field(column, label, type))) << label;
    }
    auto masked = field("amount", "金额", "Y");
    masked.mask = "number_band:1000";
    EXPECT_FALSE(is_measure(masked));
    auto key = field("amount", "金额", "Y");
    key.key = true;
    EXPECT_FALSE(is_measure(key));
}

TEST(ChartPlan, PrefersTimeAndFitsItsStep) {
    auto day = field("opened_on", "开业日期", "D");
    day.low = "2015-01-01";
    day.high = "2026-01-01";
    auto plan = plan_chart({field("name", "名称", "C"), day, field("seats", "座位数", "I")});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->x, 1u);
    EXPECT_EQ(plan->y, std::optional<std::size_t>(2));
    EXPECT_EQ(plan->step, "year");
    day.low = "2025-12-01";
    EXPECT_EQ(plan_chart({day})->step, "day");
    day.low = "2024-01-01";
    EXPECT_EQ(plan_chart({day})->step, "month");
}

TEST(ChartPlan, CountsRowsOfACategoryThatRepeats) {
    auto kind = field("kind", "类型", "C");
    kind.distinct = 4;
    kind.filled = 100;
    auto plan = plan_chart({kind});
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->y);
    EXPECT_EQ(plan->step, "");
    kind.filled = 4;  // every value once: a chart of ones says nothing
    EXPECT_FALSE(plan_chart({kind}));
    EXPECT_TRUE(plan_chart({kind, field("seats", "座位数", "I")}));
    kind.distinct = categories_max + 1;
    kind.filled = 1000;
    EXPECT_FALSE(plan_chart({kind}));
}

TEST(ChartPlan, AddsUpNothingOfMixedUnits) {
    auto unit = field("unit", "计量单位", "C");
    unit.distinct = 3;
    unit.filled = 29;
    auto plan = plan_chart({unit, field("value_2021", "2021年值", "N")});
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->y);
}

TEST(ChartPlan, CountsNoRowsOverTheirKey) {
    auto day = field("day", "日期", "D");
    day.key = true;
    day.low = "2025-01-01";
    day.high = "2026-12-31";
    auto festival = field("name", "节日", "C");
    festival.distinct = 8;
    festival.filled = 66;
    EXPECT_EQ(plan_chart({day, festival})->x, 1u);
}

TEST(ChartPlan, NamesBarsByRegionsBeforeFreeText) {
    auto kind = field("kind", "类型", "C");
    auto region = field("region", "行政区", "C");
    region.element = "region";
    kind.distinct = region.distinct = 5;
    kind.filled = region.filled = 50;
    EXPECT_EQ(plan_chart({kind, region})->x, 1u);
}

TEST(ChartPlan, DrawsNothingFromNamesPhonesAndCodes) {
    auto name = field("name", "负责人", "C");
    name.element = "person_name";
    name.distinct = 3;
    name.filled = 30;
    auto phone = field("phone", "联系电话", "C");
    phone.distinct = 3;
    phone.filled = 30;
    EXPECT_FALSE(plan_chart({name, phone, field("code", "编码", "C")}));
}

}  // namespace
}  // namespace pengcheng::portal
