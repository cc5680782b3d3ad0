#include "rows/mask_text.hpp"
#include "rows/rows_fixture.hpp"

#include <random>

namespace pengcheng::rows {
namespace {

struct Example {
    std::string mask, in, out;
};

class Masking : public test::ServerTest {};

TEST_F(Masking, GivesTheAgreedExamples) {
    const Example examples[]{
        {"name", "张三", "张*"},
        {"name", "李小明", "李*明"},
        {"name", "欧阳文博", "欧阳*博"},
        {"name", "欧阳博", "欧阳*"},
        {"name", "John Smith", "********"},
        {"name_first", "李小明", "李**"},
        {"name_first", "欧阳文博", "欧阳**"},
        {"name_first", "张三", "张*"},
        {"name_foreign", "John Smith", "J*** S***"},
        {"id_number", "320302190001010010", "320302********0010"},
        {"id_number", "not a number", "********"},
        {"id_strict", "320302190001010010", "3****************0"},
        {"id_old15", "320302000101001", "320302******001"},
        {"passport", "E12345678", "E1*****78"},
        {"mobile", "13800000000", "138****0000"},
        {"mobile", "138", "***"},
        {"landline", "0516-81234567", "0516-****4567"},
        {"landline", "051681234567", "0516****4567"},
        {"address", "江苏省徐州市云龙区和平路街道和平路1号2栋301室", "江苏省徐州市云龙区和平路街道****"},
        {"address", "江苏省徐州市云龙区和平路1号2栋301室", "江苏省徐州市云龙区****"},
        {"address", "江苏省镇江市京口区某路1号", "江苏省镇江市京口区****"},
        {"address", "丰县欢口镇某村1号", "丰县欢口镇****"},
        {"address_district", "江苏省徐州市云龙区和平路街道和平路1号2栋301室", "江苏省徐州市云龙区****"},
        {"address_district", "徐州市新沂市某路1号", "徐州市新沂市****"},
        {"address_district", "某路1号", "****"},
        {"bank_card", "6217000000000000004", "621700*********0004"},
        {"plate", "苏C12345", "苏C***45"},
        {"plate", "苏CD12345", "苏C****45"},
        {"email", "zhangsan@example.com", "z***@example.com"},
        {"credit_code", "92320311MAABCDEF8A", "92320311******EF8A"},
        {"credit_code", "91320302MA00000075", "91320302MA00000075"},
        {"date_month", "1990-05-06", "1990-05"},
        {"date_year", "1990-05-06", "1990"},
        {"age_band", "37", "35-39"},
        {"age_band:10", "37", "30-39"},
        {"number_band:0,5000,10000", "8260", "5000-10000"},
        {"number_band:0,5000,10000", "10000", "≥10000"},
        {"number_band:0,5000,10000", "-1", "<0"},
        {"geo", "117.184812", "117.185"},
        {"geo", "117.184812, 34.261793", "117.185, 34.262"},
        {"geo", "徐州", ""},
        {"ip", "192.0.2.17", "192.0.2.0"},
        {"ip", "2001:db8:1:2::5", "2001:db8:1::"},
        {"ip", "2001:db8::5", "2001:db8::"},
        {"hide", "anything", ""},
    };
    for (const Example& example : examples) {
        EXPECT_EQ(sql("SELECT " + mask_sql(example.mask, "x") + " FROM (SELECT '" + example.in +
                      "'::text AS x) AS t"),
                  example.out)
            << example.mask << " " << example.in;
    }
}

TEST_F(Masking, KeepsNullAndEveryKindTakesAnyText) {
    for (const std::string& kind : mask_kinds()) {
        EXPECT_EQ(sql("SELECT " + mask_sql(kind, "x") + " IS NULL FROM (SELECT NULL::text AS x) AS t"), "t")
            << kind;
        for (std::string odd : {"", "徐", "a'b", "1e5", "99999999999999999999", "-", ".", "\n", "%_*"}) {
            std::string quoted = odd == "a'b" ? "a''b" : odd;
            EXPECT_NO_THROW(
                sql("SELECT " + mask_sql(kind, "x") + " FROM (SELECT '" + quoted + "'::text AS x) AS t"))
                << kind << " " << odd;
        }
    }
    EXPECT_EQ(sql("SELECT " + mask_sql("date_year", "date '1990-05-06'")), "1990");
    EXPECT_EQ(sql("SELECT " + mask_sql("age_band", "37::bigint")), "35-39");
}

/// Texts of `count` pieces at random: all that any mask looks for, and what stands beside it.
std::vector<std::string> odd_texts(std::mt19937& random, int count) {
    static const std::vector<std::string> pieces{"张",
                                                 "欧阳",
                                                 "司马",
                                                 "㐀",
                                                 "𠀀",
                                                 "·",
                                                 "é",
                                                 "江苏省",
                                                 "广西",
                                                 "自治区",
                                                 "省",
                                                 "徐州",
                                                 "市",
                                                 "镇江",
                                                 "镇",
                                                 "延边",
                                                 "自治州",
                                                 "大兴安岭",
                                                 "地区",
                                                 "锡林郭勒盟",
                                                 "盟",
                                                 "云龙",
                                                 "区",
                                                 "沛县",
                                                 "县",
                                                 "旗",
                                                 "街道",
                                                 "乡",
                                                 "和平路1号",
                                                 "苏",
                                                 "C",
                                                 "A1",
                                                 "x",
                                                 "X",
                                                 " ",
                                                 "-",
                                                 "@",
                                                 ".",
                                                 "\n",
                                                 "'",
                                                 "*",
                                                 "0",
                                                 "1",
                                                 "92",
                                                 "138",
                                                 "1990",
                                                 "-05",
                                                 "-06",
                                                 "12345678",
                                                 "91320302MA000000",
                                                 "320302190001010010",
                                                 "6217000000000"};
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) {
        std::string text;
        for (auto left = random() % 9; left > 0; --left) {
            text += pieces[random() % pieces.size()];
        }
        out.push_back(std::move(text));
    }
    return out;
}

TEST_F(Masking, OfCellsThatLeaveIsThatOfTheDatabase) {
    std::mt19937 random(20261125);
    std::vector<std::string> texts = odd_texts(random, 3000);
    for (const auto& text :
         {"张三", "欧阳博", "欧阳文博", "320302190001010010", "32030219000101001X", "13800000000",
          "E12345678", "6217000000000000004", "苏C12345", "a@b", "92320311MAABCDEF8A", "1990-05-06 12:00:00",
          "江苏省镇江市京口区某路1号", "丰县欢口镇某村1号"}) {
        texts.emplace_back(text);
    }
    std::string values;
    for (const std::string& text : texts) {
        std::string quoted;
        for (char c : text) {
            quoted += c == '\'' ? "''" : std::string(1, c);
        }
        values += (values.empty() ? "('" : ", ('") + quoted + "', " + std::to_string(values.size()) + ")";
    }
    int compared = 0;
    for (const std::string& kind : mask_kinds()) {
        TextMask mask = text_mask(kind);
        if (mask == nullptr) {
            continue;
        }
        Json masked = Json::parse(sql("SELECT json_agg(" + mask_sql(kind, "x") +
                                      " ORDER BY n) FROM (VALUES " + values + ") AS t(x, n)"));
        ASSERT_EQ(masked.size(), texts.size());
        for (std::size_t i = 0; i < texts.size(); ++i) {
            std::string ours;
            mask(texts[i], ours);
            EXPECT_EQ(ours, masked[i].get<std::string>()) << kind << " of " << texts[i];
        }
        ++compared;
    }
    EXPECT_EQ(compared, 15);
}

TEST_F(Rows, GivesPseudonymsThatJoinWithinOneGrantOnly) {
    View view = granted({{"code", ""}, {"phone", "pseudonym"}});
    view.mask_key = "key of one grant";
    auto first = get(view, {{"limit", "2"}}).json();
    std::string pseudonym = first[0]["phone"];
    EXPECT_EQ(pseudonym.size(), 26u);
    EXPECT_NE(pseudonym, first[1]["phone"].get<std::string>());
    EXPECT_EQ(get(view, {{"phone", "eq." + pseudonym}}).json()[0]["code"], "P00001");
    view.mask_key = "key of another";
    EXPECT_NE(get(view, {{"limit", "1"}}).json()[0]["phone"].get<std::string>(), pseudonym);
    view.mask_key.clear();
    EXPECT_TRUE(get(view, {{"limit", "1"}}).json()[0]["phone"].is_null());
}

}  // namespace
}  // namespace pengcheng::rows
