#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/json.hpp>
#include <pengcheng/base/text.hpp>

#include <gtest/gtest.h>

namespace pengcheng {

TEST(Utf8, AcceptsOnlyWhatRfc3629Allows) {
    for (const char* good : {"", "abc", "彭城", "😀", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(valid_utf8(good)) << good;
    }
    for (const char* bad :
         {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe5\xbd", "\xff"}) {
        EXPECT_FALSE(valid_utf8(bad));
    }
    EXPECT_EQ(utf8_length("彭城 2026"), 7U);
    EXPECT_EQ(utf8_prefix("彭城市", 2), "彭城");
}

TEST(Text, RoundTripsEncodings) {
    std::string bytes("\x00\x01\xfe\xff~", 5);
    EXPECT_EQ(base64_decode(base64url(bytes)), bytes);
    EXPECT_EQ(base64_decode("YWI="), "ab");
    EXPECT_FALSE(base64_decode("a*b"));
    EXPECT_EQ(percent_decode(percent_encode("彭城 a/b?")), "彭城 a/b?");
    EXPECT_EQ(percent_decode("a+b", true), "a b");
    EXPECT_FALSE(percent_decode("%4"));
    EXPECT_FALSE(percent_decode("%zz"));
    EXPECT_EQ(sql_identifier("a\"b"), "\"a\"\"b\"");
}

TEST(Text, ReadsWholeNumbersOnly) {
    EXPECT_EQ(to_int("-12"), -12);
    for (const char* bad : {"", "1x", " 1", "9223372036854775808", "1.0"}) {
        EXPECT_FALSE(to_int(bad)) << bad;
    }
    EXPECT_EQ(to_double("2.5"), 2.5);
    EXPECT_FALSE(to_double("2,5"));
}

TEST(Text, WritesJsonStringsThatParse) {
    std::string nasty = std::string("a\"\\\n\x01", 5) + "彭" + "\xff";
    std::string out;
    append_json_string(out, nasty);
    EXPECT_EQ(Json::parse(out).get<std::string>(), "a\"\\\n\x01彭\xef\xbf\xbd");
}

TEST(Ids, AreVersionSevenAndRise) {
    std::string first = new_id();
    EXPECT_TRUE(is_id(first));
    EXPECT_EQ(first[14], '7');
    EXPECT_NE(first, new_id());
    EXPECT_LE(first.substr(0, 13), new_id().substr(0, 13));
    EXPECT_FALSE(is_id("not-an-id"));
}

TEST(ParseJson, QuotesAnErrorWithinACharacterAsWholeCharacters) {
    auto refused = parse_json("{\"name:\":1,\"a\" 王}");
    ASSERT_FALSE(refused);
    EXPECT_TRUE(valid_utf8(refused.error().detail_zh)) << refused.error().detail_zh;
    EXPECT_TRUE(valid_utf8(refused.error().detail_en));
}

TEST(ParseJson, BoundsDepthAndRefusesDuplicates) {
    EXPECT_EQ(parse_json(R"({"a":[1,2.5,"x",null,true]})").value()["a"].size(), 5U);
    struct Row {
        const char* text;
        const char* says;
    };
    for (Row row : {Row{"{", "byte"}, Row{R"({"a":1,"a":2})", "twice"}, Row{"[1,]", "byte"},
                    Row{"\"\xff\"", "UTF-8"}, Row{"1 2", "byte"}, Row{"", "byte"},
                    Row{R"(["a\u0000b"])", "U+0000"}, Row{R"({"a\u0000b":1})", "U+0000"}}) {
        auto result = parse_json(row.text);
        ASSERT_FALSE(result) << row.text;
        EXPECT_NE(result.error().detail_en.find(row.says), std::string::npos) << result.error().detail_en;
    }
    EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
    EXPECT_FALSE(parse_json(std::string(33, '[') + std::string(33, ']')));
    EXPECT_FALSE(parse_json(std::string(100000, '[')));
}

}  // namespace pengcheng
