// No secret stands in a log line, whatever happened while it was in use.
#include "harness.hpp"
#include "identity/totp_code.hpp"
#include "services/citizen.hpp"

#include <pengcheng/base/text.hpp>

#include <map>

namespace pengcheng::test {

class Secrets : public testing::Test {
protected:
    void SetUp() override { server_ = Server::start({.settings = "log: {level: debug}\n"}); }

    void plant(const std::string& name, const std::string& secret) {
        ASSERT_GE(secret.size(), 8U) << name << " is too short to be searched for";
        secrets_[name] = secret;
    }
    std::string cookie(const std::string& username, const std::string& secret) {
        Reply reply =
            server_->anonymous().post("/api/v1/session", {{"username", username}, {"password", secret}});
        std::string line = reply.header("set-cookie");
        return line.substr(0, line.find(';'));
    }

    /// A second factor put in force, used, used wrongly and renewed.
    void use_second_factor(const Client& client) {
        Json offer = client.post("/api/v1/me/totp").json;
        plant("TOTP secret", offer["secret"]);
        std::string secret = secret_bytes(secrets_["TOTP secret"]);
        client.post("/api/v1/me/totp/confirm", {{"code", "no-code-8801"}});
        Json codes =
            client.post("/api/v1/me/totp/confirm", {{"code", code_of(secret)}}).json["recovery_codes"];
        ASSERT_EQ(codes.size(), 10U);
        plant("unused recovery code", codes[0]);
        plant("used recovery code", codes[1]);
        plant("recovery code without its dash", identity::plain_code(secrets_["used recovery code"]));
        plant("wrong recovery code", "zzzzz-yyyyy");
        Json entry{{"username", "civil_officer"}, {"password", password}};
        for (const char* which : {"wrong recovery code", "used recovery code", "used recovery code"}) {
            entry["code"] = secrets_[which];
            server_->anonymous().post("/api/v1/session", entry);
        }
        Json renewed = client.post("/api/v1/me/totp/recovery-codes", {{"code", codes[2]}}).json;
        plant("renewed recovery code", renewed["recovery_codes"][0]);
        EXPECT_EQ(client.post("/api/v1/me/totp/remove", {{"code", renewed["recovery_codes"][1]}}).status,
                  204);
    }

    std::shared_ptr<Server> server_;
    std::map<std::string, std::string> secrets_;  ///< by what they are
};

TEST_F(Secrets, StandInNoLogLine) {
    // Signing in, rightly and wrongly, with everything that a session carries.
    plant("password", std::string(password));
    plant("wrong password", "Wrong-Password-7731");
    cookie("market_officer", secrets_["wrong password"]);
    cookie("no_such_person", secrets_["wrong password"]);
    std::string session = cookie("market_officer", std::string(password));
    plant("session cookie", session.substr(session.find('=') + 1));
    Client officer = server_->as("market_officer");
    plant("CSRF token", officer.csrf);
    plant("made-up cookie", "c0ffee00c0ffee00c0ffee00c0ffee00");
    EXPECT_EQ(server_->anonymous()
                      .header("Cookie", "pc_session=" + secrets_["made-up cookie"])
                      .get("/api/v1/me/profile")
                      .status >= 400,
              true);

    use_second_factor(server_->as("civil_officer"));

    // A system with its secret and its token, in every place where a client may put them.
    Json made = officer.post("/api/v1/clients", {{"name", "保密系统"}}).json;
    std::string id = made["client_id"];
    plant("client secret", made["client_secret"]);
    plant("wrong client secret", "wrong-client-secret-9982");
    for (const char* which : {"client secret", "wrong client secret"}) {
        std::string form = "grant_type=client_credentials&client_id=" + id +
                           "&client_secret=" + percent_encode(secrets_[which]);
        Reply reply =
            server_->anonymous().post_bytes("/oauth/token", form, "application/x-www-form-urlencoded");
        if (reply.status == 200) {
            plant("access token", reply.json["access_token"]);
        }
    }
    ASSERT_TRUE(secrets_.contains("access token"));
    std::string basic = base64url(id + ":" + secrets_["wrong client secret"]);
    plant("Basic header", basic);
    server_->anonymous()
        .header("Authorization", "Basic " + basic)
        .post_bytes("/oauth/token", "grant_type=client_credentials", "application/x-www-form-urlencoded");
    server_->bearer(secrets_["access token"]).get("/api/v1/data/nothing");
    server_->bearer("made-up-token-55512345").get("/api/v1/data/nothing");
    plant("made-up token", "made-up-token-55512345");
    server_->anonymous().get("/api/v1/data/nothing?access_token=" + secrets_["access token"]);

    // Accounts with personal data; new passwords, refused ones too.
    plant("ID number", "320302190001010010");
    plant("telephone", "13800000000");
    Client wang = citizen(*server_, "wang", "王老五", secrets_["ID number"]);
    plant("new password", "Fresh-Password-4410");
    server_->as("system_admin")
        .post("/api/v1/users", {{"username", "fresh"},
                                {"display_name", "新人"},
                                {"organization", std::string(market)},
                                {"password", secrets_["new password"]}});
    plant("bad password", "shortpw1");
    server_->as("system_admin")
        .post("/api/v1/users",
              {{"username", "bad"}, {"display_name", "新人"}, {"password", secrets_["bad password"]}});
    plant("text in broken JSON", "Broken-Body-Secret-31");
    server_->anonymous().send("POST", "/api/v1/session",
                              R"({"username":"a","password":")" + secrets_["text in broken JSON"] + "\",}",
                              "application/json");

    // Cells of uploads, of a case, and of a row that the database refuses.
    plant("a cell", "320303198001010023");
    Reply sent = officer.post_bytes("/api/v1/uploads?name=a.csv", "证件号\n" + secrets_["a cell"] + "\n",
                                    "application/octet-stream");
    officer.post("/api/v1/uploads/" + sent.json["id"].get<std::string>() + "/inspect");
    Json one = apply(wang);
    EXPECT_EQ(one["state"], "received");
    server_->stop();

    std::filesystem::path keys = server_->var / "keys";
    for (const auto& file : std::filesystem::directory_iterator(keys)) {
        plant("key " + file.path().filename().string(), std::string(trim(read_file(file.path()))));
    }
    EXPECT_GE(secrets_.size(), 23U);
    std::map<std::string, std::string> logs = {
        {"server", read_file(server_->log())},
        {"PostgreSQL", read_file(Server::cluster() / "../postgresql.log")}};
    EXPECT_NE(logs["server"].find("http.request"), std::string::npos);
    for (const auto& [log, text] : logs) {
        for (const auto& [name, secret] : secrets_) {
            std::size_t at = text.find(secret);
            std::size_t start = at == std::string::npos ? at : text.rfind('\n', at) + 1;
            EXPECT_EQ(at, std::string::npos) << name << " in the log of " << log << ": "
                                             << text.substr(start, text.find('\n', at) - start);
        }
    }
}

}  // namespace pengcheng::test
