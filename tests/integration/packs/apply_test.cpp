#include "harness.hpp"

#include <fstream>

namespace pengcheng::test {

class Packs : public ServerTest {
protected:
    static std::string xuzhou() { return (source_folder() / "config/packs/xuzhou").string(); }
    /// A folder with one file.
    static std::string folder(const std::string& text) {
        // A pack removes what it no longer names, so each test has one of its own.
        auto path = server_->var / testing::UnitTest::GetInstance()->current_test_info()->name();
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
        std::ofstream(path / "a.yaml") << text;
        return path.string();
    }
};

TEST_F(Packs, TheSamePackAgainChangesNothing) {
    const auto before = dump({"packs", "identity", "catalogue", "services", "audit"});
    for (const char* command : {"plan", "apply"}) {
        const auto run = cli(*server_, {"--json", "config", command, xuzhou()});
        ASSERT_EQ(run.status, 0) << run.out;
        EXPECT_TRUE(run.json()["changes"].empty()) << run.out;
        EXPECT_GT(run.json()["unchanged"], 80);
    }
    EXPECT_EQ(dump({"packs", "identity", "catalogue", "services", "audit"}), before);
    const auto valid = cli(*server_, {"--json", "config", "validate", xuzhou()});
    EXPECT_EQ(valid.status, 0);
    EXPECT_EQ(valid.json()["valid"], true);
}

TEST_F(Packs, PlanShowsWhatApplyDoes) {
    const auto pack = folder(
        "kind: organizations\nitems:\n  - {code: \"900\", name: 测试局, short_name: 测试局, "
        "kind: government, region: \"320300\", status: test}\n");
    const auto before = dump({"packs", "identity"});
    const auto plan = cli(*server_, {"--json", "config", "plan", pack});
    ASSERT_EQ(plan.status, 2) << plan.out;
    ASSERT_EQ(plan.json()["changes"].size(), 1U);
    EXPECT_EQ(plan.json()["changes"][0]["key"], "900");
    EXPECT_EQ(plan.json()["changes"][0]["put"], "added");
    EXPECT_EQ(dump({"packs", "identity"}), before);
    EXPECT_EQ(cli(*server_, {"--json", "config", "apply", pack}).json()["changes"], plan.json()["changes"]);
    EXPECT_EQ(cli(*server_, {"--json", "config", "apply", pack}).json()["unchanged"], 1);
    EXPECT_EQ(sql("SELECT name FROM identity.organization WHERE code = '900'"), "测试局");
}

TEST_F(Packs, WhatOnlyTheDatabaseKnowsIsSaidWithItsPlace) {
    const auto before = dump({"packs", "identity"});
    const auto region = [](const std::string& parent) {
        return "kind: regions\nitems:\n  - {code: \"990102\", name: 某某县, level: 3, parent: \"" + parent +
               "\"}\n  - {code: \"990100\", name: 某某市, level: 2}\n";
    };
    for (const char* command : {"plan", "apply"}) {
        const auto run = cli(*server_, {"--json", "config", command, folder(region("999999"))});
        EXPECT_EQ(run.status, 1);
        EXPECT_EQ(run.json()["error"]["code"], "packs.names-nothing") << run.out;
        EXPECT_NE(run.json()["error"]["detail"].get<std::string>().find(".yaml:3 "), std::string::npos)
            << run.out;
    }
    EXPECT_EQ(dump({"packs", "identity"}), before);
    EXPECT_EQ(cli(*server_, {"--json", "config", "plan", folder(region("990100"))}).status, 2)
        << "a child may stand before its parent";
}

TEST_F(Packs, WhatHangsTogetherGoesTogether) {
    const std::string city = "  - {code: \"980100\", name: 某某市, level: 2}\n";
    const std::string county = "  - {code: \"980102\", name: 某某县, level: 3, parent: \"980100\"}\n";
    const std::string town = "  - {code: \"980902\", name: 某某镇, level: 4, parent: \"980102\"}\n";
    const std::string head = "kind: regions\nitems:\n";
    const auto here = [] { return sql("SELECT count(*) FROM identity.region WHERE code LIKE '980%'"); };
    ASSERT_EQ(cli(*server_, {"--json", "config", "apply", folder(head + town + county + city)}).status, 0);
    ASSERT_EQ(here(), "3");
    // The town stays and hangs on what is to go.
    EXPECT_EQ(cli(*server_, {"--json", "config", "plan", folder(head + town)}).status, 3);
    const auto refused = cli(*server_, {"--json", "config", "apply", folder(head + town)});
    EXPECT_EQ(refused.json()["error"]["code"], "packs.would-break") << refused.out;
    EXPECT_EQ(here(), "3");
    const auto all = folder("kind: regions\nitems: []\n");
    EXPECT_EQ(cli(*server_, {"--json", "config", "plan", all}).status, 2) << "nothing would break";
    const auto gone = cli(*server_, {"--json", "config", "apply", all});
    EXPECT_EQ(gone.status, 0) << gone.out;
    EXPECT_EQ(gone.json()["removed"], 3);
    EXPECT_EQ(here(), "0");
}

TEST_F(Packs, OneFaultAppliesNothing) {
    const auto before = dump({"packs", "identity", "services"});
    // One file is right, the other is not.
    const auto pack = folder(read_file(source_folder() / "config/packs/xuzhou/service-items-firms.yaml"));
    std::ofstream(std::filesystem::path(pack) / "b.yaml")
        << "kind: service_items\nitems:\n  - {code: \"1\", name: x}\n";
    const auto run = cli(*server_, {"--json", "config", "apply", pack});
    EXPECT_EQ(run.status, 1);
    EXPECT_EQ(run.json()["valid"], false);
    EXPECT_EQ(run.json()["faults"][0]["file"], "b.yaml");
    EXPECT_EQ(run.json()["faults"][0]["line"], 3);
    EXPECT_EQ(dump({"packs", "identity", "services"}), before);
}

namespace {

constexpr auto entry = R"(kind: resources
items:
  - organization: "040"
    name: 配置包样例
    class: department
    items:
      - {name: 编号, column: "no", type: C, length: 10}
      - {name: 类别, column: kind, type: C, length: 10}
)";

std::string rules_of(const std::string& resource, const std::string& pattern) {
    return "kind: rules\nitems:\n  - organization: \"040\"\n    resource: " + resource +
           "\n    rules:\n      - {kind: pattern, item: \"no\", params: {pattern: \"" + pattern +
           "\"}}\n      - {kind: code_list, item: kind, params: {code_list: yes_no}, severity: block}\n";
}

std::vector<std::string> titles(const Json& rules) {
    std::vector<std::string> found;
    for (const auto& rule : rules.at("items")) {
        if (!rule.at("derived").get<bool>()) {
            found.push_back(rule.at("id").get<std::string>() + " " + rule.at("title").get<std::string>());
        }
    }
    return found;
}

}  // namespace

TEST_F(Packs, GiveRulesToAnEntryAndKeepWhatPeopleAdded) {
    const auto pack = folder(entry);
    const auto write = [&](const std::string& pattern) {
        std::ofstream(std::filesystem::path(pack) / "rules.yaml") << rules_of("配置包样例", pattern);
        return cli(*server_, {"--json", "config", "apply", pack});
    };
    // The entry and its rules arrive in one transaction.
    ASSERT_EQ(write("^A").json()["changes"].size(), 2u);
    const auto ref = sql("SELECT ref FROM catalogue.resource_name WHERE name = '配置包样例'");
    const std::string url = "/api/v1/quality/" + ref + "/rules";
    auto officer = as("market_officer");
    auto rules = officer.get(url).json;
    const std::vector<std::string> given{"pack.pattern.no.1 编号：格式",
                                         "pack.code_list.kind.1 类别：代码表"};
    EXPECT_EQ(titles(rules), given);

    // People add one and soften another; the same pack again leaves both as they are.
    for (auto& rule : rules["items"]) {
        if (rule["id"] == "pack.code_list.kind.1") {
            rule["severity"] = "minor";
        }
    }
    rules["items"].push_back({{"kind", "required"}, {"item", "kind"}, {"title", "类别不可少"}});
    ASSERT_EQ(officer.put(url, {{"rules", rules["items"]}}).status, 200);
    const auto before = dump({"quality", "packs", "catalogue", "audit"});
    EXPECT_TRUE(write("^A").json()["changes"].empty());
    EXPECT_EQ(dump({"quality", "packs", "catalogue", "audit"}), before);

    // A changed pack replaces its own rules only.
    EXPECT_EQ(write("^B").json()["changes"][0]["put"], "changed");
    const auto after = officer.get(url).json;
    auto wanted = given;
    wanted.emplace_back("own.required.kind.1 类别不可少");
    EXPECT_EQ(titles(after), wanted);
    EXPECT_EQ(after["items"].dump().find("minor"), std::string::npos);
    EXPECT_NE(after["items"].dump().find("^B"), std::string::npos);
}

TEST_F(Packs, RefuseRulesOfAnEntryThatIsNotThere) {
    const auto pack = folder(rules_of("没有的目录", "^A"));
    std::ofstream(std::filesystem::path(pack) / "0.yaml")
        << "kind: organizations\nitems:\n  - {code: \"040\", name: 改了名的局, short_name: 局, "
           "kind: government, region: \"320300\"}\n";
    const auto before = dump({"quality", "packs", "identity", "audit"});
    const auto run = cli(*server_, {"--json", "config", "apply", pack});
    EXPECT_NE(run.status, 0);
    EXPECT_NE(run.out.find("a.yaml:3"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("packs.no-resource"), std::string::npos) << run.out;
    EXPECT_EQ(dump({"quality", "packs", "identity", "audit"}), before);
}

TEST_F(Packs, TheCitysRulesJudgeItsEntries) {
    const auto ref = sql("SELECT ref FROM catalogue.resource_name WHERE name = '节假日与调休安排'");
    const auto reply = as("reviewer").get("/api/v1/quality/" + ref + "/rules");
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(titles(reply.json).size(), 4u);
}

}  // namespace pengcheng::test
