#include "catalogue/checks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pengcheng::catalogue {
namespace {

ResourceInput complete() {
    ResourceInput input;
    input.resource_class = "department";
    input.name = "企业登记信息";
    input.abstract = "全市企业的登记事项";
    input.format_class = "3";
    input.format = "postgresql";
    input.share_type = "conditional";
    input.share_condition = "作为行政依据,限履职使用";
    input.share_mode = "api";
    input.update_cycle = "4";
    input.domain = "15";
    input.secrecy_review = Review{"王某", "2026-11-01", "通过"};
    input.head_consent = Review{"李某", "2026-11-02", "同意"};
    Item name;
    name.name = "企业名称";
    name.column = "name";
    name.type = "C";
    input.items = {name};
    return input;
}

bool points_at(const Faults& faults, std::string_view pointer) {
    return std::any_of(faults.begin(), faults.end(),
                       [&](const FieldError& fault) { return fault.pointer == pointer; });
}

TEST(CatalogueChecks, ACompleteEntryHasNoFaults) {
    EXPECT_TRUE(form_faults(complete()).empty());
    EXPECT_TRUE(completeness_faults(complete()).empty());
}

TEST(CatalogueChecks, EveryFaultSaysHowToMendItInBothLanguages) {
    ResourceInput empty;
    auto faults = form_faults(empty);
    auto more = completeness_faults(empty);
    faults.insert(faults.end(), more.begin(), more.end());
    ASSERT_GE(faults.size(), 8U);
    for (const auto& fault : faults) {
        EXPECT_FALSE(fault.pointer.empty());
        EXPECT_FALSE(fault.detail_zh.empty()) << fault.pointer;
        EXPECT_FALSE(fault.detail_en.empty()) << fault.pointer;
    }
}

TEST(CatalogueChecks, NamesKeepTheGuidesRules) {
    for (const char* bad : {"", "企业登记信息。", "企业登记信息\uff0c", "企业登记信息\uff01", "企业登记信息;",
                            "企业  登记信息", "企业\u3000登记信息", "企业登记\n信息"}) {
        ResourceInput input = complete();
        input.name = bad;
        EXPECT_TRUE(points_at(form_faults(input), "/name")) << bad;
    }
    for (const char* good : {"企业登记信息", "企业登记信息(2026年)", "A 股上市公司名录", "《目录》"}) {
        ResourceInput input = complete();
        input.name = good;
        EXPECT_FALSE(points_at(form_faults(input), "/name")) << good;
    }
    ResourceInput input = complete();
    for (int i = 0; i < 17; ++i) {
        input.name += "企业登记信息";
    }
    EXPECT_TRUE(points_at(form_faults(input), "/name"));
}

TEST(CatalogueChecks, ASystemsNameIsNoResourceName) {
    ResourceInput input = complete();
    input.name = "企业登记管理系统";
    EXPECT_TRUE(points_at(completeness_faults(input), "/name"));
}

TEST(CatalogueChecks, ColumnsAreWellFormedAndUnique) {
    for (const char* bad : {"", "Name", "1st", "_id", "a-b", "名称", "a b"}) {
        ResourceInput input = complete();
        input.items[0].column = bad;
        EXPECT_TRUE(points_at(form_faults(input), "/items/0/column")) << bad;
    }
    ResourceInput input = complete();
    input.items.push_back(input.items[0]);
    EXPECT_TRUE(points_at(form_faults(input), "/items/1/column"));
    EXPECT_TRUE(points_at(completeness_faults(input), "/items/1/name"));
}

TEST(CatalogueChecks, ClassificationAgreesWithItsClass) {
    struct Row {
        const char* resource_class;
        const char* path;
        bool good;
    };
    for (const Row& row : {Row{"department", "303017", true},
                           {"department", "303017002", true},
                           {"base", "101001", true},
                           {"theme", "303017", false},
                           {"department", "30301", false},
                           {"department", "403017", false},
                           {"department", "30301x", false},
                           {"", "", false}}) {
        ResourceInput input = complete();
        input.resource_class = row.resource_class;
        input.classification = row.path;
        auto faults = form_faults(input);
        EXPECT_EQ(!points_at(faults, "/classification") && !points_at(faults, "/class"), row.good)
            << row.path;
    }
}

TEST(CatalogueChecks, ConditionalNeedsItsConditionAndDeniedItsLaw) {
    ResourceInput input = complete();
    input.share_condition = " ";
    EXPECT_TRUE(points_at(completeness_faults(input), "/share_condition"));
    input.share_type = "denied";
    input.share_mode.clear();
    EXPECT_TRUE(points_at(completeness_faults(input), "/share_condition"));
    input.share_condition = "依据某某法第十条";
    EXPECT_TRUE(completeness_faults(input).empty());
    input.share_type = "unconditional";
    input.share_mode = "api";
    input.share_condition.clear();
    EXPECT_TRUE(completeness_faults(input).empty());
}

TEST(CatalogueChecks, FormatClassAndShareModeAgree) {
    struct Row {
        const char* format_class;
        const char* format;
        const char* mode;
        bool good;
    };
    for (const Row& row : {Row{"1", "pdf", "file", true},
                           {"1", "pdf", "api", false},
                           {"2", "csv", "file", true},
                           {"2", "xlsx", "api", true},
                           {"3", "postgresql", "file", false},
                           {"3", "postgresql", "database", true},
                           {"4", "geojson", "api", false},
                           {"7", "rest", "api", true},
                           {"7", "rest", "file", false},
                           {"1", "csv", "file", false},
                           {"6", "grib2", "file", true},
                           {"2", "PDF", "file", false},
                           {"2", "CSV", "file", true}}) {
        ResourceInput input = complete();
        input.format_class = row.format_class;
        input.format = row.format;
        input.share_mode = row.mode;
        EXPECT_EQ(completeness_faults(input).empty(), row.good) << row.format << " by " << row.mode;
    }
}

TEST(CatalogueChecks, TablesNeedTheirItems) {
    ResourceInput input = complete();
    input.items.clear();
    EXPECT_TRUE(points_at(completeness_faults(input), "/items"));
    input.format_class = "1";
    input.format = "pdf";
    input.share_mode = "file";
    EXPECT_TRUE(completeness_faults(input).empty());
}

TEST(CatalogueChecks, AnItemIsNeverLaxerThanItsResource) {
    ResourceInput input = complete();
    input.items[0].share_type = "unconditional";
    input.items[0].open_type = "conditional";
    auto faults = completeness_faults(input);
    EXPECT_TRUE(points_at(faults, "/items/0/share_type"));
    EXPECT_TRUE(points_at(faults, "/items/0/open_type"));
    input.items[0].share_type = "denied";
    input.items[0].open_type = "denied";
    EXPECT_TRUE(completeness_faults(input).empty());
}

TEST(CatalogueChecks, TheResourceTakesItsItemsHighestGrade) {
    ResourceInput input = complete();
    input.items[0].grade = 3;
    settle(input);
    EXPECT_EQ(input.grade, 3);
    input.share_type = "unconditional";
    EXPECT_TRUE(points_at(completeness_faults(input), "/share_type"));
}

TEST(CatalogueChecks, PersonalInformationNeedsItsAssessment) {
    ResourceInput input = complete();
    input.items[0].element = "id_number";
    EXPECT_TRUE(points_at(completeness_faults(input), "/pia_review"));
    input.pia_review = Review{"赵某", "2026-11-01", "通过"};
    EXPECT_TRUE(completeness_faults(input).empty());
    input.secrecy_review->result = "";
    input.head_consent.reset();
    auto faults = completeness_faults(input);
    EXPECT_TRUE(points_at(faults, "/secrecy_review"));
    EXPECT_TRUE(points_at(faults, "/head_consent"));
}

TEST(CatalogueChecks, OpeningNamesItsTypeAndCondition) {
    ResourceInput input = complete();
    input.open_flag = true;
    EXPECT_TRUE(points_at(completeness_faults(input), "/open_type"));
    input.open_type = "conditional";
    EXPECT_TRUE(points_at(completeness_faults(input), "/open_condition"));
    input.open_condition = "注明来源";
    EXPECT_TRUE(completeness_faults(input).empty());
    input.grade = 4;
    EXPECT_TRUE(points_at(completeness_faults(input), "/open_flag"));
}

}  // namespace
}  // namespace pengcheng::catalogue
