#include <pengcheng/catalogue/search_text.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace pengcheng::catalogue {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST(SearchText, FormFoldsWidthCaseAndSpace) {
    EXPECT_EQ(search_form("\uff21\uff22\uff23 公 司 Ltd"), "abc公司ltd");
    EXPECT_EQ(search_form(""), "");
}

TEST(SearchText, GramsAreSinglesAndPairsWithinARun) {
    EXPECT_THAT(grams_of("企业登记"), UnorderedElementsAre("企", "业", "登", "记", "企业", "业登", "登记"));
    EXPECT_THAT(grams_of("a1、市"), UnorderedElementsAre("a", "1", "a1", "市"));
    EXPECT_TRUE(grams_of("、。").empty());
}

TEST(SearchText, QueriesAreTakenApartAtSpacesAndWordBreaks) {
    EXPECT_THAT(search_terms("登记 企业").terms, ElementsAre("登记", "企业"));
    EXPECT_THAT(search_terms("市").terms, ElementsAre("市"));
    EXPECT_EQ(search_terms("  企业 登记 ").phrase, "企业登记");
    EXPECT_THAT(search_terms("303017/000041").terms, ElementsAre("303017", "000041"));
    EXPECT_TRUE(search_terms("   ").empty());
    EXPECT_THAT(search_terms("、").terms, ElementsAre("、"));
}

TEST(SearchText, EveryTextThatHoldsATermHoldsItsGrams) {
    const std::string text = search_form("徐州市企业登记基本信息(2026年)");
    auto grams = grams_of(text);
    std::set<std::string> index(grams.begin(), grams.end());
    for (const char* query :
         {"企", "业登", "登记", "企业 基本", "信息 徐州", "2026", "徐州市企业登记基本信息"}) {
        for (const auto& gram : search_terms(query).grams) {
            EXPECT_TRUE(index.contains(gram)) << query << ": " << gram;
        }
        for (const auto& term : search_terms(query).terms) {
            EXPECT_NE(text.find(term), std::string::npos) << query << ": " << term;
        }
    }
}

TEST(SearchText, LongQueriesAreCut) {
    std::string query;
    for (int i = 0; i < 200; ++i) {
        query += "企 ";
    }
    EXPECT_LE(search_terms(query).terms.size(), 16U);
}

TEST(SearchText, PinyinInitials) {
    EXPECT_EQ(pinyin_initials("企业登记"), "qydj");
    EXPECT_EQ(pinyin_initials("A股名录2026"), "agml2026");
}

}  // namespace
}  // namespace pengcheng::catalogue
