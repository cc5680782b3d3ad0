#include "harness.hpp"

#include <fstream>

namespace pengcheng::test {

class Packs : public ServerTest {
protected:
    static std::string xuzhou() { return (source_folder() / "config/packs/xuzhou").string(); }
    /// A folder with one file.
    static std::string folder(const std::string& text) {
        auto path = server_->var / "pack";
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
    ASSERT_EQ(plan.status, 0) << plan.out;
    EXPECT_EQ(plan.json()["changes"], (Json{{{"kind", "organizations"}, {"key", "900"}, {"put", "added"}}}));
    EXPECT_EQ(dump({"packs", "identity"}), before);
    EXPECT_EQ(cli(*server_, {"--json", "config", "apply", pack}).json()["changes"], plan.json()["changes"]);
    EXPECT_EQ(cli(*server_, {"--json", "config", "apply", pack}).json()["unchanged"], 1);
    EXPECT_EQ(sql("SELECT name FROM identity.organization WHERE code = '900'"), "测试局");
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

}  // namespace pengcheng::test
