#include "services/citizen.hpp"

namespace pengcheng::test {

/// The population register of public security, with three people, and civil affairs' grant on it.
class Prefill : public ServerTest {
protected:
    static void SetUpTestSuite() {
        ServerTest::SetUpTestSuite();
        wang() = citizen(*server_, "wang", "王老五", "320302190001010010");
        other_name() = citizen(*server_, "zhao", "赵小六", "320302190001010045");
        for (const char* role : {"data_officer", "provider_officer"}) {
            add_staff(*server_, std::string("police_") + role, "021", {role});
        }
        Json items = {item("公民身份号码", "id_number", "C", true),
                      item("姓名", "name", "C", false),
                      item("性别", "sex", "C", false),
                      item("出生日期", "birth_date", "D", false),
                      item("住址", "address", "C", false),
                      item("联系电话", "phone", "C", false)};
        Json body = resource_body("人口基础信息", items);
        body["open_flag"] = false;
        body["open_type"] = "denied";
        Client officer = server_->as("police_data_officer");
        ref() = publish(officer, body)["ref"];
        Json batch = load(officer, ref(), "people.csv",
                          "公民身份号码,姓名,性别,出生日期,住址,联系电话\n"
                          "320302190001010010,王老五,1,1900-01-01,江苏省徐州市鼓楼区示例一路1号,13800000001\n"
                          "320302190001010045,赵六,2,1900-01-01,江苏省徐州市鼓楼区示例一路2号,13800000002\n");
        ASSERT_EQ(batch["rows_loaded"], 2) << batch.dump();
    }
    static Json item(const char* name, const char* column, const char* type, bool key) {
        return {{"name", name},     {"column", column},   {"type", type}, {"length", 200},
                {"nullable", !key}, {"primary_key", key}, {"grade", 1}};
    }
    static Client& wang() {
        static Client client;
        return client;
    }
    static Client& other_name() {
        static Client client;
        return client;
    }
    static std::string& ref() {
        static std::string value;
        return value;
    }
    static void grant() {
        Json columns = Json::array();
        for (const char* column : {"id_number", "name", "sex", "birth_date", "address"}) {
            columns.push_back({{"column", column}});
        }
        Reply asked = as("civil_officer")
                          .post("/api/v1/exchange/requests", {{"resource", ref()},
                                                              {"items", columns},
                                                              {"basis", "老年人权益保障法"},
                                                              {"scene", "高龄津贴审查"},
                                                              {"scope", "承办人员"},
                                                              {"purpose", "2"},
                                                              {"mode", "api"},
                                                              {"months", 12}});
        ASSERT_EQ(asked.status, 201) << asked.body;
        Reply approved =
            server_->as("police_provider_officer")
                .post("/api/v1/exchange/requests/" + asked.json["id"].get<std::string>() + "/approve");
        ASSERT_EQ(approved.status, 200) << approved.body;
    }
    static Reply prefill(const Client& client) {
        return client.post(std::string("/api/v1/services/items/") + allowance + "/prefill",
                           {{"consent", true}});
    }
};

TEST_F(Prefill, NeedsConsentGrantAndTheSameName) {
    EXPECT_EQ(wang()
                  .post(std::string("/api/v1/services/items/") + allowance + "/prefill", {{"consent", false}})
                  .status,
              422);
    Reply without = prefill(wang());
    ASSERT_EQ(without.status, 200) << without.body;
    EXPECT_TRUE(without.json["fields"].empty());
    EXPECT_EQ(without.json["missing"], (Json{"name", "sex", "birth_date", "address"}));
    EXPECT_EQ(wang().get("/api/v1/me/accesses").json["items"].size(), 0u);

    grant();
    Reply read = prefill(wang());
    ASSERT_EQ(read.status, 200) << read.body;
    EXPECT_EQ(read.json["fields"]["name"]["value"], "王老五") << read.body;
    EXPECT_EQ(read.json["fields"]["sex"]["value"], "1");
    EXPECT_EQ(read.json["fields"]["birth_date"]["value"], "1900-01-01");
    EXPECT_EQ(read.json["fields"]["address"]["source"]["title"], "人口基础信息");
    EXPECT_TRUE(read.json["missing"].empty());

    // The register knows this ID number by another name.
    Reply stranger = prefill(other_name());
    ASSERT_EQ(stranger.status, 200);
    EXPECT_TRUE(stranger.json["fields"].empty()) << stranger.body;

    Json accesses = wang().get("/api/v1/me/accesses").json["items"];
    ASSERT_EQ(accesses.size(), 1u);
    EXPECT_EQ(accesses[0]["organization"], "022");
    EXPECT_EQ(accesses[0]["channel"], "prefill");
    EXPECT_EQ(accesses[0]["resource_name"], "人口基础信息");
    EXPECT_EQ(accesses[0]["system"], "") << "read for the person itself, not by a system";
    EXPECT_NE(accesses[0]["field_names"].dump().find("出生日期"), std::string::npos);

    Json body = application(wang());
    for (const auto& [name, field] : read.json["fields"].items()) {
        body["form"][name] = field["value"];
    }
    body["form"]["address"] = "江苏省徐州市云龙区另一处";
    Reply made = wang().post("/api/v1/services/cases", body);
    ASSERT_EQ(made.status, 201) << made.body;
    for (const auto& field : made.json["form"]) {
        const bool from_register =
            field["name"] == "name" || field["name"] == "sex" || field["name"] == "birth_date";
        EXPECT_EQ(field["source"] != "", from_register) << field.dump();
    }
    Json used = wang().get(url_of(made.json) + "/accesses").json["items"];
    ASSERT_EQ(used.size(), 1u);
    EXPECT_EQ(used[0]["case_no"], made.json["case_no"]);
    EXPECT_NE(wang().get("/my").body.find("人口基础信息"), std::string::npos);
}

namespace {

Reply object(const Client& client, const std::string& right) {
    return client.post(std::string("/api/v1/services/items/") + allowance + "/objections",
                       {{"field", "address"}, {"shown", "旧地址"}, {"right", right}, {"note", "已搬家"}});
}

std::string url_of_objection(const Json& objection) {
    return "/api/v1/services/objections/" + objection["id"].get<std::string>();
}

}  // namespace

TEST_F(Prefill, ObjectionsReachTheProvider) {
    Reply made = object(wang(), "新地址");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json["provider"]["code"], "021");
    EXPECT_EQ(made.json["resource"]["ref"], ref());
    EXPECT_EQ(made.json["state"], "raised");
    // After office hours it counts as received on the next working day.
    EXPECT_GE(made.json["days_left"], 5);
    EXPECT_LE(made.json["days_left"], 6);
    // The person knows who it is; the department is told enough to find the record.
    EXPECT_TRUE(made.json["person"].is_null());
    auto police = server_->as("police_data_officer");
    Json notices = police.get("/api/v1/me/notices").json["items"];
    ASSERT_FALSE(notices.empty());
    EXPECT_EQ(notices[0]["title"], "数据异议：人口基础信息");
    EXPECT_EQ(notices[0]["link"], "/console/objections?id=" + made.json["id"].get<std::string>());
    Json seen = police.get(url_of_objection(made.json)).json;
    EXPECT_EQ(seen["person"], (Json{{"name", "王老五"}, {"id_number", "320302********0010"}}));
    EXPECT_EQ(seen["right"], "新地址");

    Reply wrong = wang().post(std::string("/api/v1/services/items/") + allowance + "/objections",
                              {{"field", "bank"}, {"shown", ""}, {"right", "x"}});
    EXPECT_EQ(wrong.status, 422);
}

TEST_F(Prefill, TheProviderAnswersAnObjectionOnce) {
    const Json mended = object(wang(), "新地址").json;
    const Json kept = object(wang(), "另一地址").json;
    auto police = server_->as("police_data_officer").if_match(1);

    Reply accepted = police.post(url_of_objection(mended) + "/accept", {{"mended", "住址已改为新地址"}});
    ASSERT_EQ(accepted.status, 200) << accepted.body;
    EXPECT_EQ(accepted.json["state"], "corrected");
    EXPECT_TRUE(accepted.json["days_left"].is_null());
    Reply rejected = police.post(url_of_objection(kept) + "/reject", {{"reason", "与户口簿一致"}});
    ASSERT_EQ(rejected.status, 200) << rejected.body;
    EXPECT_EQ(rejected.json["state"], "confirmed_right");

    // The person sees both answers, and was told.
    Json own = wang().get("/api/v1/services/objections").json["items"];
    ASSERT_GE(own.size(), 2u);
    EXPECT_EQ(own[0]["answer"], "与户口簿一致");
    EXPECT_EQ(own[1]["answer"], "住址已改为新地址");
    EXPECT_EQ(own[1]["answered_by"], "police_data_officer");
    Json notices = wang().get("/api/v1/me/notices").json["items"];
    ASSERT_GE(notices.size(), 2u);
    EXPECT_EQ(notices[0]["title"], "数据异议已答复：人口基础信息");
    EXPECT_NE(notices[1]["text"].get<std::string>().find("住址已改为新地址"), std::string::npos);
    EXPECT_NE(wang().get("/my").body.find("与户口簿一致"), std::string::npos);

    const auto before = dump({"services", "events"});
    for (const char* step : {"/accept", "/reject"}) {
        Json body{{std::string(step) == "/accept" ? "mended" : "reason", "再答一次"}};
        Reply again = police.if_match(2).post(url_of_objection(mended) + step, body);
        EXPECT_EQ(again.status, 409) << again.body;
        EXPECT_EQ(again.json["type"], "/problems/services.objection-answered");
    }
    EXPECT_EQ(dump({"services", "events"}), before);
}

TEST_F(Prefill, OnlyTheProviderAnswersAnObjection) {
    const Json raised = object(wang(), "新地址").json;
    const std::string url = url_of_objection(raised);
    const Json body{{"reason", "与户口簿一致"}};
    const auto before = dump({"services", "events"});
    EXPECT_EQ(anonymous().get(url).status, 401);
    EXPECT_EQ(other_name().get(url).status, 403);
    EXPECT_EQ(as("civil_officer").get(url).status, 403);
    EXPECT_TRUE(as("reviewer").get(url).json["person"].is_null());
    for (const char* name : {"civil_officer", "police_provider_officer", "reviewer", "window"}) {
        EXPECT_EQ(server_->as(name).if_match(1).post(url + "/reject", body).status, 403) << name;
    }
    EXPECT_EQ(wang().if_match(1).post(url + "/reject", body).status, 403);
    auto police = server_->as("police_data_officer");
    EXPECT_EQ(police.post(url + "/reject", body).status, 428);
    EXPECT_EQ(police.if_match(7).post(url + "/reject", body).status, 412);
    EXPECT_EQ(police.if_match(1).post(url + "/reject", {{"reason", "  "}}).status, 422);
    EXPECT_EQ(police.if_match(1).post(url + "/accept", {{"reason", "x"}}).status, 422);
    EXPECT_EQ(dump({"services", "events"}), before);
    // Lists are one's own: nobody else's objections are in them.
    EXPECT_TRUE(other_name().get("/api/v1/services/objections").json["items"].empty());
    EXPECT_TRUE(as("civil_officer").get("/api/v1/services/objections").json["items"].empty());
    EXPECT_FALSE(police.get("/api/v1/services/objections?state=raised").json["items"].empty());
}

}  // namespace pengcheng::test
