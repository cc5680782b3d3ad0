#include "harness.hpp"

#include <chrono>

namespace pengcheng::test {
namespace {

const std::string rows_csv =
    "credit_code,name,owner,phone,region\n"
    "A1,徐州一号商贸有限公司,张三,13800000001,320302\n"
    "A2,徐州二号食品有限公司,李小明,13800000002,320303\n"
    "A3,徐州三号建材有限公司,欧阳文博,13800000003,320302\n";

class ExchangeGrants : public ServerTest {
protected:
    static Json items() {
        return Json::array(
            {{{"name", "编号"},
              {"column", "credit_code"},
              {"type", "C"},
              {"nullable", false},
              {"primary_key", true}},
             {{"name", "企业名称"}, {"column", "name"}, {"type", "C"}},
             {{"name", "负责人"},
              {"column", "owner"},
              {"type", "C"},
              {"element", "person_name"},
              {"mask", "name"}},
             {{"name", "手机"}, {"column", "phone"}, {"type", "C"}, {"element", "mobile"}, {"grade", 3}},
             {{"name", "行政区"}, {"column", "region"}, {"type", "C"}}});
    }
    /// A published resource of market supervision with three rows; its ref.
    static std::string mounted(const std::string& name, const std::string& share_type = "conditional") {
        Json body = resource_body(name, items());
        body["share_type"] = share_type;
        if (share_type == "unconditional") {
            body["items"][3]["grade"] = 2;
        }
        if (share_type == "denied") {
            body["share_condition"] = "《某某法》第十条";
        }
        body["open_flag"] = false;
        body["open_type"] = "";
        std::string ref = publish(as("market_officer"), body).at("ref");
        load(as("market_officer"), ref, "rows.csv", rows_csv);
        return ref;
    }
    static Json asking(const std::string& ref) {
        return {{"resource", ref},
                {"items",
                 {{{"column", "credit_code"}},
                  {{"column", "name"}},
                  {{"column", "phone"}},
                  {{"column", "region"}}}},
                {"basis", "《社会救助暂行办法》"},
                {"scene", "低保核对"},
                {"scope", "民政局社会救助科"},
                {"purpose", "行政审批"},
                {"mode", "api"},
                {"months", 12}};
    }
    static Json ask(const Json& body, int status = 201) {
        Reply reply = as("civil_officer").post("/api/v1/exchange/requests", body);
        EXPECT_EQ(reply.status, status) << reply.body;
        return reply.json;
    }
    static Reply act(const std::string& who, const Json& request, const std::string& name,
                     const Json& body = Json::object()) {
        return as(who).post("/api/v1/exchange/requests/" + request.at("id").get<std::string>() + "/" + name,
                            body);
    }
    static std::string data(const std::string& ref) { return "/api/v1/data/" + ref; }
};

TEST_F(ExchangeGrants, RequestGrantReadRevoke) {
    std::string ref = mounted("申请到收回");
    Reply without = as("civil_officer").get(data(ref));
    EXPECT_EQ(without.status, 403);
    EXPECT_EQ(without.json["type"], "/problems/exchange.no-grant");

    Json request = ask(asking(ref));
    EXPECT_EQ(request["state"], "provider_review");
    EXPECT_EQ(request["days_left"], 10);
    EXPECT_EQ(request["light"], "green");
    EXPECT_EQ(request["items"][2]["mask"], "mobile");
    EXPECT_EQ(as("civil_officer").get(data(ref)).status, 403) << "no row before the grant";

    Reply approved = act("market_provider", request, "approve", {{"note", "同意"}});
    ASSERT_EQ(approved.status, 200) << approved.body;
    EXPECT_EQ(approved.json["state"], "approved");
    EXPECT_TRUE(approved.json["days_left"].is_null());

    Reply read = as("civil_officer").get(data(ref) + "?region=eq.320302&order=credit_code");
    ASSERT_EQ(read.status, 200) << read.body;
    ASSERT_EQ(read.json.size(), 2U);
    EXPECT_EQ(read.json[0], (Json{{"credit_code", "A1"},
                                  {"name", "徐州一号商贸有限公司"},
                                  {"phone", "138****0001"},
                                  {"region", "320302"}}));
    Reply hidden = as("civil_officer").get(data(ref) + "?owner=eq.x");
    Reply unknown = as("civil_officer").get(data(ref) + "?no_such=eq.x");
    EXPECT_EQ(hidden.status, unknown.status);

    std::string grant = approved.json["grant_id"];
    const Json system = as("civil_officer").post("/api/v1/clients", {{"name", "民政平台"}}).json;
    const std::string form =
        "grant_type=client_credentials&client_id=" + system["client_id"].get<std::string>() +
        "&client_secret=" + system["client_secret"].get<std::string>();
    const Reply token = anonymous().send("POST", "/oauth/token", form, "application/x-www-form-urlencoded");
    ASSERT_EQ(token.status, 200) << token.body;
    EXPECT_EQ(server_->bearer(token.json["access_token"]).get(data(ref) + "?limit=1").status, 200);
    Json newest =
        as("market_provider").get("/api/v1/exchange/grants/" + grant + "/accesses").json["items"][0];
    EXPECT_EQ(newest["principal"], system["client_id"]);
    EXPECT_EQ(newest["principal_name"], "民政平台");
    EXPECT_TRUE(newest["system"].get<bool>());

    Json accesses = as("market_provider").get("/api/v1/exchange/grants/" + grant + "/accesses").json;
    auto full = std::find_if(accesses["items"].begin(), accesses["items"].end(),
                             [](const Json& one) { return one["rows"] == 2; });
    ASSERT_NE(full, accesses["items"].end()) << accesses;
    EXPECT_EQ((*full)["organization"], "022");
    EXPECT_EQ((*full)["organization_name"], "徐州市民政局");
    EXPECT_EQ((*full)["principal_name"], "civil_officer");
    EXPECT_EQ((*full)["fields"], (Json{"credit_code", "name", "phone", "region"}));
    Json of_resource = as("market_provider").get("/api/v1/exchange/resources/" + ref + "/accesses").json;
    EXPECT_GE(of_resource["items"].size(), 3U) << "refusals are evidence too";

    std::string url = "/api/v1/exchange/grants/" + grant;
    EXPECT_EQ(as("civil_provider").post(url + "/revoke", {{"reason", "x"}}).status, 403);
    EXPECT_EQ(as("market_provider").post(url + "/revoke", {{"reason", " "}}).status, 422);
    Reply revoked = as("market_provider").post(url + "/revoke", {{"reason", "用途已了"}});
    ASSERT_EQ(revoked.status, 200) << revoked.body;
    EXPECT_EQ(revoked.json["state"], "revoked");
    EXPECT_EQ(as("civil_officer").get(data(ref)).status, 403);
    EXPECT_EQ(as("market_provider").post(url + "/revoke", {{"reason", "再收一次"}}).status, 409);
}

TEST_F(ExchangeGrants, TheProviderMayTightenButNotWiden) {
    std::string ref = mounted("只紧不松");
    Json request = ask(asking(ref));
    Reply wider = act("market_provider", request, "approve", {{"masks", {{"phone", "email"}}}});
    EXPECT_EQ(wider.status, 422);
    EXPECT_EQ(wider.json["type"], "/problems/exchange.widening");
    EXPECT_EQ(act("market_provider", request, "approve", {{"masks", {{"owner", "hide"}}}}).status, 422);
    Reply partly = act("market_provider", request, "approve",
                       {{"masks", {{"phone", "hide"}}}, {"drop", {"region"}}, {"note", "行政区不提供"}});
    ASSERT_EQ(partly.status, 200) << partly.body;
    EXPECT_EQ(partly.json["state"], "partly_approved");
    Json rows = as("civil_officer").get(data(ref) + "?order=credit_code&limit=1").json;
    EXPECT_FALSE(rows[0].contains("region"));
    EXPECT_NE(rows[0]["phone"], "13800000001");
}

TEST_F(ExchangeGrants, PlainSensitiveItemsNeedAReason) {
    std::string ref = mounted("明文要理由");
    Json body = asking(ref);
    body["items"] = {{{"column", "phone"}, {"mask", "plain"}}};
    Json refused = ask(body, 422);
    EXPECT_EQ(refused["errors"][0]["pointer"], "/items/0/reason");
    body["items"][0]["reason"] = "短信通知本人";
    Json request = ask(body);
    ASSERT_EQ(act("market_provider", request, "approve").status, 200);
    Json rows = as("civil_officer").get(data(ref) + "?order=phone&limit=1").json;
    EXPECT_EQ(rows, (Json::array({{{"phone", "13800000001"}}})));
}

TEST_F(ExchangeGrants, UnconditionalIsGrantedAtOnceAndDeniedRefusedWithItsLaw) {
    std::string open = mounted("无条件共享资源", "unconditional");
    Json granted = ask(asking(open));
    EXPECT_EQ(granted["state"], "approved");
    EXPECT_EQ(granted["by_rule"], true);
    EXPECT_EQ(as("civil_officer").get(data(open)).status, 200);

    std::string closed = mounted("不予共享资源", "denied");
    Json refused = ask(asking(closed));
    EXPECT_EQ(refused["state"], "refused");
    EXPECT_NE(refused["answer"].get<std::string>().find("第十条"), std::string::npos);
    EXPECT_EQ(as("civil_officer").get(data(closed)).status, 403);
}

TEST_F(ExchangeGrants, TheRowFilterBindsTheReader) {
    std::string ref = mounted("只看一区");
    Json body = asking(ref);
    body["row_filter"] = "nonsense=zz.1";
    EXPECT_EQ(ask(body, 422)["errors"][0]["pointer"], "/row_filter");
    body["row_filter"] = "region=eq.320303";
    Json request = ask(body);
    ASSERT_EQ(act("market_provider", request, "approve").status, 200);
    Json rows = as("civil_officer").get(data(ref)).json;
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]["credit_code"], "A2");
    EXPECT_TRUE(as("civil_officer").get(data(ref) + "?region=eq.320302").json.empty());
}

TEST_F(ExchangeGrants, AnItemTakenOutOfTheEntryIsReadNoMore) {
    std::string ref = mounted("少了一项");
    ASSERT_EQ(act("market_provider", ask(asking(ref)), "approve").status, 200);
    ASSERT_TRUE(as("civil_officer").get(data(ref)).json[0].contains("name"));
    std::string url = "/api/v1/catalogue/resources/" + ref;
    Json body = resource_body("少了一项", items());
    body["items"].erase(1);
    body["share_type"] = "conditional";
    body["open_flag"] = false;
    body["open_type"] = "";
    auto must = [](const Reply& reply) {
        EXPECT_LT(reply.status, 300) << reply.body;
        return reply.json;
    };
    Client officer = as("market_officer");
    Json entry = officer.get(url).json;
    entry = must(officer.if_match(entry["version"]).put(url, body));
    entry = must(officer.if_match(entry["version"]).post(url + "/submit"));
    entry = must(as("reviewer").if_match(entry["version"]).post(url + "/approve"));
    must(as("reviewer").if_match(entry["version"]).post(url + "/publish"));
    Json row = as("civil_officer").get(data(ref)).json[0];
    EXPECT_FALSE(row.contains("name")) << row;
    EXPECT_EQ(row["credit_code"], "A1");
    Reply gone = as("civil_officer").get(data(ref) + "?select=name");
    Reply none = as("civil_officer").get(data(ref) + "?select=nome");
    EXPECT_EQ(gone.status, none.status);
    EXPECT_EQ(gone.json["type"], none.json["type"]);
}

TEST_F(ExchangeGrants, WrongTurnsChangeNothing) {
    std::string ref = mounted("走错的路");
    Json request = ask(asking(ref));
    std::string before = dump({"exchange"});
    EXPECT_EQ(anonymous().get(data(ref)).status, 401);
    EXPECT_EQ(anonymous().post("/api/v1/exchange/requests", asking(ref)).status, 401);
    EXPECT_EQ(act("civil_officer", request, "approve").status, 403);
    EXPECT_EQ(act("civil_provider", request, "approve").status, 403);
    EXPECT_EQ(act("market_provider", request, "refuse", {{"reason", " "}}).status, 422);
    EXPECT_EQ(act("market_officer", request, "withdraw").status, 403);
    EXPECT_EQ(ask(asking(ref), 409)["type"], "/problems/exchange.already-asked");
    EXPECT_EQ(as("market_officer").post("/api/v1/exchange/requests", asking(ref)).json["type"],
              "/problems/exchange.own-resource");
    Json missing = asking(ref);
    missing["basis"] = " ";
    missing["items"].push_back({{"column", "nothing"}});
    EXPECT_EQ(ask(missing, 422)["errors"][0]["pointer"], "/basis");
    Json elsewhere = asking("303040-999999");
    EXPECT_EQ(ask(elsewhere, 404)["type"], "/problems/exchange.no-resource");
    EXPECT_EQ(as("civil_officer").get(data("303040-999999")).status, 404);
    EXPECT_EQ(as("market_provider").get("/api/v1/exchange/requests/no-such").status, 404);
    EXPECT_EQ(dump({"exchange"}), before);

    EXPECT_EQ(act("civil_officer", request, "withdraw", {{"reason", "不再需要"}}).json["state"], "withdrawn");
    EXPECT_EQ(act("market_provider", request, "approve").status, 409);
}

TEST_F(ExchangeGrants, BoxesShowEachSideItsOwn) {
    std::string ref = mounted("收发件箱");
    ask(asking(ref));
    auto count = [&](const std::string& who, const std::string& box) {
        return as(who).get("/api/v1/exchange/requests?resource=" + ref + "&box=" + box).json["items"].size();
    };
    EXPECT_EQ(count("civil_officer", "sent"), 1U);
    EXPECT_EQ(count("civil_officer", "received"), 0U);
    EXPECT_EQ(count("market_provider", "received"), 1U);
    EXPECT_EQ(count("reviewer", "all"), 1U);
}

TEST_F(ExchangeGrants, TheOwnDepartmentReadsInFullAndANewGrantReplacesTheOld) {
    std::string ref = mounted("本部门全看");
    Json own = as("market_officer").get(data(ref) + "?order=credit_code&limit=1").json;
    EXPECT_EQ(own[0]["owner"], "张三");
    EXPECT_EQ(own[0]["phone"], "13800000001");

    Json first = ask(asking(ref));
    std::string old = act("market_provider", first, "approve").json["grant_id"];
    Json narrower = asking(ref);
    narrower["items"] = {{{"column", "name"}}};
    Json second = ask(narrower);
    ASSERT_EQ(act("market_provider", second, "approve").status, 200);
    EXPECT_EQ(as("market_provider").get("/api/v1/exchange/grants/" + old).json["state"], "expired");
    Json rows = as("civil_officer").get(data(ref) + "?limit=1").json;
    EXPECT_EQ(rows[0].size(), 1U);
}

TEST_F(ExchangeGrants, AGrantEndsByItself) {
    std::string ref = mounted("到期自止");
    Json request = ask(asking(ref));
    std::string grant = act("market_provider", request, "approve").json["grant_id"];
    sql("UPDATE exchange.access_grant SET starts_at = now() - interval '2 years', ends_at = now() - interval "
        "'1 day' "
        "WHERE id = '" +
        grant + "'");
    EXPECT_EQ(as("civil_officer").get(data(ref)).status, 403);
    EXPECT_EQ(as("civil_officer").get("/api/v1/exchange/grants/" + grant).json["state"], "expired");
}

}  // namespace
}  // namespace pengcheng::test
