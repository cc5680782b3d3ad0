#include "services/citizen.hpp"

namespace pengcheng::test {

class Cases : public ServerTest {
protected:
    static void SetUpTestSuite() {
        ServerTest::SetUpTestSuite();
        wang() = citizen(*server_, "wang", "王老五", "320302190001010010");
        zhao() = citizen(*server_, "zhao", "赵六", "320302190001010045");
        add_staff(*server_, "civil_both", std::string(civil), {"window_staff", "case_officer"});
    }
    static Client& wang() {
        static Client client;
        return client;
    }
    static Client& zhao() {
        static Client client;
        return client;
    }
    static std::string type(const Reply& reply) { return reply.json.value("type", reply.body); }
    /// The case as `client` sees it now.
    static Json now(const Client& client, const Json& one) { return client.get(url_of(one)).json; }
    static Reply act(const Client& client, const Json& one, const std::string& action, const Json& body) {
        const auto version = std::stoll(sql("SELECT version FROM services.case_file WHERE case_no = '" +
                                            one["case_no"].get<std::string>() + "'"));
        return client.if_match(version).post(url_of(one) + "/" + action, body);
    }
    static const Json ask;
};

const Json Cases::ask{
    {"missing",
     {{{"code", "bank_card"}, {"reason", "照片不清晰"}}, {{"code", "bank"}, {"reason", "写全称"}}}},
    {"note", "请尽快"}};

TEST_F(Cases, GoFromApplicationToRating) {
    Json one = apply(wang());
    EXPECT_EQ(one["state"], "received");
    EXPECT_EQ(one["case_no"].get<std::string>().size(), 24u);
    EXPECT_EQ(one["applicant"], "王老五");
    EXPECT_EQ(one["form"][1]["value"], "男");

    Client window = as("window");
    ASSERT_EQ(act(window, one, "supplement", ask).status, 200);
    Json asked = now(wang(), one);
    EXPECT_EQ(asked["state"], "supplement");
    EXPECT_EQ(asked["supplement"]["missing"][0]["name"], "社会保障卡或银行卡（卡号面）");
    Json given{{"materials", {{{"code", "bank_card"}, {"attachment_id", attach(wang())}}}},
               {"form", {{"bank", "示例银行总行"}}}};
    Reply answered = wang().post(url_of(one) + "/answer", given);
    ASSERT_EQ(answered.status, 200) << answered.body;
    EXPECT_EQ(answered.json["state"], "received");

    ASSERT_EQ(act(window, one, "accept", Json::object()).status, 200);
    Client officer = as("civil_case");
    ASSERT_EQ(act(officer, one, "start-review", Json::object()).status, 200);
    Reply decided = act(officer, one, "decide", {{"result", "grant"}, {"reason", "符合条件"}});
    ASSERT_EQ(decided.status, 200) << decided.body;
    EXPECT_EQ(decided.json["state"], "decided");
    ASSERT_EQ(act(officer, one, "close", Json::object()).status, 200);

    Reply rated = wang().post(url_of(one) + "/review", {{"stars", 5}, {"comment", "很快"}});
    ASSERT_EQ(rated.status, 200) << rated.body;
    EXPECT_EQ(rated.json["review"]["stars"], 5);
    EXPECT_EQ(type(wang().post(url_of(one) + "/review", {{"stars", 4}})), "/problems/services.rated-before");

    std::vector<std::string> steps;
    const Json closed = now(wang(), one);
    for (const auto& event : closed["events"]) {
        steps.push_back(event["action"]);
    }
    const std::vector<std::string> wanted{"submit",       "supplement", "answer", "accept",
                                          "start_review", "decide",     "close"};
    EXPECT_EQ(steps, wanted);
    const auto number = one["case_no"].get<std::string>();
    EXPECT_EQ(sql("SELECT count(*) FROM audit.record WHERE object = '" + number + "'"), "8");
    Json notices = wang().get("/api/v1/me/notices").json;
    EXPECT_GE(notices["items"].size(), 6u);
}

TEST_F(Cases, RefuseEveryWrongTurn) {
    Json one = apply(wang());
    Client window = as("window");
    Client officer = as("civil_case");
    const auto refused = [&](const Reply& reply, int status, const std::string& problem) {
        EXPECT_EQ(reply.status, status) << reply.body;
        EXPECT_EQ(type(reply), "/problems/" + problem);
    };
    std::string before = dump({"services", "events"});
    refused(act(officer, one, "start-review", Json::object()), 409, "services.wrong-state");
    refused(act(officer, one, "decide", {{"result", "grant"}}), 409, "services.wrong-state");
    refused(act(officer, one, "close", Json::object()), 409, "services.wrong-state");
    refused(wang().post(url_of(one) + "/answer", Json::object()), 409, "services.wrong-state");
    refused(wang().post(url_of(one) + "/review", {{"stars", 5}}), 409, "services.wrong-state");
    refused(window.if_match(99).post(url_of(one) + "/accept"), 412, "base.stale");
    EXPECT_EQ(window.post(url_of(one) + "/accept").status, 428);
    const Json unknown{{"missing", {{{"code", "nothing"}, {"reason", "x"}}}}};
    refused(act(window, one, "supplement", unknown), 422, "base.invalid-input");
    EXPECT_EQ(dump({"services", "events"}), before);

    ASSERT_EQ(act(window, one, "supplement", ask).status, 200);
    before = dump({"services", "events"});
    refused(act(window, one, "accept", Json::object()), 409, "services.wrong-state");
    refused(act(window, one, "refuse", {{"reason", "没有补正"}}), 409, "services.still-time");
    refused(wang().post(url_of(one) + "/answer", {{"form", {{"bank", "全称"}}}}), 422, "services.bad-form");
    refused(wang().post(url_of(one) + "/answer", {{"form", {{"name", "张三"}}}}), 422, "services.incomplete");
    EXPECT_EQ(dump({"services", "events"}), before);

    Json given{{"materials", {{{"code", "bank_card"}, {"attachment_id", attach(wang())}}}},
               {"form", {{"bank", "全称"}}}};
    ASSERT_EQ(wang().post(url_of(one) + "/answer", given).status, 200);
    before = dump({"services", "events"});
    refused(act(window, one, "supplement", ask), 409, "services.asked-before");
    EXPECT_EQ(dump({"services", "events"}), before);
    ASSERT_EQ(act(window, one, "accept", Json::object()).status, 200);
    refused(act(officer, one, "decide", {{"result", "refuse"}, {"reason", " "}}), 422, "base.invalid-input");
    ASSERT_EQ(act(officer, one, "decide", {{"result", "refuse"}, {"reason", "不符合条件"}}).status, 200);
    refused(act(wang(), one, "withdraw", {{"reason", "不办了"}}), 409, "services.wrong-state");
    refused(wang().post(url_of(one) + "/review", {{"stars", 1}}), 422, "base.invalid-input");
}

TEST_F(Cases, WhoAcceptedMayNotDecide) {
    Json one = apply(wang());
    Client both = as("civil_both");
    ASSERT_EQ(act(both, one, "accept", Json::object()).status, 200);
    Reply reply = act(both, one, "decide", {{"result", "grant"}});
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(type(reply), "/problems/services.same-account");
    EXPECT_EQ(type(act(both, one, "start-review", Json::object())), "/problems/services.same-account");
    EXPECT_EQ(act(as("civil_case"), one, "decide", {{"result", "grant"}}).status, 200);
}

TEST_F(Cases, AreHiddenFromOthers) {
    Json one = apply(wang());
    EXPECT_EQ(zhao().get(url_of(one)).status, 403);
    EXPECT_EQ(as("market_case").get(url_of(one)).status, 403);
    EXPECT_EQ(anonymous().get(url_of(one)).status, 401);
    EXPECT_EQ(zhao().post(url_of(one) + "/answer").status, 403);
    EXPECT_EQ(zhao().get("/my/cases/" + one["case_no"].get<std::string>()).status, 404);
    const auto attachment =
        "/api/v1/services/attachments/" + one["materials"][0]["attachment_id"].get<std::string>();
    EXPECT_EQ(wang().get(attachment).body, png);
    EXPECT_EQ(as("civil_case").get(attachment).status, 200);
    EXPECT_EQ(zhao().get(attachment).status, 403);
    EXPECT_EQ(as("market_case").get(attachment).status, 403);
    // The form lies sealed.
    EXPECT_EQ(sql("SELECT count(*) FROM services.case_file WHERE form_sealed LIKE '%王老五%'"), "0");
}

TEST_F(Cases, RefuseWrongFormsAndChangeNothing) {
    const Json right = application(wang());
    const std::string strange = attach(zhao());
    // A serial may be used up; nothing else changes.
    const auto stored = [] {
        return sql(
            "SELECT concat_ws(' ', (SELECT count(*) FROM services.case_file), (SELECT count(*) FROM "
            "services.case_event), (SELECT count(*) FROM services.consent), (SELECT count(*) FROM "
            "services.attachment), (SELECT count(*) FROM services.attachment WHERE case_no IS NOT NULL))");
    };
    const std::string before = stored();
    const auto errors = [&](const Json& body) {
        Reply reply = wang().post("/api/v1/services/cases", body);
        EXPECT_EQ(reply.status, 422) << reply.body;
        return reply.json.contains("errors") ? reply.json["errors"][0]["pointer"].get<std::string>()
                                             : reply.body;
    };
    Json wrong = right;
    wrong["form"].erase("bank");
    EXPECT_EQ(errors(wrong), "/form/bank");
    wrong = right;
    wrong["form"]["more"] = "x";
    EXPECT_EQ(errors(wrong), "/form/more");
    wrong = right;
    wrong["materials"] = Json::array();
    EXPECT_EQ(errors(wrong), "/materials");
    wrong = right;
    wrong["materials"][0]["attachment_id"] = strange;
    EXPECT_EQ(errors(wrong), "/materials/0/attachment_id");
    wrong = right;
    wrong["materials"][0]["code"] = "other";
    EXPECT_EQ(errors(wrong), "/materials/0/code");
    const auto hand_in = [](const std::string& bytes) {
        return wang()
            .post_bytes("/api/v1/services/attachments?name=a.pdf", bytes, "application/octet-stream")
            .status;
    };
    EXPECT_EQ(hand_in("MZ plain program"), 422);
    EXPECT_EQ(hand_in(""), 422);
    std::string large = "%PDF-1.7";
    large.resize((20 << 20) + 1, ' ');
    EXPECT_EQ(hand_in(large), 413);
    for (const char* name : {"a%0D%0AX:y.png", "%E2%80%AEgnp.exe", "..", "a%7F.png"}) {
        EXPECT_EQ(wang()
                      .post_bytes("/api/v1/services/attachments?name=" + std::string(name), png,
                                  "application/octet-stream")
                      .status,
                  422)
            << name;
    }
    EXPECT_EQ(stored(), before);
}

TEST_F(Cases, OneKeyMakesOneCase) {
    Json body = application(wang());
    Client once = wang().header("Idempotency-Key", "key-1");
    Reply first = once.post("/api/v1/services/cases", body);
    ASSERT_EQ(first.status, 201) << first.body;
    Reply second = once.post("/api/v1/services/cases", body);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.json["case_no"], first.json["case_no"]);
    // The key still holds when the kept reply is gone.
    sql("DELETE FROM http.idempotency");
    Reply third = once.post("/api/v1/services/cases", body);
    EXPECT_EQ(third.json["case_no"], first.json["case_no"]) << third.body;
    body["form"]["bank"] = "另一家银行";
    sql("DELETE FROM http.idempotency");
    EXPECT_EQ(type(once.post("/api/v1/services/cases", body)), "/problems/services.idempotency-key-reused");
}

TEST_F(Cases, WithdrawAndRefuseEndThem) {
    Json one = apply(wang());
    EXPECT_EQ(act(wang(), one, "withdraw", {{"reason", "不办了"}}).json["state"], "withdrawn");
    EXPECT_EQ(type(act(as("window"), one, "accept", Json::object())), "/problems/services.wrong-state");
    Json two = apply(wang());
    EXPECT_EQ(act(as("window"), two, "refuse", {{"reason", "不属于本部门职权"}}).json["state"], "refused");
}

TEST_F(Cases, StandInTheBoxesOfThoseWhoAct) {
    Json one = apply(wang());
    const auto listed = [&](const Client& client, const std::string& box) {
        const Json cases = client.get("/api/v1/services/cases?limit=100&box=" + box).json;
        for (const auto& found : cases["items"]) {
            if (found["case_no"] == one["case_no"]) {
                return true;
            }
        }
        return false;
    };
    EXPECT_TRUE(listed(wang(), "mine"));
    EXPECT_FALSE(listed(zhao(), "mine"));
    EXPECT_TRUE(listed(as("window"), "intake"));
    EXPECT_FALSE(listed(as("market_case"), "all"));
    EXPECT_EQ(zhao().get("/api/v1/services/cases?box=all").status, 403);
    ASSERT_EQ(act(as("window"), one, "accept", Json::object()).status, 200);
    EXPECT_FALSE(listed(as("window"), "intake"));
    EXPECT_TRUE(listed(as("civil_case"), "decide"));
    EXPECT_FALSE(listed(as("market_case"), "decide"));
}

TEST_F(Cases, PrintDocumentsThatCanBeChecked) {
    Json one = apply(wang());
    Reply receipt = wang().get(url_of(one) + "/receipt");
    ASSERT_EQ(receipt.status, 200);
    EXPECT_NE(receipt.body.find(one["case_no"].get<std::string>()), std::string::npos);
    const auto digest = sql("SELECT receipt_digest FROM services.case_file WHERE case_no = '" +
                            one["case_no"].get<std::string>() + "'");
    EXPECT_NE(receipt.body.find(digest), std::string::npos);
    const auto check = "/api/v1/services/documents/receipt/" + one["case_no"].get<std::string>() + "?digest=";
    EXPECT_EQ(anonymous().get(check + digest).json["valid"], true);
    EXPECT_EQ(anonymous().get(check + std::string(64, '0')).json["valid"], false);
    EXPECT_EQ(wang().get(url_of(one) + "/decision").status, 404);
    ASSERT_EQ(act(as("window"), one, "accept", Json::object()).status, 200);
    ASSERT_EQ(act(as("civil_case"), one, "decide", {{"result", "grant"}}).status, 200);
    EXPECT_NE(wang().get(url_of(one) + "/decision").body.find("准予决定书"), std::string::npos);
}

TEST_F(Cases, HavePagesThatReadWithoutScript) {
    Json one = apply(wang());
    EXPECT_NE(anonymous().get("/services").body.find("高龄津贴（尊老金）申领"), std::string::npos);
    EXPECT_EQ(anonymous().get("/services?q=%E6%8B%9B%E7%89%8C").body.find("高龄津贴"), std::string::npos);
    const auto guide = anonymous().get(std::string("/services/") + allowance).body;
    EXPECT_NE(guide.find("年满 80 周岁"), std::string::npos);
    EXPECT_NE(guide.find("GovernmentService"), std::string::npos);
    EXPECT_EQ(anonymous().get("/services/none").status, 404);
    Reply apply_page = anonymous().get(std::string("/services/") + allowance + "/apply");
    EXPECT_EQ(apply_page.status, 303);
    EXPECT_TRUE(apply_page.header("location").starts_with("/login?")) << apply_page.header("location");
    const auto shell = wang().get(std::string("/services/") + allowance + "/apply").body;
    EXPECT_NE(shell.find("data-island=\"service-form\""), std::string::npos);
    EXPECT_EQ(anonymous().get("/my").status, 303);
    EXPECT_NE(wang().get("/my").body.find(one["case_no"].get<std::string>()), std::string::npos);
    const auto page = wang().get("/my/cases/" + one["case_no"].get<std::string>()).body;
    EXPECT_NE(page.find("已收件"), std::string::npos);
    EXPECT_NE(page.find("提交申请"), std::string::npos);
}

}  // namespace pengcheng::test
