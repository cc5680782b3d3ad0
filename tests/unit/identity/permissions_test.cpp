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
a.thing.follow: {provider_officer: subtree}
a.thing.receive: {window_staff: region}
a.thing.mend: {pending: self}
grade_ceiling: {data_officer: 3, reviewer: 2}
)");
    return read;
}

/// 017 and 018 of the city; 117 and, under it, 118 belong to 017; 101 and 106 are two of its counties.
const OrganizationTree& tree() {
    static const OrganizationTree made = [] {
        OrganizationTree out;
        out.add("017", "", "320300");
        out.add("018", "", "320300");
        out.add("117", "017", "320300");
        out.add("118", "117", "320300");
        out.add("101", "", "320302");
        out.add("106", "", "320321");
        out.add("201", "202", "320321");
        out.add("202", "201", "320321");
        return out;
    }();
    return made;
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
        auto decided =
            table().decide(row.who, row.permission, row.has_object, row.organization, row.account, 0, tree());
        std::string_view outcome = decided ? std::string_view() : decided.error().type->code;
        EXPECT_EQ(outcome, row.outcome)
            << row.permission << " organization " << row.organization.value_or("-") << " account "
            << row.account.value_or("-");
    }
}

TEST(Permissions, ReachDownTheTreeAndOverTheRegion) {
    struct Row {
        const char* permission;
        const char* role;
        const char* seat;
        const char* owner;
        bool allowed;
    };
    for (const Row& row : std::vector<Row>{{"a.thing.follow", "provider_officer", "017", "017", true},
                                           {"a.thing.follow", "provider_officer", "017", "118", true},
                                           {"a.thing.follow", "provider_officer", "117", "017", false},
                                           {"a.thing.follow", "provider_officer", "017", "101", false},
                                           {"a.thing.follow", "provider_officer", "017", "018,117", true},
                                           {"a.thing.follow", "provider_officer", "017", "201", false},
                                           {"a.thing.receive", "window_staff", "017", "101", true},
                                           {"a.thing.receive", "window_staff", "101", "101", true},
                                           {"a.thing.receive", "window_staff", "101", "017", false},
                                           {"a.thing.receive", "window_staff", "101", "106", false},
                                           {"a.thing.receive", "window_staff", "017", "999", false},
                                           {"a.thing.update", "data_officer", "017", "117", false}}) {
        auto decided = table().decide(someone({row.role}, row.seat), row.permission, true, row.owner,
                                      std::nullopt, 0, tree());
        EXPECT_EQ(decided.has_value(), row.allowed) << row.permission << ' ' << row.seat << ' ' << row.owner;
    }
    auto listed = [](const char* role, const char* seat, const char* permission) {
        return table().listing(someone({role}, seat), permission, tree());
    };
    using Codes = std::vector<std::string>;
    EXPECT_EQ(listed("provider_officer", "017", "a.thing.follow").organizations,
              (Codes{"017", "117", "118"}));
    EXPECT_EQ(listed("window_staff", "101", "a.thing.receive").organizations, Codes{"101"});
    EXPECT_TRUE(listed("reviewer", "017", "a.thing.follow").organizations.empty());
    EXPECT_TRUE(listed("window_staff", "017", "a.thing.open").every);
    // Without the picture only one's own is one's own.
    const OrganizationTree none;
    EXPECT_FALSE(
        table().decide(someone({"window_staff"}), "a.thing.receive", true, "017", std::nullopt, 0, none));
    EXPECT_TRUE(
        table().decide(someone({"provider_officer"}), "a.thing.follow", true, "017", std::nullopt, 0, none));
}

TEST(Permissions, EndAtTheGradeCeiling) {
    Principal who = someone({"data_officer", "grade:3"});
    EXPECT_EQ(readable_grade(who), 3);
    EXPECT_EQ(readable_grade(someone({"data_officer"})), 0);
    EXPECT_EQ(readable_grade(Principal::system("test")), 4);
    EXPECT_EQ(table().grade_ceiling({"citizen"}), 0);
    EXPECT_EQ(table().grade_ceiling({"reviewer", "data_officer"}), 3);
    EXPECT_TRUE(table().decide(who, "a.thing.update", true, "017", std::nullopt, 3, tree()));
    auto refused = table().decide(who, "a.thing.update", true, "017", std::nullopt, 4, tree());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().type->code, "identity.grade-too-high");
    EXPECT_EQ(table().decide(who, "a.thing.update", true, "023", std::nullopt, 4, tree()).error().type->code,
              "base.forbidden")
        << "whose it is comes before what it is";
}

TEST(Permissions, OfASessionThatMustDoSomethingFirst) {
    auto decide = [](const Principal& who, std::string_view permission) {
        return table().decide(who, permission, false, std::nullopt, std::nullopt, 0, tree());
    };
    Principal who = someone({std::string(password_due_role)});
    EXPECT_EQ(pending_of(who), "password");
    EXPECT_TRUE(decide(who, "a.thing.mend"));
    EXPECT_TRUE(decide(who, "a.thing.list")) << "public stays";
    for (const char* permission : {"a.thing.view", "a.thing.update", "a.thing.unknown"}) {
        auto refused = decide(who, permission);
        ASSERT_FALSE(refused) << permission;
        EXPECT_EQ(refused.error().type->code, "identity.password-due");
    }
    EXPECT_EQ(decide(someone({std::string(totp_due_role)}), "a.thing.update").error().type->code,
              "identity.totp-due");
    EXPECT_FALSE(decide(Principal{}, "a.thing.mend"));
    EXPECT_TRUE(decide(someone({"citizen"}), "a.thing.mend"));
}

TEST(Permissions, OfAFileThatMixesTheAdministratorsDoNotLoad) {
    for (std::string_view mixed :
         {"exchange.data.read: {security_admin: any}", "catalogue.resource.view: {system_admin: any}",
          "audit.record.list: {system_admin: any}", "audit.record.delete: {security_admin: any}",
          "identity.role.update: {system_admin: any, security_admin: any}",
          "identity.user.create: {audit_admin: any}"}) {
        EXPECT_THROW(Permissions::read(mixed), ProblemError) << mixed;
    }
    EXPECT_NO_THROW(Permissions::read("identity.user.list: {system_admin: any, security_admin: any}"));
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
    const std::vector<std::string> allowed{"identity.user.list",
                                           "identity.user.create",
                                           "identity.user.disable",
                                           "identity.role.update",
                                           "identity.grade.update",
                                           "identity.client.list",
                                           "identity.user_session.list",
                                           "identity.user_session.end",
                                           "identity.totp.reset",
                                           "identity.lockout.list",
                                           "identity.lockout.delete",
                                           "identity.signing_key.list",
                                           "identity.signing_key.create",
                                           "jobs.job.list",
                                           "jobs.job.view",
                                           "jobs.job.cancel",
                                           "jobs.job.retry",
                                           "jobs.schedule.list",
                                           "jobs.schedule.create",
                                           "jobs.schedule.update",
                                           "jobs.schedule.delete",
                                           "jobs.schedule.run"};
    for (const std::string& permission : permissions()) {
        if (authorize(someone({}), permission, true, "017", someone({}).id)) {
            continue;
        }
        for (const std::string& role : holders(permission)) {
            // Permissions::read sees to it that of the three only audit_admin holds these.
            bool stands = permission.starts_with("audit.") ||
                          std::find(allowed.begin(), allowed.end(), permission) != allowed.end();
            EXPECT_TRUE(!role.ends_with("_admin") || stands) << role << " may " << permission;
        }
    }
}

TEST(BuiltInPermissions, AnonymousCallersOnlyReachThePublicOnes) {
    const std::vector<std::string> expected{
        "identity.account.create",  "identity.metadata.view",  "identity.organization.list",
        "identity.outside.begin",   "identity.outside.finish", "identity.provider.list",
        "identity.region.list",     "identity.session.create", "identity.signing_key.view",
        "identity.token.create",    "portal.data.read",        "portal.dataset.chart",
        "portal.dataset.list",      "portal.dataset.view",     "portal.page.view",
        "services.document.verify", "services.item.list",      "services.item.view"};
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
