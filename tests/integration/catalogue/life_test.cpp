#include "harness.hpp"

namespace pengcheng::test {
namespace {

const std::string base = "/api/v1/catalogue/resources";

class CatalogueLife : public ServerTest {
protected:
    static Json items() {
        return Json::array({{{"name", "企业名称"}, {"column", "name"}, {"type", "C"}, {"length", 100}},
                            {{"name", "成立日期"}, {"column", "founded_on"}, {"type", "D"}}});
    }
    static Json draft(const std::string& name) {
        Reply made = as("market_officer").post(base, resource_body(name, items()));
        EXPECT_EQ(made.status, 201) << made.body;
        return made.json;
    }
    static std::string url(const Json& resource) {
        return base + "/" + resource.at("ref").get<std::string>();
    }
    static Reply step(const std::string& who, const Json& resource, const std::string& name,
                      const Json& body = Json::object()) {
        return as(who).if_match(resource.at("version")).post(url(resource) + "/" + name, body);
    }
    /// Entries and audit events. The audit schema as a whole changes by itself: sealing runs behind.
    static std::string fingerprint() {
        return dump({"catalogue"}) + sql("SELECT count(*) FROM audit.record");
    }
    static Json must(Reply reply) {
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.json;
    }
};

TEST_F(CatalogueLife, ADraftGetsItsCodeAndRef) {
    Json first = draft("代码规则一");
    Json second = draft("代码规则二");
    EXPECT_EQ(first["state"], "draft");
    EXPECT_EQ(first["classification"], "303040");
    EXPECT_EQ(first["provider"]["code"], "040");
    std::string code = first["code"];
    std::string ref = first["ref"];
    EXPECT_EQ(code.substr(0, 7), "303040/");
    EXPECT_EQ(ref, "303040-" + code.substr(7));
    EXPECT_EQ(std::stol(second["code"].get<std::string>().substr(7)), std::stol(code.substr(7)) + 1);
    EXPECT_EQ(first["items"][1]["no"], 2);
}

TEST_F(CatalogueLife, ADeletedDraftsNumberIsNeverGivenAgain) {
    Json gone = draft("将被删除的目录");
    EXPECT_EQ(as("market_officer").remove(url(gone)).status, 204);
    EXPECT_EQ(as("market_officer").get(url(gone)).status, 404);
    Json next = draft("将被删除的目录");
    EXPECT_GT(next["code"].get<std::string>(), gone["code"].get<std::string>());
}

TEST_F(CatalogueLife, WalksFromDraftToRetirement) {
    Json entry = draft("企业登记全程");
    entry = must(step("market_officer", entry, "submit"));
    EXPECT_EQ(entry["state"], "submitted");
    entry = must(step("reviewer", entry, "return", {{"reason", "摘要过于简单"}}));
    EXPECT_EQ(entry["state"], "returned");
    EXPECT_EQ(entry["return_reason"], "摘要过于简单");
    Json body = resource_body("企业登记全程", items());
    body["abstract"] = "全市企业的名称和成立日期,按月更新";
    entry = must(as("market_officer").if_match(entry["version"]).put(url(entry), body));
    EXPECT_EQ(entry["state"], "returned");
    entry = must(step("market_officer", entry, "submit"));
    EXPECT_EQ(entry["return_reason"], "");
    entry = must(step("reviewer", entry, "approve"));
    entry = must(step("reviewer", entry, "publish"));
    EXPECT_EQ(entry["state"], "published");
    EXPECT_FALSE(entry["publish_date"].get<std::string>().empty());

    body["abstract"] = "修订稿";
    Json working = must(as("market_officer").if_match(entry["version"]).put(url(entry), body));
    EXPECT_EQ(working["state"], "draft");
    EXPECT_EQ(must(as("civil_officer").get(url(entry)))["abstract"], entry["abstract"]);
    EXPECT_EQ(must(as("market_officer").get(url(entry)))["abstract"], "修订稿");
    EXPECT_EQ(must(as("market_officer").get(url(entry) + "?edition=published"))["abstract"],
              entry["abstract"]);
    working = must(step("market_officer", working, "submit"));
    working = must(step("reviewer", working, "approve"));
    working = must(step("reviewer", working, "publish"));
    EXPECT_EQ(must(as("civil_officer").get(url(entry)))["abstract"], "修订稿");
    EXPECT_EQ(working["code"], entry["code"]);

    Json retired = must(step("market_officer", working, "retire", {{"reason", "职责调整"}}));
    EXPECT_EQ(retired["state"], "retired");
    EXPECT_EQ(as("civil_officer").get(url(entry)).status, 404);
    Json steps = must(as("market_officer").get(url(entry) + "/history"))["items"];
    std::vector<std::string> actions;
    for (const auto& one : steps) {
        actions.push_back(one["action"]);
    }
    EXPECT_EQ(actions,
              (std::vector<std::string>{"create", "submit", "return", "update", "submit", "approve",
                                        "publish", "update", "submit", "approve", "publish", "retire"}));
}

TEST_F(CatalogueLife, AnIncompleteEntryIsRefusedWithEveryPlaceNamed) {
    Json body = {{"class", "department"}, {"name", "不完整的目录"}, {"share_type", "denied"}};
    Json entry = as("market_officer").post(base, body).json;
    std::string before = fingerprint();
    Reply reply = step("market_officer", entry, "submit");
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(reply.json["type"], "/problems/catalogue.incomplete");
    std::vector<std::string> pointers;
    for (const auto& error : reply.json["errors"]) {
        pointers.push_back(error["pointer"]);
        EXPECT_FALSE(error["detail"].get<std::string>().empty());
    }
    for (const char* pointer : {"/abstract", "/format_class", "/update_cycle", "/share_condition",
                                "/secrecy_review", "/head_consent"}) {
        EXPECT_NE(std::find(pointers.begin(), pointers.end(), pointer), pointers.end()) << pointer;
    }
    EXPECT_EQ(fingerprint(), before);
}

TEST_F(CatalogueLife, RefusesWrongRoleOtherDepartmentStaleVersionAndWrongState) {
    Json entry = draft("不该被动的目录");
    Json body = resource_body("不该被动的目录", items());
    std::string before = dump({"catalogue"});
    EXPECT_EQ(anonymous().get(url(entry)).status, 401);
    EXPECT_EQ(as("reviewer").post(base, body).status, 403);
    EXPECT_EQ(as("civil_officer").get(url(entry)).status, 404);
    EXPECT_EQ(as("civil_officer").if_match(entry["version"]).put(url(entry), body).status, 403);
    EXPECT_EQ(as("civil_officer").remove(url(entry)).status, 403);
    EXPECT_EQ(step("civil_officer", entry, "submit").status, 403);
    EXPECT_EQ(step("market_officer", entry, "approve").status, 403);
    EXPECT_EQ(step("reviewer", entry, "approve").status, 409);
    EXPECT_EQ(step("reviewer", entry, "publish").status, 409);
    EXPECT_EQ(as("market_officer").post(url(entry) + "/submit").status, 428);
    EXPECT_EQ(as("market_officer").if_match(99999).post(url(entry) + "/submit").status, 412);
    EXPECT_EQ(as("market_officer").if_match(99999).put(url(entry), body).status, 412);
    body["titel"] = "x";
    EXPECT_EQ(as("market_officer").if_match(entry["version"]).put(url(entry), body).status, 422);
    EXPECT_EQ(as("market_officer").get(base + "/303040-999999").status, 404);
    EXPECT_EQ(dump({"catalogue"}), before);
}

TEST_F(CatalogueLife, ANameIsUniqueWithinItsProvider) {
    Json entry = draft("独一无二的名称");
    std::string before = fingerprint();
    Reply again = as("market_officer").post(base, resource_body("独一无二的名称", items()));
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.json["type"], "/problems/catalogue.duplicate-name");
    EXPECT_EQ(again.json["errors"][0]["pointer"], "/name");
    EXPECT_EQ(fingerprint(), before);
    EXPECT_EQ(as("civil_officer").post(base, resource_body("独一无二的名称", items())).status, 201);
    must(as("market_officer")
             .if_match(entry["version"])
             .put(url(entry), resource_body("改过的名称", items())));
    EXPECT_EQ(as("market_officer").post(base, resource_body("独一无二的名称", items())).status, 201);
}

TEST_F(CatalogueLife, NobodyApprovesTheirOwnEntry) {
    Json entry = must(step("market_officer", draft("自己审自己"), "submit"));
    std::string reviewer = as("reviewer").get("/api/v1/session").json["user"]["id"];
    std::string ref = entry["ref"];
    sql("UPDATE catalogue.edition SET submitted_by = '" + reviewer + "' WHERE ref = '" + ref + "'");
    Reply own = step("reviewer", entry, "approve");
    EXPECT_EQ(own.status, 403);
    EXPECT_EQ(own.json["type"], "/problems/catalogue.own-approval");
    EXPECT_EQ(must(as("reviewer").get(url(entry)))["state"], "submitted");
    EXPECT_EQ(must(step("reviewer2", entry, "approve"))["state"], "approved");
}

TEST_F(CatalogueLife, AReturnNeedsItsReason) {
    Json entry = must(step("market_officer", draft("退回要有理由"), "submit"));
    Reply reply = step("reviewer", entry, "return", {{"reason", "  "}});
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(reply.json["errors"][0]["pointer"], "/reason");
}

TEST_F(CatalogueLife, ContactsAreMaskedForOtherDepartments) {
    Json body = resource_body("带联系人的目录", items());
    body["contact_name"] = "张三";
    body["contact_phone"] = "0516-81234567";
    Json entry = publish(as("market_officer"), body);
    EXPECT_EQ(must(as("market_officer").get(url(entry)))["contact_phone"], "0516-81234567");
    Json seen = must(as("civil_officer").get(url(entry)));
    EXPECT_EQ(seen["contact_name"], "张**");
    EXPECT_EQ(seen["contact_phone"], "****4567");
}

}  // namespace
}  // namespace pengcheng::test
