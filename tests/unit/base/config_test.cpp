#include <pengcheng/base/config.hpp>
#include <pengcheng/base/problem.hpp>

#include <gtest/gtest.h>

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

}  // namespace pengcheng
