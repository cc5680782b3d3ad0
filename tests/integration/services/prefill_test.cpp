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

TEST_F(Prefill, ObjectionsReachTheProvider) {
    const std::string url = std::string("/api/v1/services/items/") + allowance + "/objections";
    Reply made = wang().post(
        url, {{"field", "address"}, {"shown", "旧地址"}, {"right", "新地址"}, {"note", "已搬家"}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json["provider"], "021");
    EXPECT_EQ(made.json["resource"], ref());
    Json notices = server_->as("police_data_officer").get("/api/v1/me/notices").json["items"];
    ASSERT_FALSE(notices.empty());
    EXPECT_EQ(notices[0]["title"], "数据异议:人口基础信息");
    EXPECT_EQ(wang().post(url, {{"field", "bank"}, {"shown", ""}, {"right", "x"}}).status, 422);
}

}  // namespace pengcheng::test
