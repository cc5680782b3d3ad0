#include <pengcheng/db/value.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pengcheng::db {

TEST(Params, AreTextForms) {
    EXPECT_EQ(Param(true).text, "t");
    EXPECT_EQ(Param(42).text, "42");
    EXPECT_EQ(Param(0.1).text, "0.1");
    EXPECT_EQ(Param(nullptr).text, std::nullopt);
    EXPECT_EQ(Param(std::optional<int>{}).text, std::nullopt);
    EXPECT_EQ(Param(std::vector<std::string>{"a", "b\"c\\", "d,e", ""}).text, R"({"a","b\"c\\","d,e",""})");
    EXPECT_EQ(Param(nlohmann::json{{"a", 1}}).text, R"({"a":1})");
}

TEST(Arrays, DecodeAsTheyWereWritten) {
    std::vector<std::string> values = {"a", "b\"c\\", "d,e", "", "彭"};
    std::vector<std::string> back;
    decode(Param(values).text, back);
    EXPECT_EQ(back, values);
    decode("{x,y}", back);
    EXPECT_EQ(back, (std::vector<std::string>{"x", "y"}));
    decode("{}", back);
    EXPECT_TRUE(back.empty());
}

TEST(Decode, RefusesNullWhereThereIsNoRoom) {
    std::string text;
    EXPECT_THROW(decode(std::nullopt, text), Error);
    std::optional<std::string> maybe = "x";
    decode(std::nullopt, maybe);
    EXPECT_FALSE(maybe);
    int number = 0;
    EXPECT_THROW(decode("12x", number), Error);
}

}  // namespace pengcheng::db
