#include "harness.hpp"

namespace pengcheng::test {
namespace {

using Accounts = ServerTest;

Json citizen_body(const std::string& username, const std::string& id_number) {
    return {{"username", username},
            {"password", password},
            {"display_name", "李小明"},
            {"id_number", id_number},
            {"phone", "13800000000"}};
}

TEST_F(Accounts, ACitizenRegistersAndSeesMaskedIdentifiers) {
    Reply made = anonymous().post("/api/v1/accounts", citizen_body("xiaoming", "320302190001010010"));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json["roles"], Json::array({"citizen"}));
    EXPECT_TRUE(made.json["organization"].is_null());

    Reply me = as("xiaoming").get("/api/v1/me");
    EXPECT_EQ(me.json["id_number_masked"], "320302********0010");
    EXPECT_EQ(me.json["phone_masked"], "138****0000");
    EXPECT_EQ(me.json["user"]["display_name"], "李小明");
    EXPECT_EQ(as("reviewer").get("/api/v1/me").json["id_number_masked"], nullptr);

    for (const char* schema : {"identity", "audit"}) {
        std::string tables = sql(std::string("SELECT string_agg(query_to_xml('SELECT * FROM ") + schema +
                                 ".' || quote_ident(tablename), false, false, '')::text, '') FROM pg_tables "
                                 "WHERE schemaname = '" +
                                 schema + "'");
        EXPECT_EQ(tables.find("320302190001010010"), std::string::npos)
            << schema << " holds the plain ID number";
        EXPECT_EQ(tables.find("13800000000"), std::string::npos) << schema << " holds the plain phone";
    }
}

TEST_F(Accounts, OfCitizensAreRefusedForEachFault) {
    ASSERT_EQ(anonymous().post("/api/v1/accounts", citizen_body("first_one", "320302190001010045")).status,
              201);
    std::string before = dump({"identity"});
    struct Row {
        Json change;
        int status;
        std::string pointer;
    };
    for (const Row& row : std::vector<Row>{
             {{{"username", "first_one"}, {"id_number", "32038219000430004X"}}, 409, "/username"},
             {{{"username", "FIRST_ONE"}, {"id_number", "32038219000430004X"}}, 409, "/username"},
             {{{"id_number", "320302190001010045"}}, 409, "/id_number"},
             {{{"id_number", "320302190001010011"}}, 422, "/id_number"},
             {{{"phone", "12345"}}, 422, "/phone"},
             {{{"username", "1"}}, 422, "/username"},
             {{{"password", "short"}}, 422, "/password"},
             {{{"password", "1234567890"}}, 422, "/password"},
             {{{"password", "xx-second_one-xx"}}, 422, "/password"},
             {{{"display_name", " "}}, 422, "/display_name"},
             {{{"role", "reviewer"}}, 422, "/role"}}) {
        Json body = citizen_body("second_one", "32038219000430004X");
        body.update(row.change);
        Reply reply = anonymous().post("/api/v1/accounts", body);
        EXPECT_EQ(reply.status, row.status) << row.change.dump() << reply.body;
        EXPECT_EQ(reply.json["errors"][0]["pointer"], row.pointer) << reply.body;
    }
    EXPECT_EQ(dump({"identity"}), before);
}

TEST_F(Accounts, AreMadeByOneAdministratorAndGivenRolesByAnother) {
    Json body = {{"username", "new_clerk"},
                 {"display_name", "新办事员"},
                 {"organization", market},
                 {"password", password}};
    EXPECT_EQ(as("security_admin").post("/api/v1/users", body).status, 403);
    EXPECT_EQ(as("audit_admin").post("/api/v1/users", body).status, 403);
    Reply made = as("system_admin").post("/api/v1/users", body);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json["roles"], Json::array());

    std::string path = "/api/v1/users/" + made.json["id"].get<std::string>() + "/roles";
    Json roles = {{"roles", {"data_officer", "provider_officer"}}};
    Reply first = as("new_clerk").get("/api/v1/clients");
    EXPECT_EQ(first.status, 403);
    EXPECT_EQ(first.json["type"], "/problems/identity.password-due") << "the administrator knows it";
    EXPECT_EQ(as("new_clerk")
                  .put("/api/v1/me/password", {{"present", password}, {"password", "Another-One-2026"}})
                  .status,
              204);
    EXPECT_EQ(as("new_clerk").get("/api/v1/clients").json["type"], "/problems/base.forbidden");
    EXPECT_EQ(as("system_admin").put(path, roles).status, 403);
    EXPECT_EQ(as("security_admin").put(path, roles).json["roles"], roles["roles"]);
    EXPECT_EQ(as("new_clerk").get("/api/v1/clients").status, 200) << "rights hold from the next request";

    Reply list = as("security_admin").get("/api/v1/users?q=new_cl");
    ASSERT_EQ(list.json["items"].size(), 1U) << list.body;
    EXPECT_EQ(list.json["items"][0]["username"], "new_clerk");
    EXPECT_EQ(as("system_admin").post("/api/v1/users", body).status, 409);
    body["username"] = "other_clerk";
    body["organization"] = "999";
    EXPECT_EQ(as("system_admin").post("/api/v1/users", body).json["errors"][0]["pointer"], "/organization");
}

TEST_F(Accounts, KeepTheThreeAdministratorsApart) {
    auto id_of = [](const std::string& name) {
        return sql("SELECT id FROM identity.account WHERE username = '" + name + "'");
    };
    std::string before = dump({"identity"});
    auto give = [&](const std::string& name, const Json& roles) {
        return as("security_admin").put("/api/v1/users/" + id_of(name) + "/roles", {{"roles", roles}});
    };
    EXPECT_EQ(give("security_admin", {"security_admin"}).json["type"], "/problems/identity.own-roles");
    EXPECT_EQ(give("audit_admin", {"audit_admin", "system_admin"}).json["type"],
              "/problems/identity.role-separation");
    EXPECT_EQ(give("audit_admin", {"audit_admin", "reviewer"}).json["type"],
              "/problems/identity.role-separation");
    EXPECT_EQ(give("system_admin", {"reviewer"}).json["type"], "/problems/identity.role-needs-organization");
    EXPECT_EQ(give("reviewer", {"citizen"}).json["type"], "/problems/identity.unknown-role");
    EXPECT_EQ(as("security_admin").put("/api/v1/users/no-id/roles", {{"roles", Json::array()}}).status, 404);
    // The database refuses what a fault in the program would let through.
    EXPECT_THROW(sql("INSERT INTO identity.role_assignment (account, role, given_by) VALUES ('" +
                     id_of("audit_admin") + "', 'system_admin', 'test')"),
                 std::exception);
    // Sessions differ only in when they were last seen.
    auto without_sessions = [](const std::string& text) {
        return text.substr(0, text.find("identity.session"));
    };
    EXPECT_EQ(without_sessions(dump({"identity"})), without_sessions(before));
}

TEST_F(Accounts, TheCommandLineMakesPasswordsAndUnlocks) {
    const std::string confirmation = std::string(password) + "\n";
    const std::vector<std::string> by{"--by", "security_admin"};
    auto confirmed = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), by.begin(), by.end());
        return cli(*server_, arguments, confirmation);
    };
    auto made = confirmed({"--json", "user", "add", "--username", "by_command", "--display-name", "某人",
                           "--organization", std::string(civil), "--role", "case_officer"});
    ASSERT_EQ(made.status, 0) << made.out;
    std::string first = made.json()["password"];
    auto sign_in = [](const std::string& text) {
        return anonymous().post("/api/v1/session", {{"username", "by_command"}, {"password", text}});
    };
    EXPECT_EQ(sign_in(first).json["pending"], "password") << "whoever ran the command has seen it";
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(sign_in("wrong password").status, 401);
    }
    EXPECT_EQ(sign_in(first).status, 429);
    auto reset = confirmed({"--json", "user", "password", "by_command"});
    ASSERT_EQ(reset.status, 0) << reset.out;
    EXPECT_EQ(sign_in(first).status, 401);
    EXPECT_EQ(sign_in(reset.json()["password"]).status, 200);

    auto roles = confirmed({"--json", "user", "roles", "by_command", "--role", "window_staff"});
    EXPECT_EQ(roles.json()["roles"], Json::array({"window_staff"}));
    EXPECT_EQ(confirmed({"--json", "user", "roles", "nobody", "--none"}).status, 1);
    auto refused = confirmed({"--json", "user", "add", "--username", "refused_one", "--display-name", "某人",
                              "--role", "case_officer"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_EQ(sql("SELECT count(*) FROM identity.account WHERE username = 'refused_one'"), "0");
    EXPECT_NE(cli(*server_, {"--json", "user", "list", "--q", "by_command"}).out.find("window_staff"),
              std::string::npos);
    EXPECT_EQ(cli(*server_, {"--json", "org", "show", std::string(civil)}).json()["code"], civil);
}

TEST_F(Accounts, NoticesReachTheAccountOrTheRoleAndNobodyElse) {
    std::string account = sql("SELECT id FROM identity.account WHERE username = 'reviewer'");
    std::string insert =
        "INSERT INTO events.notice (id, account, organization, role, title_zh, title_en, text_zh, text_en, "
        "link) ";
    sql(insert + "VALUES ('01900000-0000-7000-8000-000000000001', '" + account +
        "', NULL, NULL, '给您', 'for you', '正文', 'text', '/x')");
    sql(insert + "VALUES ('01900000-0000-7000-8000-000000000002', NULL, '" + std::string(bureau) +
        "', 'reviewer', '给审核员', 'for reviewers', '正文', 'text', '/x')");
    sql(insert + "VALUES ('01900000-0000-7000-8000-000000000003', NULL, '" + std::string(market) +
        "', 'reviewer', '给别处', 'for others', '正文', 'text', '/x')");

    auto titles = [](const Reply& reply) {
        std::vector<std::string> out;
        for (const Json& item : reply.json["items"]) {
            out.push_back(item["title"]);
        }
        return out;
    };
    using Titles = std::vector<std::string>;
    EXPECT_EQ(titles(as("reviewer").get("/api/v1/me/notices")), (Titles{"给审核员", "给您"}));
    EXPECT_EQ(titles(as("reviewer2").get("/api/v1/me/notices")), Titles{"给审核员"});
    EXPECT_EQ(titles(as("market_case").get("/api/v1/me/notices")), Titles{});
    EXPECT_EQ(titles(as("reviewer").header("Accept-Language", "en").get("/api/v1/me/notices")),
              (Titles{"for reviewers", "for you"}));

    Json first = as("reviewer").get("/api/v1/me/notices?limit=1").json;
    EXPECT_EQ(first["items"].size(), 1U);
    std::string cursor = first["next_cursor"];
    EXPECT_EQ(titles(as("reviewer").get("/api/v1/me/notices?limit=1&cursor=" + cursor)), Titles{"给您"});

    std::string of_reviewer = "/api/v1/me/notices/01900000-0000-7000-8000-000000000001/read";
    EXPECT_EQ(as("reviewer2").post(of_reviewer).status, 404);
    EXPECT_EQ(as("reviewer").post(of_reviewer).status, 204);
    EXPECT_EQ(as("reviewer").post(of_reviewer).status, 204);
    EXPECT_EQ(as("reviewer").post("/api/v1/me/notices/no-id/read").status, 404);
    EXPECT_EQ(as("reviewer").get("/api/v1/me/notices").json["items"][1]["read"], true);
    EXPECT_EQ(as("reviewer2").get("/api/v1/me/notices").json["items"][0]["read"], false);
}

}  // namespace
}  // namespace pengcheng::test
