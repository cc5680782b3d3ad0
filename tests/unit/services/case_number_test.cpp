#include "services/case_number.hpp"

#include <gtest/gtest.h>

namespace pengcheng::services {

TEST(CheckCharacter, AgreesWithTheStandardsExamples) {
    // ISO 7064's own, and published identifiers of e-licences (facts/licences.md §1).
    EXPECT_EQ(check_character("A12425GABC1234002"), 'M');
    EXPECT_EQ(check_character("11100000000013338W01111430000006122244L20230000403001"), 'U');
    EXPECT_EQ(check_character("11100000000013338W00911330105002500287C2025052201002"), '0');
    EXPECT_EQ(check_character("11100000MB03271699022340100000000016001"), '9');
}

TEST(CheckCharacter, RefusesOtherCharacters) {
    EXPECT_EQ(check_character("a1"), '\0');
    EXPECT_EQ(check_character("1.2"), '\0');
}

TEST(CaseNumber, HasTwentyFourCharactersAndItsParts) {
    const auto number = case_number("320300", *parse_day("2026-11-23"), "022", 7);
    EXPECT_EQ(number.size(), 24u);
    EXPECT_EQ(number.substr(0, 23), "32030020261123022000007");
    EXPECT_TRUE(is_case_number(number));
}

TEST(CaseNumber, FailsWithOneDigitChanged) {
    const auto number = case_number("320300", *parse_day("2026-11-23"), "022", 999999);
    for (std::size_t at = 0; at < number.size() - 1; ++at) {
        auto wrong = number;
        wrong[at] = wrong[at] == '9' ? '0' : static_cast<char>(wrong[at] + 1);
        EXPECT_FALSE(is_case_number(wrong)) << wrong;
    }
    EXPECT_FALSE(is_case_number(number.substr(1)));
    EXPECT_FALSE(is_case_number(""));
}

}  // namespace pengcheng::services
