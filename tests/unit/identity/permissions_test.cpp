#include "identity/permissions.hpp"

#include <pengcheng/identity/identity.hpp>

#include <gtest/gtest.h>

namespace pengcheng::identity {
namespace {

Principal someone(std::vector<std::string> roles, std::string organization = "017") {
    Principal who;
    who.kind = Principal::Kind::user;
    who.id = "0190a0a0-0000-7000-8000-000000000001";
    who.organization = std::move(organization);
    who.roles = std::move(roles);
    return who;
}

const Permissions& table() {
    static const Permissions read = Permissions::read(R"(
a.thing.list: {public: any}
a.thing.view: {signed_in: any}
a.thing.update: {data_officer: own}
a.thing.answer: {citizen: self}
a.thing.open: {citizen: self, window_staff: any, case_officer: [own, self]}
)");
    return read;
}

struct Decision {
    std::string permission;
    Principal who;
    bool has_object;
    std::optional<std::string> organization;
    std::optional<std::string> account;
    std::string_view outcome;  ///< code of the refusal; empty: allowed
};

TEST(Permissions, DecideByRoleAndOwnership) {
    const std::string self = someone({}).id;
    const std::string other = "0190a0a0-0000-7000-8000-000000000002";
    const std::optional<std::string> none;
    const std::vector<Decision> rows{
        {"public", Principal{}, false, none, none, ""},
        {"a.thing.list", Principal{}, false, none, none, ""},
        {"a.thing.view", Principal{}, false, none, none, "base.unauthenticated"},
        {"a.thing.view", someone({}), false, none, none, ""},
        {"a.thing.unknown", Principal{}, false, none, none, "base.unauthenticated"},
        {"a.thing.unknown", someone({"data_officer", "reviewer"}), false, none, none, "base.forbidden"},
        {"a.thing.update", someone({}), false, none, none, "base.forbidden"},
        {"a.thing.update", someone({"data_officer"}), false, none, none, ""},
        {"a.thing.update", someone({"data_officer"}, ""), false, none, none, "base.forbidden"},
        {"a.thing.update", someone({"data_officer"}), true, "017", none, ""},
        {"a.thing.update", someone({"data_officer"}), true, "023", none, "base.forbidden"},
        {"a.thing.update", someone({"data_officer"}), true, none, none, "base.forbidden"},
        {"a.thing.update", someone({"data_officer"}, ""), true, "", none, "base.forbidden"},
        {"a.thing.update", someone({"data_officer"}), true, "023,017", none, ""},
        {"a.thing.update", someone({"data_officer"}), true, "023,0177", none, "base.forbidden"},
        {"a.thing.update", someone({"data_officer"}), true, "023", self, "base.forbidden"},
        {"a.thing.answer", someone({"citizen"}, ""), true, "017", self, ""},
        {"a.thing.answer", someone({"citizen"}, ""), true, "017", other, "base.forbidden"},
        {"a.thing.answer", someone({"citizen"}, ""), true, none, none, "base.forbidden"},
        {"a.thing.open", someone({"window_staff"}), true, "023", other, ""},
        {"a.thing.open", someone({"case_officer"}), true, "023", other, "base.forbidden"},
        {"a.thing.open", someone({"case_officer"}), true, "023", self, ""},
        {"a.thing.open", someone({"case_officer"}), true, "017", other, ""},
    };
    for (const Decision& row : rows) {
        auto decided = table().decide(row.who, row.permission, row.has_object, row.organization, row.account);
        std::string_view outcome = decided ? std::string_view() : decided.error().type->code;
        EXPECT_EQ(outcome, row.outcome)
            << row.permission << " organization " << row.organization.value_or("-") << " account "
            << row.account.value_or("-");
    }
}

TEST(Permissions, RefuseABrokenTable) {
    for (std::string_view broken :
         {"a.thing: {public: any}", "a.thing.view: {boss: any}", "a.thing.view: {citizen: all}",
          "a.thing.view: any", "A.thing.view: {public: any}", "a.b.c: {public: any}\na.b.c: {public: any}",
          "a.b.c: {public: any"}) {
        try {
            Permissions::read(broken);
            FAIL() << broken;
        } catch (const ProblemError& error) {
            EXPECT_EQ(error.problem().type->code, "identity.broken-permissions");
            EXPECT_NE(error.problem().text(false).find("line "), std::string::npos) << broken;
        }
    }
}

/// The roles of the built-in table that may do `permission` to what is theirs, in the order of `roles`.
std::vector<std::string> holders(std::string_view permission) {
    std::vector<std::string> out;
    std::vector<std::string> roles = staff_roles();
    roles.insert(roles.end(), {"citizen", "client"});
    for (const std::string& role : roles) {
        Principal who = someone({role});
        if (authorize(who, permission, true, who.organization, who.id)) {
            out.push_back(role);
        }
    }
    return out;
}

TEST(BuiltInPermissions, KeepTheThreeAdministratorsApart) {
    using Roles = std::vector<std::string>;
    EXPECT_EQ(holders("identity.user.create"), Roles{"system_admin"});
    EXPECT_EQ(holders("identity.role.update"), Roles{"security_admin"});
    EXPECT_EQ(holders("audit.record.list"), Roles{"audit_admin"});
    // Only what everybody who is signed in may do, and what stands here.
    const std::vector<std::string> allowed{
        "identity.user.list", "identity.user.create", "identity.role.update",
        "audit.record.list",  "audit.record.export",  "audit.chain.read",
        "jobs.job.list",      "jobs.job.view",        "jobs.job.cancel"};
    for (const std::string& permission : permissions()) {
        if (authorize(someone({}), permission, true, "017", someone({}).id)) {
            continue;
        }
        for (const std::string& role : holders(permission)) {
            bool stands = std::find(allowed.begin(), allowed.end(), permission) != allowed.end();
            EXPECT_TRUE(!role.ends_with("_admin") || stands) << role << " may " << permission;
        }
    }
}

TEST(BuiltInPermissions, AnonymousCallersOnlyReachThePublicOnes) {
    const std::vector<std::string> expected{
        "identity.account.create", "identity.organization.list", "identity.region.list",
        "identity.session.create", "identity.token.create",      "portal.data.read",
        "portal.dataset.chart",    "portal.dataset.list",        "portal.dataset.view",
        "portal.page.view",        "services.document.verify",   "services.item.list",
        "services.item.view"};
    std::vector<std::string> reached;
    for (const std::string& permission : permissions()) {
        if (authorize(Principal{}, permission, false, std::nullopt, std::nullopt)) {
            reached.push_back(permission);
        }
    }
    EXPECT_EQ(reached, expected);
}

}  // namespace
}  // namespace pengcheng::identity
