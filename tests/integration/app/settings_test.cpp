#include "app/process.hpp"
#include "harness.hpp"

#include <fstream>

namespace pengcheng::test {

TEST(Settings, AreShownWithTheirSourceAndNoSecret) {
    Scratch scratch;
    const auto file = scratch.folder / "pengcheng.yaml";
    std::ofstream(file) << "evidence:\n  mode: relaxed\n";
    const Environment environment{{"PENGCHENG_LISTEN", "127.0.0.1:0"},
                                  {"PENGCHENG_VAR", (scratch.folder / "v").string()},
                                  {"PENGCHENG_DATABASE_URL", "postgresql://city:hunter2@db:5432/pengcheng"}};
    const CommandRun run =
        run_in(environment, {"--json", "--config", file.string(), "config", "show"}, "/dev/null");
    ASSERT_EQ(run.status, 0) << run.out;
    std::map<std::string, Json> settings;
    const Json shown = run.json();
    for (const Json& setting : shown["settings"]) {
        settings[setting["name"]] = setting;
    }
    EXPECT_EQ(settings["evidence.mode"]["value"], "relaxed");
    EXPECT_EQ(settings["evidence.mode"]["where"], file.string() + ":2:3");
    EXPECT_EQ(settings["listen"]["source"], "environment");
    EXPECT_EQ(settings["limits.json_depth_max"]["source"], "default");
    EXPECT_EQ(settings["database_url"]["value"], "postgresql://city:***@db:5432/pengcheng");
    const CommandRun text = run_in(environment, {"--config", file.string(), "config", "show"}, "/dev/null");
    EXPECT_EQ((run.out + text.out).find("hunter2"), std::string::npos);
    EXPECT_NE(text.out.find("evidence.mode = relaxed"), std::string::npos);

    std::ofstream(file) << "evidense:\n  mode: relaxed\n";
    const CommandRun refused =
        run_in(environment, {"--json", "--config", file.string(), "config", "show"}, "/dev/null");
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.json()["error"]["detail"].get<std::string>().find(":2:3"), std::string::npos);
    EXPECT_NE(refused.json()["error"]["detail"].get<std::string>().find("evidence.mode"), std::string::npos);
}

TEST(CommandLine, FailsWhenItsOutputIsLost) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "pengcheng";
    const auto shell = [&](const std::string& rest) {
        return std::system(("exec " + program.string() + " config schema pengcheng " + rest).c_str());
    };
    EXPECT_EQ(shell(">/dev/null"), 0);
    EXPECT_NE(shell(">/dev/full 2>/dev/null"), 0) << "a full disk is no success";
    EXPECT_EQ(shell(">&-"), 0) << "who closes it wants none";
    EXPECT_NE(run_in({}, {"audit", "list", "--kind", "evens"}, "/dev/null").status, 0);
}

TEST(CommandLine, SaysWhatIsWrongWithAMistypedCommand) {
    const CommandRun unknown = run_in({}, {"--json", "chatalogue"}, "/dev/null");
    EXPECT_NE(unknown.status, 0);
    EXPECT_EQ(unknown.json()["error"]["code"], "cli.usage");
    EXPECT_NE(unknown.out.find("chatalogue"), std::string::npos);
    const CommandRun folder = run_in({}, {"ingest", "/no/such/folder", "--json"}, "/dev/null");
    EXPECT_NE(folder.status, 0);
    EXPECT_NE(folder.json()["error"]["detail"].get<std::string>().find("/no/such/folder"), std::string::npos);
    EXPECT_NE(run_in({}, {}, "/dev/null").status, 0);
    EXPECT_EQ(run_in({}, {"--version"}, "/dev/null").status, 0);
    const CommandRun help = run_in({}, {"ingest", "--help"}, "/dev/null");
    EXPECT_EQ(help.status, 0);
    EXPECT_NE(help.out.find("--organization"), std::string::npos);
}

using NamedLists = ServerTest;

TEST_F(NamedLists, ShowNamesAndNoJson) {
    const CommandRun run = cli(*server_, {"user", "list"});
    ASSERT_EQ(run.status, 0);
    EXPECT_NE(run.out.find("market_officer"), std::string::npos);
    EXPECT_NE(run.out.find("徐州市市场监督管理局"), std::string::npos);
    EXPECT_EQ(run.out.find_first_of("{[\""), std::string::npos) << run.out;
    EXPECT_EQ(run.out.find("null"), std::string::npos);
}

}  // namespace pengcheng::test
