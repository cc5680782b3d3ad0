// 三员分立: what no role can lift by itself, through the API, the command line and the database.
#include "staff.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"

#include <fstream>

namespace pengcheng::test {
namespace {

using Separation = ServerTest;

std::string id_of(Server& server, const std::string& name) {
    return server.sql("SELECT id FROM identity.account WHERE username = '" + name + "'");
}

TEST_F(Separation, RolesAreGivenByASecurityAdministratorWhoeverRunsTheCommand) {
    add_staff(*server_, "plain_one", std::string(market), {"data_officer"});
    const std::string line = std::string(password) + "\n";
    const std::vector<std::string> give{"--json", "user", "roles", "plain_one", "--role", "reviewer"};
    auto by = [&](const std::string& who) {
        std::vector<std::string> arguments = give;
        arguments.insert(arguments.end(), {"--by", who});
        return arguments;
    };
    const auto events = [] { return sql("SELECT count(*) FROM audit.record"); };  // the rest is linked behind
    const std::string before = events();
    EXPECT_EQ(cli(*server_, give).status, 1) << "the operator alone gives nothing";
    EXPECT_EQ(events(), before);
    EXPECT_EQ(cli(*server_, by("system_admin"), line).status, 1);
    EXPECT_EQ(cli(*server_, by("audit_admin"), line).status, 1);
    EXPECT_EQ(cli(*server_, by("security_admin"), "wrong password\n").status, 1);
    EXPECT_EQ(
        cli(*server_, {"user", "roles", "security_admin", "--role", "system_admin", "--by", "security_admin"},
            line)
            .status,
        1)
        << "nobody promotes themselves";
    EXPECT_EQ(cli(*server_,
                  {"user", "add", "--username", "sneaky", "--display-name", "x", "--role", "system_admin",
                   "--password-stdin"},
                  line)
                  .status,
              1);
    EXPECT_EQ(sql("SELECT count(*) FROM identity.account WHERE username = 'sneaky'"), "0");
    EXPECT_EQ(sql("SELECT string_agg(role, ',') FROM identity.role_assignment WHERE account = '" +
                  id_of(*server_, "plain_one") + "'"),
              "data_officer");
    EXPECT_EQ(cli(*server_, by("security_admin"), line).status, 0);
    EXPECT_EQ(cli(*server_, {"user", "password", "audit_admin", "--password-stdin"}, line).status, 1)
        << "whoever resets an administrator's password could sign in as them";
    EXPECT_EQ(cli(*server_, {"user", "password", "audit_admin", "--password-stdin", "--by", "audit_admin"},
                  line + line)
                  .status,
              1);
}

TEST_F(Separation, HoldsInTheDatabaseToo) {
    std::string security = id_of(*server_, "security_admin");
    std::string audit = id_of(*server_, "audit_admin");
    std::string clerk = id_of(*server_, "market_officer");
    auto as_actor = [&](const std::string& actor, const std::string& statement) {
        return "DO $do$ BEGIN PERFORM set_config('pengcheng.actor', '" + actor + "', true); " + statement +
               "; END $do$";
    };
    auto insert = [](const std::string& account, const std::string& role) {
        return "INSERT INTO identity.role_assignment (account, role, given_by) VALUES ('" + account + "', '" +
               role + "', 'test')";
    };
    std::string before = dump({"identity"});
    for (const std::string& statement : std::vector<std::string>{
             insert(clerk, "reviewer"),
             "DELETE FROM identity.role_assignment WHERE account = '" + audit + "'",
             "UPDATE identity.role_assignment SET role = 'reviewer' WHERE account = '" + clerk + "'",
             "TRUNCATE identity.role_assignment", as_actor(clerk, insert(clerk, "reviewer")),
             as_actor(id_of(*server_, "system_admin"), insert(clerk, "reviewer")),
             as_actor(security, insert(security, "reviewer")),
             as_actor(security, insert(audit, "system_admin")), as_actor(security, insert(audit, "reviewer")),
             as_actor(security, insert(clerk, "audit_admin")), "DELETE FROM identity.installation",
             "UPDATE identity.account SET grade_max = 4 WHERE id = '" + clerk + "'",
             as_actor(security, "UPDATE identity.account SET grade_max = 4 WHERE id = '" + security + "'"),
             "UPDATE identity.account SET state = 'disabled' WHERE id = '" + audit + "'"}) {
        EXPECT_THROW(sql(statement), std::exception) << statement;
    }
    EXPECT_EQ(dump({"identity"}), before);
    sql(as_actor(security, "UPDATE identity.account SET grade_max = 2 WHERE id = '" + clerk + "'"));
    sql(as_actor(security, "UPDATE identity.account SET grade_max = NULL WHERE id = '" + clerk + "'"));
}

TEST_F(Separation, TheLastAdministratorOfAKindStays) {
    for (const char* name : {"security_admin", "audit_admin"}) {
        Reply refused = as("system_admin").post("/api/v1/users/" + id_of(*server_, name) + "/disable");
        EXPECT_EQ(refused.json["type"], "/problems/identity.last-administrator") << name;
        EXPECT_EQ(cli(*server_, {"user", "disable", name}).status, 1) << name;
    }
    EXPECT_EQ(
        as("system_admin").post("/api/v1/users/" + id_of(*server_, "system_admin") + "/disable").json["type"],
        "/problems/identity.own-account");
    add_staff(*server_, "second_auditor", "", {"audit_admin"});
    EXPECT_EQ(
        as("system_admin").post("/api/v1/users/" + id_of(*server_, "second_auditor") + "/disable").status,
        200);
    EXPECT_EQ(as("system_admin").post("/api/v1/users/" + id_of(*server_, "audit_admin") + "/disable").status,
              409);
}

TEST_F(Separation, TheLastAdministratorOfAKindKeepsTheRole) {
    auto roles = [](const std::string& name, Json wanted) {
        return as("security_admin")
            .put("/api/v1/users/" + id_of(*server_, name) + "/roles", {{"roles", std::move(wanted)}});
    };
    auto given_at = [](const std::string& name) {
        return sql("SELECT given_at FROM identity.role_assignment WHERE account = '" + id_of(*server_, name) +
                   "'");
    };
    const std::string since = given_at("audit_admin");
    for (const char* name : {"system_admin", "audit_admin"}) {
        for (const Json& wanted : {Json::array(), Json::array({"security_admin"})}) {
            Reply refused = roles(name, wanted);
            EXPECT_EQ(refused.json["type"], "/problems/identity.last-administrator") << name << wanted;
        }
        EXPECT_EQ(roles(name, Json::array({name})).status, 200) << "what stays is not taken away";
    }
    EXPECT_EQ(given_at("audit_admin"), since) << "nor given anew: the grace of the second factor runs on";
    add_staff(*server_, "third_auditor", "", {"audit_admin"});
    EXPECT_EQ(roles("third_auditor", Json::array()).status, 200) << "one of two may go";
    EXPECT_EQ(roles("audit_admin", Json::array()).status, 409);
}

TEST_F(Separation, AdministratorsReadNoBusinessAndNobodyStopsTheAudit) {
    const std::vector<std::string> business{"catalogue", "ingest", "quality", "exchange"};
    int asked = 0;
    for (const http::Route& route : app::all_routes()) {
        std::string permission(route.permission);
        bool is_business = std::any_of(business.begin(), business.end(), [&](const std::string& area) {
            return permission.starts_with(area + ".") && !permission.starts_with("catalogue.code_list.");
        });
        bool changes_audit = permission.starts_with("audit.");
        for (const char* name : {"system_admin", "security_admin", "audit_admin"}) {
            if (!is_business && !(changes_audit && std::string(name) != "audit_admin")) {
                continue;
            }
            std::string path(route.path);
            for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
                path.replace(open, path.find('}') - open + 1, "x");
            }
            Reply reply = as(name).send(std::string(http::to_text(route.verb)), path, "");
            EXPECT_EQ(reply.status, 403) << name << ' ' << path;
            ++asked;
        }
    }
    EXPECT_GT(asked, 100);
    for (const char* statement : {"DELETE FROM audit.evidence", "TRUNCATE audit.evidence CASCADE",
                                  "DELETE FROM audit.context", "TRUNCATE audit.context CASCADE"}) {
        EXPECT_THROW(sql(statement), std::exception) << statement;
    }
    std::filesystem::path file = server_->var / "no-audit.yaml";
    std::ofstream(file) << "evidence:\n  mode: off\n";
    EXPECT_EQ(cli(*server_, {"--config", file.string(), "user", "list"}).status, 1) << "no setting stops it";
}

TEST_F(Separation, AGradeCeilingFollowsTheAccountAtOnce) {
    Json items = Json::array(
        {{{"name", "编号"}, {"column", "no"}, {"type", "C"}, {"primary_key", true}, {"nullable", false}},
         {{"name", "病情"}, {"column", "illness"}, {"type", "C"}, {"grade", 4}},
         {{"name", "姓名"}, {"column", "name"}, {"type", "C"}, {"grade", 3}}});
    Json body = resource_body("分级资源", items);
    body["grade"] = 4;
    body["open_flag"] = false;
    body["open_type"] = "";
    Client officer = as("market_officer");
    std::string ref = publish(officer, body).at("ref");
    load(officer, ref, "rows.csv", "no,illness,name\n1,甲,张三\n");
    std::string path = "/api/v1/data/" + ref;
    Reply by_role = officer.get(path);
    ASSERT_EQ(by_role.status, 200) << by_role.body;
    EXPECT_EQ(by_role.json[0], (Json{{"no", "1"}, {"name", "张三"}})) << "grade 4 does not exist for grade 3";
    EXPECT_NE(officer.get(path + "?illness=eq.x").status, 200);
    EXPECT_EQ(officer.get("/api/v1/quality/" + ref + "/runs/x/failures").json["type"],
              "/problems/identity.grade-too-high");
    std::string grade = "/api/v1/users/" + id_of(*server_, "market_officer") + "/grade";
    EXPECT_EQ(as("system_admin").put(grade, {{"grade_max", 4}}).status, 403);
    ASSERT_EQ(as("security_admin").put(grade, {{"grade_max", 4}}).status, 200);
    EXPECT_EQ(officer.get(path).json[0].size(), 3U) << "from the next request";
    ASSERT_EQ(as("security_admin").put(grade, {{"grade_max", 1}}).status, 200);
    EXPECT_EQ(officer.get(path).json[0].size(), 1U);
    ASSERT_EQ(as("security_admin").put(grade, {{"grade_max", nullptr}}).status, 200);
    EXPECT_EQ(officer.get(path).json[0].size(), 2U);
}

TEST_F(Separation, ABureauFollowsTheBodiesUnderIt) {
    add_staff(*server_, "county_provider", "101", {"provider_officer"});
    // 101 is 鼓楼区; a body under it, and one of the city.
    sql("INSERT INTO identity.organization (code, name, short_name, kind, region, parent, status, note) "
        "VALUES "
        "('901', '鼓楼区民政局', '区民政', 'county', '320302', '101', 'confirmed', '')");
    add_staff(*server_, "township_officer", "901", {"data_officer"});
    Json items = Json::array(
        {{{"name", "编号"}, {"column", "no"}, {"type", "C"}, {"primary_key", true}, {"nullable", false}}});
    std::string ref = as("township_officer")
                          .post("/api/v1/catalogue/resources", resource_body("区级资源", items))
                          .json.at("ref");
    std::string of_city = as("market_officer")
                              .post("/api/v1/catalogue/resources", resource_body("市级资源", items))
                              .json.at("ref");
    auto history = [&](const char* who, const std::string& which) {
        return as(who).get("/api/v1/catalogue/resources/" + which + "/history").status;
    };
    auto history_once = [&](int status, const char* who, const std::string& which) {
        return get_once(as(who), status, "/api/v1/catalogue/resources/" + which + "/history").status;
    };
    EXPECT_EQ(history_once(200, "county_provider", ref), 200) << "the body under it";
    EXPECT_EQ(history("county_provider", of_city), 403);
    EXPECT_EQ(history("market_provider", ref), 403) << "another tree";
    sql("UPDATE identity.organization SET parent = NULL WHERE code = '901'");
    EXPECT_EQ(history_once(403, "county_provider", ref), 403) << "the tree is read again when it changes";
}

}  // namespace
}  // namespace pengcheng::test
