#include "catalogue/editions.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pengcheng::catalogue {
namespace {

TEST(ResourceJson, ReadsWhatItWrites) {
    Json body = {{"class", "department"},
                 {"name", "企业登记信息"},
                 {"grade", 2},
                 {"open_flag", true},
                 {"keywords", {"企业", "登记"}},
                 {"secrecy_review", {{"who", "王某"}, {"when", "2026-11-01"}, {"result", "通过"}}},
                 {"pia_review", nullptr},
                 {"items",
                  {{{"no", 1},
                    {"name", "名称"},
                    {"column", "name"},
                    {"type", "C"},
                    {"length", 100},
                    {"nullable", false},
                    {"primary_key", true}}}}};
    auto input = input_from_json(body);
    ASSERT_TRUE(input.has_value());
    EXPECT_EQ(input->items.at(0).length, 100);
    EXPECT_EQ(input->secrecy_review->who, "王某");
    EXPECT_FALSE(input->pia_review.has_value());
    auto again = input_from_json(input_to_json(*input));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(input_to_json(*again), input_to_json(*input));
}

TEST(ResourceJson, RefusesUnknownMembersAndWrongTypesWithPointers) {
    struct Row {
        const char* body;
        const char* pointer;
    };
    for (const Row& row : {Row{R"({"titel": "x"})", "/titel"},
                           {R"({"name": 3})", "/name"},
                           {R"({"items": [{"colum": "a"}]})", "/items/0/colum"},
                           {R"({"items": {}})", "/items"},
                           {R"({"keywords": ["a", 1]})", "/keywords/1"},
                           {R"({"grade": "2"})", "/grade"},
                           {R"({"head_consent": {"whom": "x"}})", "/head_consent/whom"},
                           {"[]", ""}}) {
        auto input = input_from_json(Json::parse(row.body));
        ASSERT_FALSE(input.has_value()) << row.body;
        ASSERT_FALSE(input.error().errors.empty()) << row.body;
        EXPECT_EQ(input.error().errors[0].pointer, row.pointer) << row.body;
    }
}

}  // namespace
}  // namespace pengcheng::catalogue
