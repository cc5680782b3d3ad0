#include "staff.hpp"

#include "identity/jwt.hpp"
#include "sanitizer.hpp"

#include <pengcheng/crypto/crypto.hpp>

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
    EXPECT_EQ(sql("SELECT count(*) FROM identity.client_secret WHERE secret_hash = '" + system.secret + "'"),
              "0");
    EXPECT_EQ(sql("SELECT count(*) FROM identity.signing_key WHERE length(sealed) < 60"), "0");
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

TEST_F(Tokens, ThatNeverWereOrWereChangedAreRefused) {
    System system = make_system(as("market_officer"));
    std::string token = anonymous().post_bytes("/oauth/token", system.form(), form_type).json["access_token"];
    std::string other = anonymous().post_bytes("/oauth/token", system.form(), form_type).json["access_token"];
    std::string mixed = token.substr(0, token.rfind('.')) + other.substr(other.rfind('.'));
    for (const std::string& bad : {mixed, token + "x", std::string("never-was"), std::string()}) {
        Reply reply = server_->bearer(bad).get("/api/v1/me/notices");
        EXPECT_EQ(reply.status, 401) << bad;
        std::string fault = bad.empty() ? "" : R"(, error="invalid_token")";
        EXPECT_EQ(reply.header("www-authenticate"), R"(Bearer realm="pengcheng")" + fault);
    }
    EXPECT_EQ(anonymous().get("/api/v1/me/notices").header("www-authenticate"), "Bearer realm=\"pengcheng\"");
    EXPECT_EQ(server_->bearer(mixed).get("/api/v1/me/notices").json["type"], "/problems/identity.bad-token");
    EXPECT_EQ(server_->bearer(mixed).get("/api/v1/organizations").status, 401)
        << "a bad token is told, also where none is needed";
    EXPECT_EQ(anonymous().header("Cookie", "pc_session=" + token).get("/api/v1/me/notices").status, 401)
        << "a token is no session";
}

TEST_F(Tokens, ArePublishedForOthersToCheck) {
    System system = make_system(as("market_officer"));
    std::string token = anonymous().post_bytes("/oauth/token", system.form(), form_type).json["access_token"];
    Reply metadata = anonymous().get("/.well-known/oauth-authorization-server");
    ASSERT_EQ(metadata.status, 200) << metadata.body;
    std::string uri = metadata.json["jwks_uri"];
    EXPECT_NE(uri.find("/.well-known/jwks.json"), std::string::npos);
    Json keys = anonymous().get("/.well-known/jwks.json").json["keys"];
    auto jwt = identity::read_jwt(token);
    ASSERT_TRUE(jwt);
    EXPECT_EQ(jwt->claims["sub"], system.id);
    EXPECT_EQ(jwt->claims["iss"], metadata.json["issuer"]);
    bool checked = false;
    for (const Json& key : keys) {
        EXPECT_FALSE(key.contains("d")) << "the private half stays here";
        checked = checked || (key["kid"] == jwt->key_id() &&
                              crypto::verify_jws(*identity::public_key_of(key), jwt->algorithm(),
                                                 jwt->signed_text, jwt->signature));
    }
    EXPECT_TRUE(checked);
}

TEST_F(Tokens, OutliveTheKeyThatSignedThemUntilTheyExpire) {
    System system = make_system(as("market_officer"));
    auto issue = [&] {
        std::string token =
            anonymous().post_bytes("/oauth/token", system.form(), form_type).json["access_token"];
        return token;
    };
    std::string before = issue();
    EXPECT_EQ(as("system_admin").post("/api/v1/token-keys/rotate").status, 403);
    Reply rotated = as("security_admin").post("/api/v1/token-keys/rotate");
    ASSERT_EQ(rotated.status, 200) << rotated.body;
    EXPECT_EQ(rotated.json["items"][0]["state"], "announced");
    EXPECT_EQ(rotated.json["items"][1]["state"], "signing");
    std::string announced = rotated.json["items"][0]["kid"];
    EXPECT_NE(anonymous().get("/.well-known/jwks.json").body.find(announced), std::string::npos);
    sql("UPDATE identity.signing_key SET signs_from = now() - interval '1 second' WHERE kid = '" + announced +
        "'");
    auto signs = [&] {
        Json keys = as("security_admin").get("/api/v1/token-keys").json;
        return keys["items"][0]["state"] == "signing";
    };
    for (int i = 0; i < patience * 1000 && !signs(); ++i) {
    }
    std::string after = issue();
    EXPECT_EQ(identity::read_jwt(after)->key_id(), announced);
    EXPECT_EQ(server_->bearer(before).get("/api/v1/me/notices").status, 200) << "both are checked meanwhile";
    EXPECT_EQ(server_->bearer(after).get("/api/v1/me/notices").status, 200);

    auto leaked = cli(*server_, {"--json", "token", "rotate-key", "--at-once"});
    ASSERT_EQ(leaked.status, 0) << leaked.out;
    EXPECT_EQ(get_once(server_->bearer(before), 401, "/api/v1/me/notices").status, 401);
    EXPECT_EQ(get_once(server_->bearer(after), 401, "/api/v1/me/notices").status, 401);
    EXPECT_EQ(server_->bearer(issue()).get("/api/v1/me/notices").status, 200);
}

TEST_F(Tokens, SecretsRotateThroughTwoLiveValues) {
    System first = make_system(as("market_officer"));
    std::string path = "/api/v1/clients/" + first.id + "/secrets";
    Client officer = as("market_officer");
    auto token_for = [&](const System& system) {
        return anonymous().post_bytes("/oauth/token", system.form(), form_type);
    };
    std::string of_first = token_for(first).json["access_token"];
    EXPECT_EQ(as("civil_officer").post(path).status, 403);
    Reply made = officer.post(path);
    ASSERT_EQ(made.status, 201) << made.body;
    System second{first.id, made.json["client_secret"]};
    std::string of_second = token_for(second).json["access_token"];
    EXPECT_EQ(token_for(first).status, 200) << "both live";
    EXPECT_EQ(officer.post(path).json["type"], "/problems/identity.two-secrets");
    EXPECT_THROW(sql("INSERT INTO identity.client_secret (client, place, secret_hash, created_by) VALUES ('" +
                     first.id + "', 1, 'x', 'test')"),
                 std::exception)
        << "the database knows of two places only";

    Json listed = officer.get(path).json["items"];
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_TRUE(listed[0]["last_used_at"].is_string());
    EXPECT_EQ(officer.get(path).body.find(second.secret), std::string::npos);
    std::string oldest = listed[1]["id"];
    Reply retired = officer.post(path + "/" + oldest + "/retire");
    ASSERT_EQ(retired.status, 200) << retired.body;
    EXPECT_EQ(token_for(first).status, 401);
    EXPECT_EQ(server_->bearer(of_first).get("/api/v1/me/notices").status, 401) << "its tokens end at once";
    EXPECT_EQ(server_->bearer(of_second).get("/api/v1/me/notices").status, 200);
    EXPECT_EQ(officer.post(path).status, 201);
    EXPECT_EQ(officer.post(path + "/no-id/retire").status, 404);
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
