// "Nothing is half done": the write routes, with each statement of each call refused once.
#include "db/walk.hpp"
#include "identity/totp_code.hpp"
#include "services/citizen.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::test {

class Atomicity : public WalkTest {
protected:
    static Json items() {
        return Json::array({{{"name", "编号"},
                             {"column", "code"},
                             {"type", "C"},
                             {"length", 10},
                             {"primary_key", true},
                             {"nullable", false}},
                            {{"name", "数量"}, {"column", "amount"}, {"type", "I"}}});
    }
    static std::string entry_url(const Json& entry) {
        return "/api/v1/catalogue/resources/" + entry["ref"].get<std::string>();
    }
    /// Walks a step of an entry's life; the entry after it.
    static Json step(const std::string& who, const Json& entry, const std::string& name,
                     const Json& body = Json::object()) {
        return walk(as(who).if_match(entry["version"]), "POST", entry_url(entry) + "/" + name, body).json;
    }
    static Json act_on_case(const std::string& who, const Json& one, const std::string& name,
                            const Json& body = Json::object()) {
        return walk(as(who).if_match(one["version"]), "POST", url_of(one) + "/" + name, body).json;
    }
    static Json current(const std::string& who, const Json& one) { return as(who).get(url_of(one)).json; }
    static std::string id_of(const Json& made) { return made["id"].get<std::string>(); }
};

TEST_F(Atomicity, OfAnEntryAndItsRows) {
    Json entry =
        walk(as("market_officer"), "POST", "/api/v1/catalogue/resources", resource_body("原子性", items()))
            .json;
    Json body = resource_body("原子性,改名", items());
    entry = walk(as("market_officer").if_match(entry["version"]), "PUT", entry_url(entry), body).json;
    entry = step("market_officer", entry, "submit");
    entry = step("reviewer", entry, "return", {{"reason", "请补充"}});
    entry = step("market_officer", entry, "submit");
    entry = step("reviewer", entry, "approve");
    entry = step("reviewer", entry, "publish");
    std::string ref = entry["ref"];

    Client officer = as("market_officer");
    Reply sent = walk(officer, "POST", "/api/v1/uploads?name=a.csv", "编号,数量\nA1,1\nA2,x\n",
                      "application/octet-stream");
    std::string id = sent.json["id"];
    walk(officer, "POST", "/api/v1/uploads/" + id + "/inspect");
    walk(officer, "PUT", "/api/v1/quality/" + ref + "/rules",
         {{"rules",
           {{{"id", "r1"},
             {"kind", "range"},
             {"item", "amount"},
             {"severity", "major"},
             {"params", {{"max", 1}}}}}}});
    Reply preview =
        walk(officer, "POST", "/api/v1/ingest/" + ref + "/preview", {{"upload_id", id}, {"mode", "upsert"}});
    finished_job(officer, preview.json["job_id"]);
    Reply batch =
        walk(officer, "POST", "/api/v1/ingest/" + ref + "/batches", {{"upload_id", id}, {"mode", "replace"}});
    finished_job(officer, batch.json["job_id"]);
    Reply run = walk(officer, "POST", "/api/v1/quality/" + ref + "/runs");
    finished_job(officer, run.json["job_id"]);

    Json other = walk(officer, "POST", "/api/v1/catalogue/resources", resource_body("要删的", items())).json;
    walk(officer.if_match(other["version"]), "DELETE", entry_url(other));
    Reply unwanted = walk(officer, "POST", "/api/v1/uploads?name=b.csv", "a,b\n", "application/octet-stream");
    EXPECT_EQ(unwanted.status, 201);
    entry = officer.get(entry_url(entry)).json;
    step("reviewer", entry, "retire", {{"reason", "不再更新"}});
}

TEST_F(Atomicity, OfAnUploadInParts) {
    Client tus = as("market_officer").header("Tus-Resumable", "1.0.0");
    Client begin = tus.header("Upload-Length", "12").header("Upload-Metadata", "filename YS5jc3Y=");
    std::string url = walk(begin, "POST", "/api/v1/uploads", "", "").header("location");
    walk(tus.header("Upload-Offset", "0"), "PATCH", url, "a,b\n", "application/offset+octet-stream");
    // Bytes that came stay, whatever failed after them: the client goes on from where the upload stands.
    const std::string text = "a,b\n1,2\n3,4\n";
    bool fired = true;
    for (int n = 1; fired; ++n) {
        std::string offset = tus.get(url).header("upload-offset");
        proxy_->arm(n, WireProxy::Fault::refuse);
        Reply reply =
            tus.header("Upload-Offset", offset)
                .send("PATCH", url, text.substr(std::stoul(offset)), "application/offset+octet-stream");
        fired = proxy_->disarm().fired;
        EXPECT_EQ(reply.status >= 500, fired) << n << ": " << reply.body;
    }
    EXPECT_EQ(as("market_officer").post(url + "/inspect").json["row_count"], 2);
    std::string unwanted = begin.post_bytes("/api/v1/uploads", "", "").header("location");
    walk(tus, "DELETE", unwanted, "", "");
}

TEST_F(Atomicity, OfRequestsAndGrants) {
    std::string ref = publish(as("market_officer"), resource_body("共享", items())).at("ref");
    load(as("market_officer"), ref, "a.csv", "编号,数量\nA1,1\n");
    Json wanted{{"resource", ref},         {"items", {{{"column", "code"}}, {{"column", "amount"}}}},
                {"basis", "《某某条例》"}, {"scene", "核对"},
                {"scope", "本局"},         {"purpose", "行政审批"},
                {"mode", "api"},           {"months", 12}};
    auto ask = [&] { return walk(as("civil_officer"), "POST", "/api/v1/exchange/requests", wanted).json; };
    auto act = [](const std::string& who, const Json& one, const std::string& name, const Json& body) {
        return walk(as(who), "POST", "/api/v1/exchange/requests/" + id_of(one) + "/" + name, body).json;
    };
    act("civil_officer", ask(), "withdraw", Json::object());
    act("market_provider", ask(), "refuse", {{"reason", "不符合用途"}});
    Json approved = act("market_provider", ask(), "approve", Json::object());
    walk(as("market_provider"), "POST",
         "/api/v1/exchange/grants/" + approved["grant_id"].get<std::string>() + "/revoke",
         {{"reason", "用途变更"}});
}

TEST_F(Atomicity, OfOpening) {
    std::string ref = publish(as("market_officer"), resource_body("开放", items())).at("ref");
    load(as("market_officer"), ref, "a.csv", "编号,数量\nA1,1\n");
    Client officer = as("market_officer");
    Json body{{"resource", ref},
              {"slug", "atomic"},
              {"title", "原子性"},
              {"open_type", "unconditional"},
              {"items", {{{"column", "code"}}}},
              {"licence", "xz-open-1"},
              {"theme", "15"}};
    Json proposal = walk(officer, "POST", "/api/v1/open/proposals", body).json;
    std::string url = "/api/v1/open/proposals/" + id_of(proposal);
    body["title"] = "原子性,改名";
    proposal = walk(officer.if_match(proposal["version"]), "PUT", url, body).json;
    proposal = walk(officer.if_match(proposal["version"]), "POST", url + "/submit").json;
    proposal =
        walk(as("reviewer").if_match(proposal["version"]), "POST", url + "/return", {{"reason", "请补充"}})
            .json;
    proposal = walk(officer.if_match(proposal["version"]), "POST", url + "/submit").json;
    walk(as("reviewer").if_match(proposal["version"]), "POST", url + "/approve");
    EXPECT_EQ(anonymous().get("/datasets/atomic").status, 200);
}

TEST_F(Atomicity, OfCases) {
    Client wang = citizen(*server_, "wang", "王老五", "320302190001010010");
    std::string items = "/api/v1/services/items/" + std::string(allowance);
    walk(wang, "POST", items + "/prefill", {{"consent", true}});
    Json body = application(wang);
    Json one = walk(wang, "POST", "/api/v1/services/cases", body).json;
    one = act_on_case("window", one, "supplement",
                      {{"missing", {{{"code", "bank"}, {"reason", "写全称"}}}}, {"note", "请尽快"}});
    walk(wang, "POST", url_of(one) + "/answer", {{"form", {{"bank", "示例银行总行"}}}});
    one = act_on_case("window", current("window", one), "accept");
    one = act_on_case("civil_case", one, "start-review");
    one = act_on_case("civil_case", one, "decide", {{"result", "grant"}, {"reason", "符合条件"}});
    one = act_on_case("civil_case", one, "close");
    one = walk(wang, "POST", url_of(one) + "/review", {{"stars", 5}, {"comment", "很快"}}).json;
    EXPECT_EQ(one["review"]["stars"], 5);
    Json notices = wang.get("/api/v1/me/notices").json["items"];
    ASSERT_FALSE(notices.empty());
    walk(wang, "POST", "/api/v1/me/notices/" + id_of(notices[0]) + "/read");

    for (const char* end : {"withdraw", "refuse"}) {
        body["materials"][0]["attachment_id"] = attach(wang);
        Json other = wang.post("/api/v1/services/cases", body).json;
        act_on_case(std::string(end) == "refuse" ? "window" : "wang", other, end, {{"reason", "不办了"}});
    }
    walk(wang, "POST", "/api/v1/services/attachments?name=a.png", png, "application/octet-stream");
}

TEST_F(Atomicity, OfObjections) {
    Client zhao = citizen(*server_, "zhao", "赵小六", "320302190001010045");
    add_staff(*server_, "police", "021", {"data_officer"});
    std::string url = "/api/v1/services/items/" + std::string(allowance) + "/objections";
    Json wrong{{"field", "address"}, {"shown", "旧地址"}, {"right", "新地址"}, {"note", "已搬家"}};
    for (const char* answer : {"accept", "reject"}) {
        Json made = walk(zhao, "POST", url, wrong).json;
        Json reason{{std::string(answer) == "accept" ? "mended" : "reason", "已核实"}};
        walk(as("police").if_match(made["version"]), "POST",
             "/api/v1/services/objections/" + id_of(made) + "/" + answer, reason);
    }
}

TEST_F(Atomicity, OfAccounts) {
    walk(anonymous(), "POST", "/api/v1/accounts",
         {{"username", "atomic_citizen"},
          {"password", password},
          {"display_name", "孙七"},
          {"id_number", "32038219000430004X"},
          {"phone", "13800000000"}});
    Json made = walk(as("system_admin"), "POST", "/api/v1/users",
                     {{"username", "atomic"},
                      {"display_name", "新人"},
                      {"organization", market},
                      {"password", password}})
                    .json;
    std::string user = "/api/v1/users/" + id_of(made);
    Client security = as("security_admin");
    walk(security, "PUT", user + "/roles", {{"roles", {"case_officer"}}});
    walk(security, "PUT", user + "/grade", {{"grade_max", 2}});
    walk(as("system_admin"), "POST", user + "/disable");
    walk(as("system_admin"), "POST", user + "/enable");
    Json entry{{"username", "atomic"}, {"password", password}};
    put_right_ = forget_tries;
    walk(anonymous(), "POST", "/api/v1/session", entry);
    Client atomic = as("atomic");
    walk(atomic, "PUT", "/api/v1/me/password", {{"present", password}, {"password", "Quite-New-2026"}});
    put_right_ = nullptr;
    sql("INSERT INTO identity.outside_identity SELECT 'https://id.example', '1', id, now(), 'account' "
        "FROM identity.account WHERE username = 'atomic'");
    walk(atomic, "DELETE", "/api/v1/me/outside");
    for (int i = 0; i < 2; ++i) {
        anonymous().post("/api/v1/session", {{"username", "atomic"}, {"password", "Quite-New-2026"}});
    }
    Json sessions = atomic.get("/api/v1/me/sessions").json["items"];
    auto other = std::ranges::find_if(sessions, [](const Json& one) { return one["current"] == false; });
    ASSERT_NE(other, sessions.end()) << sessions.dump();
    walk(atomic, "DELETE", "/api/v1/me/sessions/" + id_of(*other));
    walk(atomic, "DELETE", "/api/v1/me/sessions");
    walk(atomic, "DELETE", "/api/v1/session");
    walk(security, "DELETE", user + "/sessions");
    for (int i = 0; i < 5; ++i) {
        anonymous().post("/api/v1/session", {{"username", "atomic"}, {"password", "wrong password"}});
    }
    Json lockouts = security.get("/api/v1/lockouts").json["items"];
    ASSERT_FALSE(lockouts.empty());
    walk(security, "DELETE", "/api/v1/lockouts/" + id_of(lockouts[0]));
}

TEST_F(Atomicity, OfTheSecondFactor) {
    add_staff(*server_, "second", std::string(market), {"data_officer"});
    Client holder = as("second");
    Json offer = walk(holder, "POST", "/api/v1/me/totp").json;
    std::string secret = secret_bytes(offer["secret"]);
    put_right_ = forget_tries;
    Json confirmed = walk(holder, "POST", "/api/v1/me/totp/confirm", {{"code", code_of(secret)}}).json;
    Json renewed =
        walk(holder, "POST", "/api/v1/me/totp/recovery-codes", {{"code", confirmed["recovery_codes"][0]}})
            .json;
    walk(holder, "POST", "/api/v1/me/totp/remove", {{"code", renewed["recovery_codes"][0]}});
    put_right_ = nullptr;
    holder.post("/api/v1/me/totp");
    std::string id = sql("SELECT id FROM identity.account WHERE username = 'second'");
    walk(as("security_admin"), "POST", "/api/v1/users/" + id + "/totp/reset");
}

TEST_F(Atomicity, OfSystems) {
    Client officer = as("market_officer");
    Json made = walk(officer, "POST", "/api/v1/clients", {{"name", "原子系统"}}).json;
    std::string id = made["client_id"];
    std::string url = "/api/v1/clients/" + id;
    walk(as("security_admin"), "PUT", url + "/grade", {{"grade_max", 2}});
    Json second = walk(officer, "POST", url + "/secrets").json;
    walk(officer, "POST", url + "/secrets/" + id_of(second) + "/retire");
    std::string form = "grant_type=client_credentials&client_id=" + id +
                       "&client_secret=" + percent_encode(made["client_secret"].get<std::string>());
    anonymous().get("/.well-known/jwks.json");  // makes the first key, a step of its own
    walk(anonymous(), "POST", "/oauth/token", form, "application/x-www-form-urlencoded");
    walk(officer, "POST", url + "/disable");
    walk(as("security_admin"), "POST", "/api/v1/token-keys/rotate", Json::object());
}

TEST_F(Atomicity, OfSchedulesAndJobs) {
    Client admin = as("system_admin");
    Json body = {
        {"code", "t-atomic"}, {"title", "月初清理"}, {"kind", "app.housekeeping"}, {"cron", "0 4 1 1 *"}};
    walk(admin, "POST", "/api/v1/schedules", body);
    body.erase("code");
    body["cron"] = "0 5 1 1 *";
    walk(admin.if_match(1), "PUT", "/api/v1/schedules/t-atomic", body);
    walk(admin, "POST", "/api/v1/schedules/t-atomic/pause", {{"paused", true}});
    walk(admin, "POST", "/api/v1/schedules/t-atomic/run");
    walk(admin, "DELETE", "/api/v1/schedules/t-atomic");
    std::string id = sql(
        "INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, created_by, "
        "run_at) "
        "VALUES (gen_random_uuid(), 'test.later', '040', 'x', '{}', 'later', 0, '', now() + interval '1 "
        "hour') "
        "RETURNING id");
    walk(as("market_officer"), "POST", "/api/v1/jobs/" + id + "/cancel");
    sql("UPDATE jobs.job SET state = 'dead' WHERE id = '" + id + "'");
    walk(as("market_officer"), "POST", "/api/v1/jobs/" + id + "/retry");
}

/// Runs after the walks above, so that a new route cannot be forgotten.
TEST_F(Atomicity, OfEveryWriteOfTheRouteTable) {
    // Chosen alone by a filter it has no walks to judge; in a whole run they came before, failed or not.
    if (walked_.size() < 2) {
        GTEST_SKIP() << "runs with the tests before it";
    }
    // Reads that take a body.
    const std::set<std::string> reads = {"POST /api/v1/schedules/upcoming"};
    for (const http::Route& route : app::all_routes()) {
        std::string name = std::string(http::to_text(route.verb)) + " " + std::string(route.path);
        EXPECT_TRUE(route.verb == http::Verb::get || walked_.contains(name) || reads.contains(name))
            << name << " is not walked";
    }
    std::cout << walked_.size() << " routes, " << failures_ << " failures\n";
}

}  // namespace pengcheng::test
