#include "ingest/infer.hpp"
#include "ingest/identifier.hpp"

#include <gtest/gtest.h>

namespace pengcheng::ingest {
namespace {

const Day today = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};

std::vector<Guess> infer(const std::vector<std::string>& names,
                         const std::vector<std::vector<std::string>>& rows) {
    Inference inference(names, today);
    for (const auto& row : rows) {
        inference.add(row);
    }
    return inference.guesses();
}

struct Column {
    std::string name;
    std::vector<std::string> values;
    std::string type;
};
struct Types : testing::TestWithParam<Column> {};
TEST_P(Types, AreTold) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& value : GetParam().values) {
        rows.push_back({value});
    }
    EXPECT_EQ(infer({GetParam().name}, rows)[0].item.type, GetParam().type) << GetParam().name;
}
INSTANTIATE_TEST_SUITE_P(
    Inferring, Types,
    testing::Values(Column{"人数", {"1", "20", "-3"}, "I"}, Column{"金额", {"1,200.50", "3"}, "N"},
                    Column{"比率", {"0.5", "1"}, "N"}, Column{"邮编", {"221000", "221100"}, "C"},
                    Column{"序列", {"001", "002"}, "C"}, Column{"成立日期", {"2024-05-06", "2024/5/7"}, "D"},
                    Column{"成立日期", {"20240506", "20240507"}, "D"}, Column{"年份", {"2023", "2024"}, "I"},
                    Column{"更新时间", {"2024-05-06 08:30:00", "2024-05-07 09:00:00"}, "T"},
                    Column{"是否有效", {"是", "否", "是"}, "L"}, Column{"标志", {"0", "1", "0"}, "I"},
                    Column{"名称", {"甲", "乙"}, "C"}, Column{"空", {"", ""}, "C"},
                    Column{"数量", {"12", "—", "无", "7"}, "I"},
                    Column{"区划", {"320302", "320303", "320305", "320311", "320312"}, "C"},
                    Column{"说明", {std::string(600, 'x')}, "M"},
                    Column{"系数", {"0.1234567890123", "1.5"}, "B"}));

TEST(Inferring, KeepsRoomAndNullability) {
    auto items = infer({"名称", "金额"}, {{"徐州市云龙区", "12.345"}, {"", "7"}});
    EXPECT_EQ(items[0].item.length, 10);
    EXPECT_TRUE(items[0].item.nullable);
    EXPECT_FALSE(items[1].item.nullable);
    EXPECT_EQ(items[1].item.length, 18);
    EXPECT_EQ(items[1].item.scale, 3);
}

TEST(Inferring, FindsPersonalElementsByNameAndValue) {
    // Made-up numbers with right check characters.
    auto items = infer({"姓名", "身份证号", "联系电话", "统一社会信用代码"},
                       {{"张三", "320302199001010018", "13800000000", "91320300MA1MCXUN0B"},
                        {"李四", "坏的", "13900000001", ""}});
    EXPECT_EQ(items[0].item.element, "person_name");
    EXPECT_EQ(items[2].item.element, "mobile");
    EXPECT_EQ(items[2].item.grade, 3);
    EXPECT_TRUE(items[2].item.sensitive);
    EXPECT_EQ(items[1].item.element, "") << "half of the values do not pass";
}

TEST(Inferring, MarksHealthAsGraveByNameAlone) {
    auto items = infer({"诊断结果"}, {{"感冒"}});
    EXPECT_TRUE(items[0].item.sensitive);
    EXPECT_EQ(items[0].item.grade, 4);
}

TEST(Inferring, GuessesOneKey) {
    auto items = infer({"名称", "代码", "数"}, {{"甲", "01", "1"}, {"乙", "02", "1"}, {"丙", "03", "2"}});
    EXPECT_FALSE(items[0].item.primary_key);
    EXPECT_TRUE(items[1].item.primary_key);
    EXPECT_TRUE(items[0].unique);
    EXPECT_FALSE(items[2].unique);
}

TEST(Inferring, LeavesTheReasonColumnOut) {
    auto items = infer({"名称", "问题原因"}, {{"甲", "缺"}});
    ASSERT_EQ(items.size(), 1U);
}

TEST(Identifiers, ArePinyinOrSnakeCase) {
    std::set<std::string> taken;
    EXPECT_EQ(column_identifier("行政区划代码", taken), "xing_zheng_qu_hua_dai_ma");
    EXPECT_EQ(column_identifier("行政区划代码", taken), "xing_zheng_qu_hua_dai_ma_2");
    EXPECT_EQ(column_identifier("cityCode", taken), "city_code");
    EXPECT_EQ(column_identifier("2023年(万元)", taken), "c_2023nian_wan_yuan");
    EXPECT_EQ(column_identifier("()", taken), "column");
    EXPECT_LE(
        column_identifier("徐州市统一社会信用代码与纳税人识别号以及营业执照注册号对照关系说明", taken).size(),
        63U);
}

}  // namespace
}  // namespace pengcheng::ingest
