#include <pengcheng/base/config.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/settings.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

namespace pengcheng {

class ConfigFile : public testing::Test {
protected:
    void SetUp() override {
        for (const char* name : {"PENGCHENG_LISTEN", "PENGCHENG_VAR", "PENGCHENG_DATABASE_URL"}) {
            unsetenv(name);
        }
        path_ = std::filesystem::temp_directory_path() /
                ("pengcheng-config-" + std::to_string(getpid()) + ".yaml");
    }
    void TearDown() override { std::filesystem::remove(path_); }

    Config load(const std::string& text) {
        std::ofstream(path_) << text;
        return Config::load(path_);
    }
    std::string refusal(const std::string& text) {
        try {
            load(text);
        } catch (const ProblemError& error) {
            return error.problem().detail_en;
        }
        return "";
    }
    std::filesystem::path path_;
};

TEST_F(ConfigFile, TakesDefaultsThenFileThenEnvironment) {
    Config config = load("listen: 0.0.0.0:9000\ndatabase:\n  connections: 3\n");
    EXPECT_EQ(config.listen_port, 9000);
    EXPECT_EQ(config.db_connections, 3);
    EXPECT_EQ(config.evidence_mode, "strict");
    setenv("PENGCHENG_LISTEN", "127.0.0.1:7", 1);
    EXPECT_EQ(load("listen: 0.0.0.0:9000").base_url(), "http://127.0.0.1:7");
    unsetenv("PENGCHENG_LISTEN");
}

TEST_F(ConfigFile, TlsMakesLinksAndCookiesSecure) {
    Config config = load("listen: 127.0.0.1:443\ntls:\n  certificate: a.pem\n  key: a.key\n");
    EXPECT_TRUE(config.secure_cookie);
    EXPECT_EQ(config.base_url(), "https://127.0.0.1:443");
    EXPECT_FALSE(load("listen: 127.0.0.1:80\n").secure_cookie);
}

TEST_F(ConfigFile, RefusesWithFileLineAndColumn) {
    EXPECT_NE(
        refusal("var: x\nlimits:\n  bodybytes: 1\n").find(".yaml:3:3 there is no setting limits.bodybytes"),
        std::string::npos);
    EXPECT_NE(refusal("threads:\n  io: many\n").find(":2:7"), std::string::npos);
    EXPECT_NE(refusal("listen: nowhere\n").find("HOST:PORT"), std::string::npos);
    EXPECT_NE(refusal("evidence:\n  mode: never\n").find("strict"), std::string::npos);
    EXPECT_NE(refusal("a: [1\n").find("YAML"), std::string::npos);
    EXPECT_NE(refusal("tls:\n  certificate: a.pem\n").find("go together"), std::string::npos);
    EXPECT_NE(refusal("tls:\n  version_min: \"1.1\"\n").find("1.2 or 1.3"), std::string::npos);
    EXPECT_NE(refusal("log:\n  level: loud\n").find("debug, info"), std::string::npos);
    EXPECT_NE(refusal("limits:\n  head_ms_max: 0\n").find("limits.head_ms_max"), std::string::npos);
    EXPECT_THROW(Config::load("/nonexistent/pengcheng.yaml"), ProblemError);
}

TEST_F(ConfigFile, SuggestsTheNameThatWasMeant) {
    EXPECT_NE(refusal("limits:\n  body_bytes: 1\n")
                  .find("2:3 there is no setting limits.body_bytes; did you "
                        "mean limits.body_bytes_max?"),
              std::string::npos);
    EXPECT_NE(refusal("lisen: a:1\n").find("did you mean listen?"), std::string::npos);
    EXPECT_EQ(refusal("colour_of_the_sky: blue\n").find("did you mean"), std::string::npos);
    EXPECT_NE(refusal("database:\n  connections: -2\n").find(":2:3 database.connections may not"),
              std::string::npos);
    EXPECT_NE(refusal("just text\n").find("name: value"), std::string::npos);
}

TEST_F(ConfigFile, TakesSecretsByReferenceOnly) {
    const auto secret = path_.string() + ".secret";
    std::ofstream(secret) << "from-file\n";
    std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
    setenv("PC_TEST_PASSWORD", "from-environment", 1);
    EXPECT_EQ(load("database_url: host=a password=${env:PC_TEST_PASSWORD} user=b\n").database_url,
              "host=a password=from-environment user=b");
    EXPECT_EQ(load("database_url: postgresql://u:${file:" + secret + "}@h/d\n").database_url,
              "postgresql://u:from-file@h/d");
    for (const char* literal : {"postgresql://u:hunter2@h/d", "postgresql://h/d?password=hunter2",
                                "host=a password=hunter2", "host=a password = 'hunter2'"}) {
        const std::string said = refusal("database_url: \"" + std::string(literal) + "\"\n");
        EXPECT_NE(said.find(":1:15"), std::string::npos) << said;
        EXPECT_NE(said.find("${env:NAME}"), std::string::npos) << said;
        EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
    }
    EXPECT_EQ(refusal("database_url: postgresql://u@h:5432/d\n"), "");
    EXPECT_NE(refusal("database_url: host=a password=${env:PC_NOT_SET}\n").find("PC_NOT_SET is not set"),
              std::string::npos);
    EXPECT_NE(refusal("database_url: ${file:/nonexistent}\n").find("cannot read /nonexistent"),
              std::string::npos);
    std::filesystem::permissions(secret, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    EXPECT_NE(refusal("database_url: ${file:" + secret + "}\n").find("chmod 600"), std::string::npos);
    std::filesystem::remove(secret);
    unsetenv("PC_TEST_PASSWORD");
}

TEST_F(ConfigFile, TellsWhereEachSettingComesFrom) {
    std::ofstream(path_) << "log:\n  level: debug\n";
    setenv("PENGCHENG_LISTEN", "127.0.0.1:7", 1);
    std::map<std::string, Setting> settings;
    for (auto& setting : effective_settings(path_)) {
        settings[setting.name] = setting;
    }
    EXPECT_EQ(settings["log.level"].value, "debug");
    EXPECT_EQ(settings["log.level"].source, "file");
    EXPECT_TRUE(settings["log.level"].where.ends_with(".yaml:2:3"));
    EXPECT_EQ(settings["listen"].source, "environment");
    EXPECT_EQ(settings["listen"].where, "PENGCHENG_LISTEN");
    EXPECT_EQ(settings["database.connections"].source, "default");
    EXPECT_TRUE(settings["database_url"].secret);
    unsetenv("PENGCHENG_LISTEN");
    const Json schema = settings_schema();
    EXPECT_EQ(schema["properties"]["database"]["properties"]["connections"]["type"], "integer");
}

}  // namespace pengcheng
