#include "catalogue/code.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace pengcheng::catalogue {
namespace {

TEST(CatalogueCode, HasTheFormOfTheGuide) {
    const std::regex form("^[1-3][0-9]{2}[0-9]{3}[0-9]*/[0-9]{1,12}$");
    for (long sequence : {1L, 41L, 999999L, 1000000L}) {
        EXPECT_TRUE(std::regex_match(code_of("303017002", sequence), form)) << sequence;
    }
    EXPECT_EQ(code_of("303017002", 41), "303017002/000041");
    EXPECT_EQ(ref_of("303017/000041"), "303017-000041");
}

TEST(CatalogueCode, ComesFromClassAndOrganization) {
    struct Row {
        const char* resource_class;
        const char* organization;
        const char* kind;
        const char* domain;
        const char* front;
    };
    for (const Row& row : {Row{"department", "017", "government", "", "303017"},
                           {"department", "001", "party", "", "301001"},
                           {"department", "101", "county", "", "309101"},
                           {"department", "048", "mass", "", "307048"},
                           {"department", "051", "vertical", "", "303051"},
                           {"theme", "017", "government", "06", "206001"}}) {
        ResourceInput input;
        input.resource_class = row.resource_class;
        input.domain = row.domain;
        auto front = front_of(input, row.organization, row.kind);
        ASSERT_TRUE(front.has_value()) << row.front;
        EXPECT_EQ(*front, row.front);
    }
}

TEST(CatalogueCode, AGivenClassificationStandsAndABaseLibraryMustBeNamed) {
    ResourceInput input;
    input.resource_class = "base";
    EXPECT_FALSE(front_of(input, "040", "government").has_value());
    input.classification = "102001";
    EXPECT_EQ(*front_of(input, "040", "government"), "102001");
}

}  // namespace
}  // namespace pengcheng::catalogue
