#include "exchange/request.hpp"
#include "exchange/masking.hpp"

#include <gtest/gtest.h>

namespace pengcheng::exchange {
namespace {

catalogue::Item item(std::string column, std::string element, int grade = 1) {
    catalogue::Item out;
    out.column = std::move(column);
    out.name = out.column;
    out.element = std::move(element);
    out.grade = grade;
    return out;
}

catalogue::Resource resource(std::string share_type) {
    catalogue::Resource out;
    out.share_type = std::move(share_type);
    out.items = {item("name", ""), item("id_no", "id_number"), item("owner", "person_name"),
                 item("income", "", 3)};
    return out;
}

TEST(ExchangeMasks, SensitiveItemsGetTheMaskOfTheirElement) {
    auto entry = resource("conditional");
    EXPECT_EQ(default_mask(entry, entry.items[0]), "");
    EXPECT_EQ(default_mask(entry, entry.items[1]), "id_number");
    EXPECT_EQ(default_mask(entry, entry.items[2]), "");
    EXPECT_EQ(default_mask(entry, entry.items[3]), "hide");
    entry.subject_object = "person";
    EXPECT_EQ(default_mask(entry, entry.items[2]), "name");
    entry.items[0].mask = "date_year";
    EXPECT_EQ(default_mask(entry, entry.items[0]), "date_year");
}

TEST(ExchangeMasks, AnAnswerShowsNoMoreThanWasAsked) {
    struct Row {
        const char* asked;
        const char* given;
        bool allowed;
    };
    for (const Row& row : {Row{"", "id_number", true},
                           {"", "", true},
                           {"id_number", "", false},
                           {"id_number", "id_strict", true},
                           {"id_strict", "id_number", false},
                           {"mobile", "hide", true},
                           {"mobile", "name", false},
                           {"address", "address_district", true},
                           {"hide", "mobile", false}}) {
        EXPECT_EQ(shows_no_more(row.asked, row.given), row.allowed) << row.asked << " -> " << row.given;
    }
}

TEST(ExchangeRequest, MasksByDefaultAndPlainOnlyWithAReason) {
    auto entry = resource("conditional");
    auto masked = resolve_items(entry, {{"name", "", ""}, {"id_no", "", ""}});
    ASSERT_TRUE(masked.has_value());
    EXPECT_EQ(masked->at(0).mask, "");
    EXPECT_EQ(masked->at(1).mask, "id_number");
    auto bare = resolve_items(entry, {{"id_no", "plain", ""}});
    ASSERT_FALSE(bare.has_value());
    EXPECT_EQ(bare.error().errors.at(0).pointer, "/items/0/reason");
    auto reasoned = resolve_items(entry, {{"id_no", "plain", "核验身份"}});
    ASSERT_TRUE(reasoned.has_value());
    EXPECT_EQ(reasoned->at(0).mask, "");
}

TEST(ExchangeRequest, RefusesUnknownRepeatedAndDeniedItems) {
    auto entry = resource("conditional");
    entry.items[0].share_type = "denied";
    struct Row {
        std::vector<AskedItem> asked;
        const char* pointer;
    };
    for (const Row& row : {Row{{}, "/items"},
                           {{{"nothing", "", ""}}, "/items/0/column"},
                           {{{"id_no", "", ""}, {"id_no", "", ""}}, "/items/1/column"},
                           {{{"name", "", ""}}, "/items/0/column"},
                           {{{"id_no", "no_such", ""}}, "/items/0/mask"}}) {
        auto items = resolve_items(entry, row.asked);
        ASSERT_FALSE(items.has_value()) << row.pointer;
        EXPECT_EQ(items.error().errors.at(0).pointer, row.pointer);
    }
}

TEST(ExchangeRequest, TheEntryDecidesTheWay) {
    auto way = [](const catalogue::Resource& entry, const std::vector<AskedItem>& asked) {
        return way_of(entry, resolve_items(entry, asked).value());
    };
    EXPECT_EQ(way(resource("denied"), {{"name", "", ""}}), Way::refused);
    EXPECT_EQ(way(resource("conditional"), {{"name", "", ""}}), Way::by_provider);
    EXPECT_EQ(way(resource("unconditional"), {{"name", "", ""}}), Way::at_once);
    EXPECT_EQ(way(resource("unconditional"), {{"id_no", "", ""}}), Way::at_once);
    EXPECT_EQ(way(resource("unconditional"), {{"id_no", "plain", "核验"}}), Way::by_provider);
    auto entry = resource("unconditional");
    entry.items[0].share_type = "conditional";
    EXPECT_EQ(way(entry, {{"name", "", ""}}), Way::by_provider);
}

}  // namespace
}  // namespace pengcheng::exchange
