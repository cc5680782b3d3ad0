#include "staff.hpp"

namespace pengcheng::test {
namespace {

using Sessions = ServerTest;

const std::string reviewer_password{password};

Json credentials(const std::string& username, const std::string& text = reviewer_password) {
    return {{"username", username}, {"password", text}};
}

/// The cookie of a reply, as a client sends it back.
std::string cookie_of(const Reply& reply) {
    std::string cookie = reply.header("set-cookie");
    return cookie.substr(0, cookie.find(';'));
}

/// Makes an account that no other test signs in with.
void add_account(const Server& server, const std::string& name) {
    add_staff(server, name, std::string(market), {"data_officer"});
}

TEST_F(Sessions, SignInSetsTheCookieAndAnswersTheUser) {
    Reply reply = anonymous().post("/api/v1/session", credentials(" Reviewer "));
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json["user"]["username"], "reviewer");
    EXPECT_EQ(reply.json["user"]["organization"]["code"], bureau);
    EXPECT_EQ(reply.json["user"]["roles"], Json::array({"reviewer"}));
    EXPECT_EQ(reply.header("cache-control"), "no-store");
    std::string cookie = reply.header("set-cookie");
    for (const char* part : {"pc_session=", "; HttpOnly", "; SameSite=Lax", "; Path=/"}) {
        EXPECT_NE(cookie.find(part), std::string::npos) << part << " in " << cookie;
    }
    std::string token = cookie_of(reply).substr(std::string("pc_session=").size());
    EXPECT_EQ(sql("SELECT count(*) FROM identity.session WHERE token_hash = '" + token + "'"), "0")
        << "the database must not hold what a thief could use";
    EXPECT_EQ(sql("SELECT count(*) FROM identity.session WHERE token_hash = encode(sha256('" + token +
                  "'), 'hex')"),
              "1");

    Reply again = anonymous().header("Cookie", cookie_of(reply)).get("/api/v1/session");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.json, reply.json);
    EXPECT_EQ(reply.json["pending"], nullptr);
    EXPECT_EQ(anonymous().get("/api/v1/session").status, 401);
}

TEST_F(Sessions, UnknownUserAndWrongPasswordAnswerTheSame) {
    add_account(*server_, "mallory_target");
    Reply wrong = anonymous().post("/api/v1/session", credentials("mallory_target", "not the password"));
    Reply unknown = anonymous().post("/api/v1/session", credentials("nobody_at_all", "not the password"));
    for (const Reply& reply : {wrong, unknown}) {
        EXPECT_EQ(reply.status, 401);
        EXPECT_EQ(reply.json["type"], "/problems/identity.bad-credentials");
        EXPECT_EQ(reply.header("set-cookie"), "");
    }
    EXPECT_EQ(wrong.json["detail"], unknown.json["detail"]);
    EXPECT_EQ(wrong.json.size(), unknown.json.size());
}

TEST_F(Sessions, ANameWithANulIsNoOtherSpellingOfAName) {
    add_account(*server_, "mallory_nul");
    std::string before = sql("SELECT count(*) FROM identity.sign_in_failure");
    for (std::string_view rest : {"\\u0000", "\\u0000x"}) {
        std::string body = R"({"username":"mallory_nul)" + std::string(rest) + R"(","password":")" +
                           reviewer_password + "\"}";
        Reply reply = anonymous().send("POST", "/api/v1/session", body, "application/json");
        EXPECT_EQ(reply.status, 400) << "each spelling would have tries of its own: " << reply.body;
        EXPECT_EQ(reply.header("set-cookie"), "");
    }
    EXPECT_EQ(sql("SELECT count(*) FROM identity.sign_in_failure"), before);
    EXPECT_EQ(anonymous().get("/api/v1/open/datasets/x%00y").status, 404);
}

TEST_F(Sessions, LinksLeadBackToOurOwnPagesOnly) {
    auto back = [](const std::string& wanted) {
        return anonymous().get("/preferences?lang=en&back=" + wanted).header("location");
    };
    EXPECT_EQ(back("/datasets%3Fq%3Da"), "/datasets?q=a");
    for (const char* other : {"//evil.example", "/%09/evil.example", "/%5Cevil.example", "%09//evil.example",
                              "https://evil.example", "/%0d%0a/evil.example", "javascript:1", "/a%7f"}) {
        EXPECT_EQ(back(other), "/") << other;
    }
    EXPECT_EQ(anonymous().get("/my").header("location"), "/login?back=%2Fmy");
}

TEST_F(Sessions, FiveWrongTriesLockTheNameForAGrowingTime) {
    add_account(*server_, "locked_one");
    for (const char* name : {"locked_one", "nobody_here"}) {
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(anonymous().post("/api/v1/session", credentials(name, "wrong password")).status, 401)
                << i;
        }
        Reply locked = anonymous().post("/api/v1/session", credentials(name));
        EXPECT_EQ(locked.status, 429) << "the right password does not help either";
        EXPECT_EQ(locked.json["type"], "/problems/identity.locked");
        int wait = std::stoi(locked.header("retry-after"));
        EXPECT_GT(wait, 0);
        EXPECT_LE(wait, 30);
    }

    sql("UPDATE identity.sign_in_failure SET locked_until = now() - interval '1 second'");
    EXPECT_EQ(anonymous().post("/api/v1/session", credentials("locked_one", "wrong password")).status, 401);
    Reply longer = anonymous().post("/api/v1/session", credentials("locked_one"));
    EXPECT_EQ(longer.status, 429);
    EXPECT_GT(std::stoi(longer.header("retry-after")), 30);

    sql("UPDATE identity.sign_in_failure SET locked_until = now() - interval '1 second'");
    EXPECT_EQ(anonymous().post("/api/v1/session", credentials("locked_one")).status, 200);
    EXPECT_EQ(anonymous().post("/api/v1/session", credentials("locked_one", "wrong password")).status, 401)
        << "a right password starts the count again";
}

TEST_F(Sessions, UnsafeMethodsNeedTheCsrfToken) {
    Client officer = as("market_officer").without_csrf();
    std::string before = dump({"identity"});
    Reply reply = officer.post("/api/v1/clients", {{"name", "系统"}});
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(reply.json["type"], "/problems/http.csrf");
    EXPECT_EQ(officer.remove("/api/v1/session").status, 403);
    EXPECT_EQ(dump({"identity"}), before);
}

TEST_F(Sessions, ASecondSignInEndsTheFirstOfTheBrowser) {
    add_account(*server_, "twice");
    std::string first = cookie_of(anonymous().post("/api/v1/session", credentials("twice")));
    Reply second = anonymous().header("Cookie", first).post("/api/v1/session", credentials("twice"));
    EXPECT_EQ(second.status, 200);
    EXPECT_NE(cookie_of(second), first);
    EXPECT_EQ(anonymous().header("Cookie", first).get("/api/v1/session").status, 401);

    // A cookie that somebody else chose never becomes a session.
    Reply chosen =
        anonymous().header("Cookie", "pc_session=chosen").post("/api/v1/session", credentials("twice"));
    EXPECT_EQ(chosen.status, 200);
    EXPECT_EQ(anonymous().header("Cookie", "pc_session=chosen").get("/api/v1/session").status, 401);
}

TEST_F(Sessions, EndByIdlenessByAgeAndBySignOut) {
    add_account(*server_, "idle_one");
    auto sign_in = [&] {
        Reply reply = anonymous().post("/api/v1/session", credentials("idle_one"));
        Client client = anonymous().header("Cookie", cookie_of(reply));
        client.csrf = reply.json["csrf_token"];
        return client;
    };
    const std::string mine = " WHERE account = (SELECT id FROM identity.account WHERE username = 'idle_one')";
    Client idle = sign_in();
    sql("UPDATE identity.session SET last_seen_at = now() - interval '29 minutes'" + mine);
    EXPECT_EQ(idle.get("/api/v1/session").status, 200);
    sql("UPDATE identity.session SET last_seen_at = now() - interval '31 minutes'" + mine);
    EXPECT_EQ(get_once(idle, 401, "/api/v1/session").status, 401);
    EXPECT_EQ(idle.get("/api/v1/organizations").status, 200) << "what is public stays so with an old cookie";

    Client old = sign_in();
    sql("UPDATE identity.session SET expires_at = now() - interval '1 second'" + mine);
    EXPECT_EQ(get_once(old, 401, "/api/v1/session").status, 401);

    Client leaving = sign_in();
    Reply left = leaving.remove("/api/v1/session");
    EXPECT_EQ(left.status, 204);
    EXPECT_NE(left.header("set-cookie").find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(leaving.get("/api/v1/session").status, 401);
}

TEST_F(Sessions, SignInsAndRefusalsAreAudited) {
    add_account(*server_, "audited_one");
    anonymous().post("/api/v1/session", credentials("audited_one", "wrong password"));
    anonymous().post("/api/v1/session", credentials("audited_one"));
    std::string id = sql("SELECT id FROM identity.account WHERE username = 'audited_one'");
    Json page = as("audit_admin").get("/api/v1/audit/records?object=" + id).json;
    std::vector<std::string> actions;
    for (const Json& item : page["items"]) {
        actions.push_back(item["action"]);
    }
    for (const char* expected : {"identity.user.create", "identity.role.update", "identity.session.refuse",
                                 "identity.session.create"}) {
        EXPECT_NE(std::find(actions.begin(), actions.end(), expected), actions.end())
            << expected << page.dump(1);
    }
    EXPECT_EQ(page.dump().find(reviewer_password), std::string::npos);
}

TEST_F(Sessions, ADisabledAccountIsOutAtOnce) {
    add_account(*server_, "leaver");
    std::string cookie = cookie_of(anonymous().post("/api/v1/session", credentials("leaver")));
    ASSERT_EQ(cli(*server_, {"user", "disable", "leaver"}).status, 0);
    EXPECT_EQ(get_once(anonymous().header("Cookie", cookie), 401, "/api/v1/session").status, 401);
    EXPECT_EQ(anonymous().post("/api/v1/session", credentials("leaver")).status, 401);
}

}  // namespace
}  // namespace pengcheng::test
