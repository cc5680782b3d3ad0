#include "harness.hpp"

namespace pengcheng::test {
namespace {

using Tokens = ServerTest;

constexpr const char* form_type = "application/x-www-form-urlencoded";

struct System {
    std::string id, secret;
    [[nodiscard]] std::string form() const {
        return "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret;
    }
};

System make_system(const Client& officer) {
    Reply reply = officer.post("/api/v1/clients", {{"name", "市场监管业务系统"}});
    EXPECT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(reply.json["organization"], market);
    return {reply.json["client_id"], reply.json["client_secret"]};
}

TEST_F(Tokens, ComeForClientCredentialsAndOpenTheApi) {
    System system = make_system(as("market_officer"));
    Reply reply = anonymous().post_bytes("/oauth/token", system.form(), form_type);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json["token_type"], "Bearer");
    EXPECT_EQ(reply.json["expires_in"], 3600);
    EXPECT_EQ(reply.header("cache-control"), "no-store");
    std::string token = reply.json["access_token"];
    EXPECT_EQ(server_->bearer(token).get("/api/v1/me/notices").status, 200);
    EXPECT_EQ(server_->bearer(token).get("/api/v1/users").status, 403);
    EXPECT_EQ(sql("SELECT count(*) FROM identity.token WHERE token_hash = '" + token + "'"), "0");
    EXPECT_EQ(sql("SELECT count(*) FROM identity.client WHERE secret_hash = '" + system.secret + "'"), "0");
}

TEST_F(Tokens, ComeForBasicCredentialsToo) {
    System system = make_system(as("market_officer"));
    // RFC 4648 of id:secret, by the database so that the test needs no encoder of its own.
    std::string pair =
        sql("SELECT translate(encode('" + system.id + ":" + system.secret + "', 'base64'), E'\\n', '')");
    Client client = anonymous().header("Authorization", "Basic " + pair);
    EXPECT_EQ(client.post_bytes("/oauth/token", "grant_type=client_credentials", form_type).status, 200);
}

TEST_F(Tokens, AreRefusedByTheErrorsOfRfc6749) {
    System system = make_system(as("market_officer"));
    std::string before = dump({"identity"});
    struct Row {
        std::string form;
        int status;
        std::string error;
    };
    for (const Row& row : std::vector<Row>{
             {"", 400, "invalid_request"},
             {"grant_type=password&client_id=a&client_secret=b", 400, "unsupported_grant_type"},
             {"grant_type=client_credentials&client_id=" + system.id + "&client_secret=wrong", 401,
              "invalid_client"},
             {"grant_type=client_credentials&client_id=nobody&client_secret=wrong", 401, "invalid_client"},
             {system.form() + "&scope=everything", 400, "invalid_scope"}}) {
        Reply reply = anonymous().post_bytes("/oauth/token", row.form, form_type);
        EXPECT_EQ(reply.status, row.status) << row.form;
        EXPECT_EQ(reply.json["error"], row.error) << row.form;
        EXPECT_EQ(reply.header("cache-control"), "no-store");
    }
    Reply basic = anonymous()
                      .header("Authorization", "Basic bm9ib2R5Ong=")
                      .post_bytes("/oauth/token", "grant_type=client_credentials", form_type);
    EXPECT_EQ(basic.status, 401);
    EXPECT_EQ(basic.header("www-authenticate").substr(0, 5), "Basic");
    EXPECT_EQ(dump({"identity"}), before);
}

TEST_F(Tokens, ThatExpiredOrNeverWereAreRefused) {
    System system = make_system(as("market_officer"));
    std::string token = anonymous().post_bytes("/oauth/token", system.form(), form_type).json["access_token"];
    sql("UPDATE identity.token SET expires_at = now() - interval '1 second' WHERE client = '" + system.id +
        "'");
    for (const std::string& bad : {token, std::string("never-was"), std::string()}) {
        Reply reply = server_->bearer(bad).get("/api/v1/me/notices");
        EXPECT_EQ(reply.status, 401) << bad;
        EXPECT_NE(reply.header("www-authenticate").find("Bearer"), std::string::npos);
    }
    EXPECT_EQ(server_->bearer(token).get("/api/v1/me/notices").json["type"], "/problems/identity.bad-token");
    EXPECT_EQ(server_->bearer(token).get("/api/v1/organizations").status, 401)
        << "a bad token is told, also where none is needed";
}

TEST_F(Tokens, EndWithTheirClient) {
    System system = make_system(as("market_officer"));
    std::string token = anonymous().post_bytes("/oauth/token", system.form(), form_type).json["access_token"];
    std::string path = "/api/v1/clients/" + system.id + "/disable";
    EXPECT_EQ(as("civil_officer").post(path).status, 403) << "another department's system";
    EXPECT_EQ(server_->bearer(token).get("/api/v1/me/notices").status, 200);

    EXPECT_EQ(as("market_officer").post(path).json["state"], "disabled");
    EXPECT_EQ(server_->bearer(token).get("/api/v1/me/notices").status, 401);
    EXPECT_EQ(anonymous().post_bytes("/oauth/token", system.form(), form_type).status, 401);
}

TEST_F(Tokens, ListsShowOnesOwnSystemsAndNoSecrets) {
    System system = make_system(as("market_officer"));
    Reply mine = as("market_officer").get("/api/v1/clients");
    EXPECT_EQ(mine.status, 200);
    EXPECT_NE(mine.body.find(system.id), std::string::npos);
    EXPECT_EQ(mine.body.find(system.secret), std::string::npos);
    EXPECT_EQ(as("civil_officer").get("/api/v1/clients").body.find(system.id), std::string::npos);
}

TEST_F(Tokens, TheCommandLineMakesAndRevokesThem) {
    auto made =
        cli(*server_, {"--json", "token", "create", "--name", "系统", "--organization", std::string(civil)});
    ASSERT_EQ(made.status, 0) << made.out;
    System system{made.json()["client_id"], made.json()["client_secret"]};
    EXPECT_EQ(anonymous().post_bytes("/oauth/token", system.form(), form_type).status, 200);
    auto listed = cli(*server_, {"--json", "token", "list", "--organization", std::string(civil)});
    EXPECT_NE(listed.out.find(system.id), std::string::npos);
    EXPECT_EQ(cli(*server_, {"token", "revoke", system.id}).status, 0);
    EXPECT_EQ(anonymous().post_bytes("/oauth/token", system.form(), form_type).status, 401);
    EXPECT_EQ(cli(*server_, {"token", "revoke", "nobody"}).status, 1);
    EXPECT_EQ(cli(*server_, {"token", "create", "--name", "系统", "--organization", "999"}).status, 1);
}

}  // namespace
}  // namespace pengcheng::test
