// Every route x every role x every kind of object (own, another department's, none), held against the
// hand-written config/permissions.yaml, which is read here by its own few lines and not by the program's.
#include "harness.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"
#include "services/citizen.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/migrate.hpp>

#include <yaml-cpp/yaml.h>

#include <set>

namespace pengcheng::test {
namespace {

struct Right {
    std::string subject;
    std::string scope;
};
using File = std::map<std::string, std::vector<Right>>;

const File& file() {
    static const File all = [] {
        File out;
        for (const auto& row : YAML::LoadFile((source_folder() / "config/permissions.yaml").string())) {
            for (const auto& right : row.second) {
                std::vector<std::string> scopes;
                if (right.second.IsSequence()) {
                    scopes = right.second.as<std::vector<std::string>>();
                } else {
                    scopes = {right.second.as<std::string>()};
                }
                for (const std::string& scope : scopes) {
                    out[row.first.as<std::string>()].push_back({right.first.as<std::string>(), scope});
                }
            }
        }
        return out;
    }();
    return all;
}

struct Caller {
    std::string role;
    std::string organization;
    std::string id;
    Client client;
};

struct Owner {
    std::optional<std::string> organization;
    std::optional<std::string> account;
};

/// What the file says, of an object or (without one) of the route as such.
bool allowed(const Caller& caller, const std::string& permission, const Owner* owner) {
    for (const Right& right : file().at(permission)) {
        bool signed_in = caller.role != "anonymous";
        bool holds = right.subject == "public" || right.subject == caller.role ||
                     (signed_in && (right.subject == "signed_in" || right.subject == "pending"));
        if (!holds) {
            continue;
        }
        if (right.scope == "any") {
            return true;
        }
        if (right.scope == "self") {
            if (owner == nullptr || owner->account == caller.id) {
                return true;
            }
            continue;
        }
        // Every department here sits in the city and has none under it: region is all of them, subtree is
        // own.
        if (caller.organization.empty()) {
            continue;
        }
        std::string parties = owner == nullptr ? "" : owner->organization.value_or("");
        bool party = ("," + parties + ",").find("," + caller.organization + ",") != std::string::npos;
        if (owner == nullptr || (right.scope == "region" && !parties.empty()) || party) {
            return true;
        }
    }
    return false;
}

class RightsMatrix : public ServerTest {
protected:
    static void SetUpTestSuite() {
        ServerTest::SetUpTestSuite();
        make_callers();
        make_objects();
    }

    static void make_callers() {
        callers_.clear();
        callers_.push_back({"anonymous", "", "", anonymous()});
        const std::vector<std::pair<std::string, std::string>> staff = {
            {"data_officer", "market_officer"},
            {"provider_officer", "market_provider"},
            {"reviewer", "reviewer"},
            {"window_staff", "window"},
            {"case_officer", "market_case"},
            {"system_admin", "system_admin"},
            {"security_admin", "security_admin"},
            {"audit_admin", "audit_admin"}};
        for (const auto& [role, name] : staff) {
            std::string where = "FROM identity.account WHERE username = '" + name + "'";
            callers_.push_back({role, sql("SELECT coalesce(organization, '') " + where),
                                sql("SELECT id::text " + where), as(name)});
        }
        Client person = citizen(*server_, "matrix_citizen", "王老五", "320302190001010010");
        callers_.push_back({"citizen", "",
                            sql("SELECT id::text FROM identity.account WHERE username = 'matrix_citizen'"),
                            person});
        Json made = as("market_officer").post("/api/v1/clients", {{"name", "矩阵"}}).json;
        std::string form = "grant_type=client_credentials&client_id=" + made["client_id"].get<std::string>() +
                           "&client_secret=" + made["client_secret"].get<std::string>();
        Json token = anonymous().post_bytes("/oauth/token", form, "application/x-www-form-urlencoded").json;
        callers_.push_back(
            {"client", std::string(market), made["client_id"], server_->bearer(token["access_token"])});
    }

    static Json items() {
        return Json::array(
            {{{"name", "编号"}, {"column", "no"}, {"type", "C"}, {"primary_key", true}, {"nullable", false}},
             {{"name", "名称"}, {"column", "name"}, {"type", "C"}}});
    }

    static void make_objects() {
        objects_.clear();
        for (const char* who : {"market_officer", "civil_officer"}) {
            Client officer = as(who);
            std::string ref =
                publish(officer, resource_body(std::string("矩阵资源") + who, items())).at("ref");
            load(officer, ref, "rows.csv", "no,name\n1,甲\n2,乙\n");
            refs_.push_back(ref);
            for (const char* kind : {"catalogue.find_owner", "catalogue.find_rows_owner"}) {
                objects_[kind].push_back(ref);
            }
            std::string file = upload(officer, "x.csv", "no,name\n1,甲\n");
            objects_["ingest.find_upload_owner"].push_back(file);
            objects_["ingest.find_resumable_owner"].push_back(file);
            objects_["identity.client_owner"].push_back(
                officer.post("/api/v1/clients", {{"name", who}}).json["client_id"]);
            objects_["identity.session_owner"].push_back(
                sql(std::string("SELECT s.id::text FROM identity.session s JOIN identity.account a ON "
                                "a.id = s.account WHERE a.username = '") +
                    who + "' LIMIT 1"));
            objects_["jobs.find_owner"].push_back(
                sql(std::string("SELECT j.id::text FROM jobs.job j JOIN identity.account a ON "
                                "a.organization = j.organization WHERE a.username = '") +
                    who + "' LIMIT 1"));
        }
        Json asked = as("civil_officer")
                         .post("/api/v1/exchange/requests", {{"resource", refs_[0]},
                                                             {"items", {{{"column", "no"}}}},
                                                             {"basis", "《社会救助暂行办法》"},
                                                             {"scene", "低保核对"},
                                                             {"scope", "民政局社会救助科"},
                                                             {"purpose", "行政审批"},
                                                             {"mode", "api"},
                                                             {"months", 12}})
                         .json;
        std::string request = asked.at("id");
        Json approved = as("market_provider")
                            .post("/api/v1/exchange/requests/" + request + "/approve", {{"note", "同意"}})
                            .json;
        for (const char* kind : {"exchange.find_request_parties", "exchange.find_request_provider",
                                 "exchange.find_request_asker"}) {
            objects_[kind].push_back(request);
        }
        for (const char* kind : {"exchange.find_grant_parties", "exchange.find_grant_provider"}) {
            objects_[kind].push_back(approved.at("grant_id"));
        }
        Json one = apply(callers_[9].client);
        objects_["services.case_owner"].push_back(one.at("case_no"));
        objects_["services.attachment_owner"].push_back(attach(callers_[9].client));
    }

    static std::string path_of(const http::Route& route, const std::string& object) {
        std::string out;
        for (std::string_view segment : split(route.path.substr(1), '/')) {
            std::size_t end = segment.find('}');
            out += '/';
            if (segment.starts_with('{') && end != std::string_view::npos) {
                bool named = segment.substr(1, end - 1) == route.object;
                out += named ? object : std::string("01900000-0000-7000-8000-000000000000");
                out += segment.substr(end + 1);
            } else {
                out += segment;
            }
        }
        return out;
    }

    /// Whose the object is, by the route's own statement.
    static Owner owner_of(const db::Statement& statement, const std::string& object) {
        std::string text(statement.sql);
        for (std::size_t at = text.find("$1"); at != std::string::npos; at = text.find("$1")) {
            text.replace(at, 2, "'" + object + "'");
        }
        auto cell = [&](const char* column) -> std::optional<std::string> {
            std::string found =
                sql(std::string("SELECT coalesce(") + column + "::text, '') FROM (" + text + ") o");
            return found.empty() ? std::nullopt : std::optional<std::string>(found);
        };
        return {cell("organization"), cell("account")};
    }

    /// 401, 403, 404, or 0 where the caller was let in. A version that is none stops every call that was let
    /// in before the module's operation, so that asking changes nothing.
    static int decision(const Caller& caller, const http::Route& route, const std::string& object) {
        Reply reply = caller.client.header("If-Match", "none")
                          .send(std::string(http::to_text(route.verb)), path_of(route, object), "");
        if (reply.header("location").starts_with("/login")) {
            return 401;
        }
        std::string type = reply.json.is_object() ? reply.json.value("type", "") : "";
        if (type == "/problems/base.unauthenticated" || type == "/problems/base.forbidden" ||
            type == "/problems/base.not-found") {
            return reply.status;
        }
        EXPECT_EQ(type, "/problems/http.bad-if-match")
            << caller.role << ' ' << route.path << " -> " << reply.status << ' ' << reply.body.substr(0, 200);
        return 0;
    }

    static std::vector<Caller> callers_;
    static std::map<std::string, std::vector<std::string>> objects_;
    static std::vector<std::string> refs_;
};

std::vector<Caller> RightsMatrix::callers_;
std::map<std::string, std::vector<std::string>> RightsMatrix::objects_;
std::vector<std::string> RightsMatrix::refs_;

int refusal(const Caller& caller) {
    return caller.role == "anonymous" ? 401 : 403;
}

TEST_F(RightsMatrix, EveryRouteAnswersEveryRoleAsTheFileSays) {
    std::string before = dump({"catalogue", "ingest", "exchange", "portal", "services", "quality", "jobs"});
    int asked = 0;
    for (const http::Route& route : app::all_routes()) {
        std::string permission(route.permission);
        if (permission == "public" || permission == "identity.session.create") {
            continue;
        }
        ASSERT_TRUE(file().contains(permission)) << permission;
        for (const Caller& caller : callers_) {
            std::string where =
                caller.role + ' ' + std::string(http::to_text(route.verb)) + ' ' + std::string(route.path);
            bool by_role = allowed(caller, permission, nullptr);
            int missing = by_role ? (route.owner == nullptr ? 0 : 404) : refusal(caller);
            EXPECT_EQ(decision(caller, route, "01900000-0000-7000-8000-000000000000"), missing)
                << where << " of a missing object";
            ++asked;
            if (route.owner == nullptr) {
                continue;
            }
            for (const std::string& object : objects_[std::string(route.owner->name)]) {
                Owner owner = owner_of(*route.owner, object);
                bool may = by_role && allowed(caller, permission, &owner);
                EXPECT_EQ(decision(caller, route, object), may ? 0 : refusal(caller))
                    << where << " of " << object << " (" << owner.organization.value_or("-") << ", "
                    << owner.account.value_or("-") << ")";
                ++asked;
            }
        }
    }
    EXPECT_GT(asked, 1500);
    EXPECT_EQ(dump({"catalogue", "ingest", "exchange", "portal", "services", "quality", "jobs"}), before);
}

/// Names that a path may hold beside the object of its route.
using Names = std::map<std::string, std::string>;

std::string filled(std::string_view path, const std::string& parameter, const std::string& object,
                   const Names& names) {
    std::string out;
    for (std::string_view segment : split(path.substr(1), '/')) {
        std::size_t end = segment.find('}');
        out += '/';
        if (!segment.starts_with('{') || end == std::string_view::npos) {
            out += segment;
            continue;
        }
        std::string name(segment.substr(1, end - 1));
        auto known = names.find(name);
        out += name == parameter ? object : known == names.end() ? "nothing" : known->second;
        out += segment.substr(end + 1);
    }
    return out;
}

/// Of each exchange anew, or moving by itself.
bool is_own(const std::string& header) {
    static const std::set<std::string> own{"date",       "x-request-id",        "traceparent",
                                           "set-cookie", "ratelimit-remaining", "ratelimit-reset"};
    return own.contains(header);
}

/// HEAD between two GETs: what those agree on, it must say too.
void expect_head_as_get(const Client& client, const std::string& path, const std::string& where) {
    Reply first = client.get(path);
    Reply head = client.send("HEAD", path, "");
    Reply second = client.get(path);
    EXPECT_EQ(head.status, first.status) << where;
    EXPECT_EQ(head.body, "") << where;
    for (const auto& [name, value] : first.headers) {
        EXPECT_TRUE(head.headers.contains(name)) << where << " has no " << name;
        if (!is_own(name) && second.header(name) == value) {
            EXPECT_EQ(head.header(name), value) << where << ' ' << name;
        }
    }
    for (const auto& [name, value] : head.headers) {
        EXPECT_TRUE(first.headers.contains(name)) << where << " has " << name << " on HEAD only";
    }
}

/// An open data set, so that the portal has something to show; its slug.
std::string open_dataset(Server& server, const std::string& ref) {
    Client officer = server.as("market_officer");
    Json body{{"resource", ref},
              {"slug", "matrix"},
              {"open_type", "unconditional"},
              {"licence", "xz-open-1"},
              {"items", {{{"column", "no"}}, {{"column", "name"}}}}};
    std::string url =
        "/api/v1/open/proposals/" + officer.post("/api/v1/open/proposals", body).json.value("id", "");
    EXPECT_EQ(officer.post(url + "/submit").status, 200);
    Reply signed_off = server.as("reviewer").post(url + "/approve");
    EXPECT_EQ(signed_off.status, 200) << signed_off.body;
    return "matrix";
}

TEST_F(RightsMatrix, HeadAnswersAsGetWithoutTheBody) {
    Json open = resource_body("矩阵开放资源", items());
    open["open_flag"] = true;
    open["open_type"] = "unconditional";
    std::string open_ref = publish(as("market_officer"), open).at("ref");
    load(as("market_officer"), open_ref, "rows.csv", "no,name\n1,甲\n2,乙\n");
    std::string judged =
        as("market_officer").post("/api/v1/quality/" + open_ref + "/runs").json.value("job_id", "");
    finished_job(as("market_officer"), judged);
    std::string of_first = "WHERE ref = '" + refs_[0] + "'";
    const Names names{{"batch_id", sql("SELECT id::text FROM ingest.batch " + of_first)},
                      {"run_id", sql("SELECT id::text FROM quality.run " + of_first + " LIMIT 1")},
                      {"kind", "receipt"},
                      {"slug", open_dataset(*server_, open_ref)},
                      {"code", allowance},
                      {"case_no", objects_["services.case_owner"].front()}};
    std::set<std::string> read;
    for (const http::Route& route : app::all_routes()) {
        if (route.verb != http::Verb::get) {
            continue;
        }
        std::vector<std::string> objects{"nothing"};
        if (route.owner != nullptr) {
            objects = objects_[std::string(route.owner->name)];
        }
        for (const Caller& caller : callers_) {
            for (const std::string& object : objects) {
                std::string path = filled(route.path, std::string(route.object), object, names);
                expect_head_as_get(caller.client, path, caller.role + ' ' + path);
                if (caller.client.send("HEAD", path, "").status == 200) {
                    read.emplace(route.path);
                }
            }
        }
    }
    // The others have nothing to show here, and are refused alike.
    EXPECT_GT(read.size(), 55U);
    // Nothing left, so nothing is left open.
    EXPECT_EQ(sql("SELECT count(*) FROM audit.access o WHERE o.kind = 'access-opened' AND NOT EXISTS "
                  "(SELECT FROM audit.access c WHERE c.opened = o.id)"),
              "0");
}

}  // namespace
}  // namespace pengcheng::test
