// Passwords, second factor, sessions and lock-out, through the public door.
#include "identity/totp_code.hpp"
#include "staff.hpp"

#include <pengcheng/base/text.hpp>

#include <chrono>
#include <future>

namespace pengcheng::test {
namespace {

using Credentials = ServerTest;

std::string name_of() {
    static int count = 0;
    return "holder_" + std::to_string(++count);
}

struct Holder {
    std::string name;
    std::string id;
    Client client;
};

Reply sign_in(Server& server, const std::string& name, const std::string& text,
              const std::string& code = "") {
    Json body = {{"username", name}, {"password", text}};
    if (!code.empty()) {
        body["code"] = code;
    }
    return server.anonymous().post("/api/v1/session", body);
}

Client client_of(Server& server, const Reply& reply) {
    std::string cookie = reply.header("set-cookie");
    Client client = server.anonymous().header("Cookie", cookie.substr(0, cookie.find(';')));
    client.csrf = reply.json["csrf_token"];
    return client;
}

Holder make_holder(Server& server, const std::vector<std::string>& roles = {"data_officer"}) {
    Holder holder;
    holder.name = name_of();
    add_staff(server, holder.name, roles.front().ends_with("_admin") ? "" : std::string(market), roles);
    holder.id = server.sql("SELECT id FROM identity.account WHERE username = '" + holder.name + "'");
    holder.client = client_of(server, sign_in(server, holder.name, std::string(password)));
    return holder;
}

struct Enrolled {
    std::string secret;
    std::string code;  ///< that confirmed it
    std::vector<std::string> recovery_codes;
};
Enrolled enrol(const Client& client) {
    Reply offer = client.post("/api/v1/me/totp");
    EXPECT_EQ(offer.status, 200) << offer.body;
    Enrolled out{.secret = secret_bytes(offer.json["secret"])};
    out.code = code_of(out.secret);
    EXPECT_NE(offer.json["uri"].get<std::string>().find("otpauth://totp/"), std::string::npos);
    EXPECT_EQ(client.post("/api/v1/me/totp/confirm", {{"code", "000000"}}).status, 422);
    Reply confirmed = client.post("/api/v1/me/totp/confirm", {{"code", out.code}});
    EXPECT_EQ(confirmed.status, 200) << confirmed.body;
    out.recovery_codes = confirmed.json["recovery_codes"].get<std::vector<std::string>>();
    return out;
}

TEST_F(Credentials, APasswordIsChangedByItsHolderAndNotUsedAgain) {
    Holder holder = make_holder(*server_);
    Client elsewhere = client_of(*server_, sign_in(*server_, holder.name, std::string(password)));
    auto change = [&](const std::string& present, const std::string& next) {
        return holder.client.put("/api/v1/me/password", {{"present", present}, {"password", next}});
    };
    EXPECT_EQ(change("not the present one", "Quite-New-2026").json["errors"][0]["pointer"], "/present");
    EXPECT_EQ(change(std::string(password), "short").json["errors"][0]["pointer"], "/password");
    EXPECT_EQ(change(std::string(password), "x-" + holder.name + "-x").status, 422);
    EXPECT_EQ(change(std::string(password), std::string(password)).json["type"],
              "/problems/identity.password-used-before");
    ASSERT_EQ(change(std::string(password), "Quite-New-2026").status, 204);
    EXPECT_EQ(change("Quite-New-2026", std::string(password)).json["type"],
              "/problems/identity.password-used-before");
    EXPECT_EQ(holder.client.get("/api/v1/me").status, 200) << "the session that changed it stays";
    EXPECT_EQ(elsewhere.get("/api/v1/me").status, 401) << "the others end";
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password)).status, 401);
    EXPECT_EQ(sign_in(*server_, holder.name, "Quite-New-2026").status, 200);
}

TEST_F(Credentials, AnOldPasswordIsChangedBeforeAnythingElse) {
    Holder holder = make_holder(*server_);
    EXPECT_EQ(holder.client.get("/api/v1/clients").status, 200);
    sql("UPDATE identity.account SET password_set_at = now() - interval '91 days' WHERE id = '" + holder.id +
        "'");
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password)).json["pending"], "password");
    for (const char* path :
         {"/api/v1/clients", "/api/v1/me", "/api/v1/me/sessions", "/api/v1/catalogue/resources"}) {
        Reply refused = get_once(holder.client, 403, path);
        EXPECT_EQ(refused.status, 403) << path;
        EXPECT_EQ(refused.json["type"], "/problems/identity.password-due") << path;
    }
    EXPECT_EQ(holder.client.get("/api/v1/session").json["pending"], "password");
    EXPECT_EQ(holder.client.get("/api/v1/me/security").status, 200);
    ASSERT_EQ(
        holder.client.put("/api/v1/me/password", {{"present", password}, {"password", "Quite-New-2026"}})
            .status,
        204);
    EXPECT_EQ(holder.client.get("/api/v1/clients").status, 200);
}

TEST_F(Credentials, ASecondFactorIsAskedForAndServesOnce) {
    Holder holder = make_holder(*server_);
    Enrolled enrolled = enrol(holder.client);
    ASSERT_EQ(enrolled.recovery_codes.size(), 10U);
    std::string stored = sql("SELECT secret FROM identity.totp WHERE account = '" + holder.id + "'");
    EXPECT_EQ(stored.find(enrolled.secret), std::string::npos) << "sealed at rest";
    EXPECT_EQ(sql("SELECT count(*) FROM identity.recovery_code WHERE code_hash LIKE '%" +
                  identity::plain_code(enrolled.recovery_codes[0]) + "%'"),
              "0");

    Reply half = sign_in(*server_, holder.name, std::string(password));
    EXPECT_EQ(half.status, 401);
    EXPECT_EQ(half.json["type"], "/problems/identity.code-needed");
    EXPECT_EQ(half.header("set-cookie"), "");
    EXPECT_EQ(sign_in(*server_, holder.name, "wrong password", code_of(enrolled.secret, 1)).json["type"],
              "/problems/identity.bad-credentials")
        << "the code tells nothing without the password";
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password), "123456").json["type"],
              "/problems/identity.bad-code");

    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password), enrolled.code).status, 401)
        << "the code that confirmed it is spent";
    std::string next = code_of(enrolled.secret, 1);
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password), next).status, 200);
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password), next).status, 401) << "taken once";

    const std::string& recovery = enrolled.recovery_codes[3];
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password), recovery).status, 200);
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password), recovery).status, 401) << "taken once";
    Json security = holder.client.get("/api/v1/me/security").json;
    EXPECT_EQ(security["totp"], true);
    EXPECT_EQ(security["recovery_codes_left"], 9);
    EXPECT_EQ(holder.client.post("/api/v1/me/totp").json["type"], "/problems/identity.totp-on");

    Reply renewed =
        holder.client.post("/api/v1/me/totp/recovery-codes", {{"code", enrolled.recovery_codes[4]}});
    ASSERT_EQ(renewed.status, 200) << renewed.body;
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password), enrolled.recovery_codes[5]).status, 401);
    std::string fresh = renewed.json["recovery_codes"][0];
    EXPECT_EQ(holder.client.post("/api/v1/me/totp/remove", {{"code", fresh}}).status, 204);
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password)).status, 200);
}

TEST_F(Credentials, AdministratorsNeedASecondFactorAfterTheGrace) {
    std::string given =
        "UPDATE identity.role_assignment SET given_at = now() - interval '8 days' WHERE role = "
        "'audit_admin'";
    EXPECT_THROW(sql(given), std::exception) << "the rule holds for whoever writes to the table";
    std::string admin = sql("SELECT account FROM identity.role_assignment WHERE role = 'security_admin'");
    sql("DO $do$ BEGIN PERFORM set_config('pengcheng.actor', '" + admin + "', true); " + given +
        "; END $do$");
    Reply reply = sign_in(*server_, "audit_admin", std::string(password));
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json["pending"], "totp");
    Client client = client_of(*server_, reply);
    EXPECT_EQ(get_once(client, 403, "/api/v1/audit/records").json["type"], "/problems/identity.totp-due");
    Enrolled enrolled = enrol(client);
    EXPECT_EQ(client.get("/api/v1/audit/records").status, 200);
    EXPECT_EQ(client.post("/api/v1/me/totp/remove", {{"code", enrolled.recovery_codes[0]}}).json["type"],
              "/problems/identity.totp-stays");
    // A lost telephone: the security administrator resets it, and nobody their own.
    std::string id = sql("SELECT id FROM identity.account WHERE username = 'audit_admin'");
    EXPECT_EQ(as("system_admin").post("/api/v1/users/" + id + "/totp/reset").status, 403);
    EXPECT_EQ(as("security_admin").post("/api/v1/users/" + admin + "/totp/reset").json["type"],
              "/problems/identity.own-account");
    EXPECT_EQ(as("security_admin").post("/api/v1/users/" + id + "/totp/reset").status, 204);
    EXPECT_EQ(client.get("/api/v1/audit/records").status, 401) << "its sessions end";
    EXPECT_EQ(sign_in(*server_, "audit_admin", std::string(password)).json["pending"], "totp");
}

TEST_F(Credentials, SessionsAreListedAndEndedFromAfar) {
    Holder holder = make_holder(*server_);
    Client phone = client_of(
        *server_, anonymous()
                      .header("User-Agent", "Telephone/1.0")
                      .post("/api/v1/session", {{"username", holder.name}, {"password", password}}));
    Json listed = holder.client.get("/api/v1/me/sessions").json["items"];
    ASSERT_EQ(listed.size(), 2U) << listed.dump();
    std::string id;
    for (const Json& one : listed) {
        EXPECT_EQ(one["address"], "127.0.0.1");
        if (one["user_agent"] == "Telephone/1.0") {
            EXPECT_EQ(one["current"], false);
            id = one["id"];
        } else {
            EXPECT_EQ(one["current"], true);
        }
    }
    EXPECT_EQ(phone.get("/api/v1/me").status, 200);
    EXPECT_EQ(as("civil_officer").remove("/api/v1/me/sessions/" + id).status, 403) << "another's session";
    EXPECT_EQ(holder.client.remove("/api/v1/me/sessions/" + id).status, 204);
    EXPECT_EQ(phone.get("/api/v1/me").status, 401) << "at once, whoever remembered it";
    EXPECT_EQ(holder.client.remove("/api/v1/me/sessions/" + id).status, 404);

    Client again = client_of(*server_, sign_in(*server_, holder.name, std::string(password)));
    EXPECT_EQ(holder.client.remove("/api/v1/me/sessions").json["ended"], 1);
    EXPECT_EQ(again.get("/api/v1/me").status, 401);
    std::string path = "/api/v1/users/" + holder.id + "/sessions";
    EXPECT_EQ(as("system_admin").get(path).status, 403);
    EXPECT_EQ(as("security_admin").get(path).json["items"].size(), 1U);
    EXPECT_EQ(as("security_admin").remove(path).json["ended"], 1);
    EXPECT_EQ(holder.client.get("/api/v1/me").status, 401);
}

TEST_F(Credentials, OfTwoChangesAtOnceThatKnowThePasswordOneCounts) {
    Holder holder = make_holder(*server_);
    std::vector<Client> clients{holder.client,
                                client_of(*server_, sign_in(*server_, holder.name, std::string(password)))};
    std::vector<std::future<int>> changes;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        changes.push_back(std::async(std::launch::async, [&client = clients[i], i] {
            Json body = {{"present", password}, {"password", "Purple-Harbour-" + std::to_string(70 + i)}};
            return client.put("/api/v1/me/password", body).status;
        }));
    }
    int changed = 0;
    for (auto& change : changes) {
        changed += change.get() == 204 ? 1 : 0;
    }
    EXPECT_EQ(changed, 1);
}

TEST_F(Credentials, LockOutsAreSeenAndEndedByTheSecurityAdministrator) {
    Holder holder = make_holder(*server_);
    for (int i = 0; i < 5; ++i) {
        sign_in(*server_, holder.name, "wrong password");
    }
    Reply locked = sign_in(*server_, holder.name, std::string(password));
    EXPECT_EQ(locked.status, 429);
    server_->kill();
    server_->restart();
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password)).status, 429)
        << "a restart forgets nothing";
    EXPECT_EQ(as("system_admin").get("/api/v1/lockouts").status, 403);
    std::string id;
    Reply lockouts = as("security_admin").get("/api/v1/lockouts");
    ASSERT_EQ(lockouts.status, 200) << lockouts.body;
    for (const Json& one : lockouts.json["items"]) {
        if (one["label"] == holder.name) {
            EXPECT_EQ(one["kind"], "account");
            id = one["id"];
        }
    }
    ASSERT_NE(id, "") << lockouts.body;
    EXPECT_EQ(as("security_admin").remove("/api/v1/lockouts/" + id).status, 204);
    EXPECT_EQ(as("security_admin").remove("/api/v1/lockouts/" + id).status, 404);
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password)).status, 200);
}

TEST_F(Credentials, AnAddressThatTriesManyNamesWaitsToo) {
    Holder holder = make_holder(*server_);
    sign_in(*server_, "nobody_knows", "wrong password");
    sql("UPDATE identity.sign_in_failure SET failures = 49 WHERE kind = 'address'");
    EXPECT_EQ(sign_in(*server_, "nobody_else", "wrong password").status, 401) << "the fiftieth";
    Reply locked = sign_in(*server_, holder.name, std::string(password));
    EXPECT_EQ(locked.status, 429);
    EXPECT_GT(std::stoi(locked.header("retry-after")), 0);
    EXPECT_EQ(sql("SELECT count(*) FROM identity.sign_in_failure WHERE label = '" + holder.name + "'"), "0")
        << "a locked address locks nobody else's name";
    sql("UPDATE identity.sign_in_failure SET locked_until = now() - interval '1 second' WHERE kind = "
        "'address'");
    EXPECT_EQ(sign_in(*server_, holder.name, std::string(password)).status, 200);
    sql("DELETE FROM identity.sign_in_failure WHERE kind = 'address'");  // the other tests call from it too
}

TEST_F(Credentials, EveryChangeLeavesAnEvent) {
    Holder holder = make_holder(*server_);
    sign_in(*server_, holder.name, "wrong password");
    Client second = client_of(*server_, sign_in(*server_, holder.name, std::string(password)));
    second.remove("/api/v1/session");
    Enrolled enrolled = enrol(holder.client);
    sign_in(*server_, holder.name, std::string(password), "123456");
    holder.client.post("/api/v1/me/totp/recovery-codes", {{"code", enrolled.recovery_codes[0]}});
    holder.client.put("/api/v1/me/password", {{"present", "wrong"}, {"password", "Quite-New-2026"}});
    holder.client.put("/api/v1/me/password", {{"present", password}, {"password", "Quite-New-2026"}});
    holder.client.post("/api/v1/me/totp/remove", {{"code", "123456"}});
    Client admin = as("security_admin");
    std::string user = "/api/v1/users/" + holder.id;
    admin.put(user + "/grade", {{"grade_max", 4}});
    admin.put(user + "/roles", {{"roles", {"provider_officer"}}});
    admin.post(user + "/totp/reset");
    admin.remove(user + "/sessions");
    as("system_admin").post(user + "/disable");
    as("system_admin").post(user + "/enable");

    add_staff(*server_, "watching_auditor", "", {"audit_admin"});
    std::set<std::string> seen;
    Json page = as("watching_auditor").get("/api/v1/audit/records?limit=200&object=" + holder.id).json;
    for (const Json& item : page["items"]) {
        seen.insert(item["action"].get<std::string>());
    }
    for (const char* action :
         {"identity.user.create", "identity.role.update", "identity.session.create",
          "identity.session.refuse", "identity.session.delete", "identity.totp.create",
          "identity.recovery_code.create", "identity.password.refuse", "identity.password.update",
          "identity.totp.refuse", "identity.grade.update", "identity.totp.reset", "identity.session.end",
          "identity.user.disable", "identity.user.enable"}) {
        EXPECT_TRUE(seen.contains(action)) << action;
    }
    std::string text = page.dump();
    for (const std::string& secret : {std::string(password), std::string("Quite-New-2026"),
                                      enrolled.recovery_codes[0], identity::base32(enrolled.secret)}) {
        EXPECT_EQ(text.find(secret), std::string::npos) << "a secret in the audit log";
    }
}

}  // namespace
}  // namespace pengcheng::test
