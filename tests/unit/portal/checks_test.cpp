#include "portal/checks.hpp"

#include <gtest/gtest.h>

namespace pengcheng::portal {
namespace {

struct Case {
    Proposal proposal;
    Principal signer;
    catalogue::Resource resource;
    bool published = true;
    bool mounted = true;
    std::optional<double> score = 88.0;

    Case() {
        proposal.open_type = "unconditional";
        proposal.licence = "xz-open-1";
        proposal.proposed_by = "officer";
        proposal.submitted_by = "officer";
        proposal.state = "submitted";
        proposal.items = {{"name", ""}, {"address", ""}};
        signer.id = "reviewer";
        signer.roles = {"reviewer"};
        resource.open_type = "unconditional";
        resource.update_cycle = "4";
        resource.subject_object = "place";
        resource.items = {
            {.name = "站名", .column = "name", .type = "C"},
            {.name = "地址", .column = "address", .type = "C", .element = "address"},
            {.name = "负责人", .column = "head", .type = "C", .element = "person_name", .grade = 2},
            {.name = "电话", .column = "phone", .type = "C", .element = "mobile", .grade = 3},
            {.name = "病史", .column = "illness", .type = "C", .grade = 4}};
    }

    std::vector<std::string> failed() const {
        Release release{.proposal = proposal,
                        .signer = signer,
                        .resource = published ? std::optional(resource) : std::nullopt,
                        .mounted = mounted,
                        .score = score};
        std::vector<std::string> out;
        for (const auto& check : release_checks(release)) {
            if (!check.passed) {
                out.push_back(check.code);
            }
        }
        return out;
    }
};

using Failed = std::vector<std::string>;

TEST(ReleaseCheck, PassesWhatIsFitToOpen) {
    EXPECT_EQ(Case().failed(), Failed{});
}

TEST(ReleaseCheck, WantsAPublishedEntryWithRows) {
    Case one;
    one.mounted = false;
    EXPECT_EQ(one.failed(), Failed{"entry"});
    one.published = false;
    EXPECT_EQ(one.failed(), (Failed{"entry", "open_type", "grade", "personal", "update_cycle"}));
}

TEST(ReleaseCheck, RefusesWhatTheEntryCloses) {
    Case one;
    one.resource.open_type = "denied";
    EXPECT_EQ(one.failed(), Failed{"open_type"});
    one.resource.open_type = "conditional";
    EXPECT_EQ(one.failed(), Failed{"open_type"});
    one.resource.open_type = "unconditional";
    one.resource.items[0].open_type = "denied";
    EXPECT_EQ(one.failed(), Failed{"open_type"});
}

TEST(ReleaseCheck, NeverOpensGradeFourAndMasksGradeThree) {
    Case one;
    one.proposal.items = {{"name", ""}, {"illness", "hide"}};
    EXPECT_EQ(one.failed(), Failed{"grade"});
    one.proposal.items = {{"name", ""}, {"phone", ""}};
    EXPECT_EQ(one.failed(), (Failed{"grade", "personal"}));
    one.proposal.items = {{"name", ""}, {"phone", "mobile"}};
    EXPECT_EQ(one.failed(), Failed{});
}

TEST(ReleaseCheck, WantsMasksThatHideThePerson) {
    Case one;
    one.proposal.items = {{"head", ""}};
    EXPECT_EQ(one.failed(), Failed{"personal"});
    one.proposal.items = {{"head", "geo"}};
    EXPECT_EQ(one.failed(), Failed{"personal"});
    one.proposal.items = {{"head", "name"}};
    EXPECT_EQ(one.failed(), Failed{});
    one.proposal.items = {{"address", ""}};
    one.resource.subject_object = "person";
    EXPECT_EQ(one.failed(), Failed{"personal"});
}

TEST(ReleaseCheck, KnowsItsItemsAndMasks) {
    Case one;
    one.proposal.items = {{"nothing", ""}};
    EXPECT_EQ(one.failed(), Failed{"items"});
    one.proposal.items = {{"name", "no_such_mask"}};
    EXPECT_EQ(one.failed(), Failed{"items"});
    one.proposal.items = {{"name", ""}, {"name", ""}};
    EXPECT_EQ(one.failed(), Failed{"items"});
    one.proposal.items = {};
    EXPECT_EQ(one.failed(), Failed{"items"});
}

TEST(ReleaseCheck, WantsLicenceCycleAndScore) {
    Case one;
    one.proposal.licence = "";
    EXPECT_EQ(one.failed(), Failed{"licence"});
    one.proposal.licence = "xz-open-2";
    EXPECT_EQ(one.failed(), Failed{"licence"});
    one.proposal.licence = "cc-by";
    one.resource.update_cycle = "";
    EXPECT_EQ(one.failed(), Failed{"update_cycle"});
    one.resource.update_cycle = "4";
    one.score = 59.9;
    EXPECT_EQ(one.failed(), Failed{"quality"});
    one.score = std::nullopt;
    EXPECT_EQ(one.failed(), Failed{"quality"});
    one.score = 60;
    EXPECT_EQ(one.failed(), Failed{});
}

TEST(ReleaseCheck, WantsAnotherAccountToSign) {
    Case one;
    one.signer.id = "officer";
    EXPECT_EQ(one.failed(), Failed{"sign_off"});
    one.signer.roles = {"data_officer"};  // looks at the check, does not sign
    EXPECT_EQ(one.failed(), Failed{});
}

}  // namespace
}  // namespace pengcheng::portal
