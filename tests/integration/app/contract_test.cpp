// What holds for every route and every statement, whoever wrote them.
#include "harness.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/migrate.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/http/server.hpp>

#include <yaml-cpp/yaml.h>

#include <set>

namespace pengcheng::test {

namespace {

/// permission -> who -> scope, read from the hand-written file and from nothing else.
using Matrix = std::map<std::string, std::map<std::string, std::string>>;

const Matrix& matrix() {
    static const Matrix all = [] {
        Matrix out;
        YAML::Node file = YAML::LoadFile((source_folder() / "config/permissions.yaml").string());
        for (const auto& row : file) {
            for (const auto& right : row.second) {
                out[row.first.as<std::string>()][right.first.as<std::string>()] =
                    right.second.as<std::string>();
            }
        }
        return out;
    }();
    return all;
}

/// A path with something in each parameter that surely names nothing.
std::string concrete(std::string_view path) {
    std::string out;
    for (std::string_view segment : split(path.substr(1), '/')) {
        std::size_t end = segment.find('}');
        out += '/';
        if (segment.starts_with('{') && end != std::string_view::npos) {
            out += "01900000-0000-7000-8000-000000000000" + std::string(segment.substr(end + 1));
        } else {
            out += segment;
        }
    }
    return out;
}

bool open_to(const std::string& role, const std::string& permission) {
    if (permission == "public") {
        return true;
    }
    auto row = matrix().find(permission);
    if (row == matrix().end()) {
        return false;
    }
    bool everybody_signed_in = row->second.contains("signed_in") || row->second.contains("pending");
    bool signed_in = role != "anonymous" && everybody_signed_in;
    return row->second.contains("public") || row->second.contains(role) || signed_in;
}

std::string call(const Client& client, const http::Route& route, const std::string& body, int& status) {
    std::string type =
        route.body_kind == http::BodyKind::form ? "application/x-www-form-urlencoded" : "application/json";
    Reply reply = client.send(std::string(http::to_text(route.verb)), concrete(route.path), body,
                              body.empty() ? "" : type);
    // A page that needs a sign-in sends there instead of answering 401.
    status = reply.header("location").starts_with("/login") ? 401 : reply.status;
    return reply.body;
}

}  // namespace

using Contract = ServerTest;

TEST_F(Contract, EveryRouteNamesAPermissionOfTheFile) {
    std::set<std::string> seen;
    for (const http::Route& route : app::all_routes()) {
        std::string permission(route.permission);
        EXPECT_TRUE(permission == "public" || matrix().contains(permission))
            << route.path << " needs " << permission;
        std::string name = std::string(http::to_text(route.verb)) + " " + std::string(route.path);
        EXPECT_TRUE(seen.insert(name).second) << name << " stands twice";
        EXPECT_FALSE(route.summary.empty()) << name;
        bool answers_json = route.path.starts_with("/api/v1/") && route.reply != nullptr;
        EXPECT_TRUE(answers_json || route.reply == nullptr || route.path.starts_with("/oauth/")) << name;
    }
}

TEST_F(Contract, EveryRoleMeetsEveryRouteAsTheFileSays) {
    const std::map<std::string, std::string> roles = {{"anonymous", ""},
                                                      {"data_officer", "market_officer"},
                                                      {"provider_officer", "market_provider"},
                                                      {"reviewer", "reviewer"},
                                                      {"window_staff", "window"},
                                                      {"case_officer", "market_case"},
                                                      {"system_admin", "system_admin"},
                                                      {"security_admin", "security_admin"},
                                                      {"audit_admin", "audit_admin"}};
    std::string before = dump({"catalogue", "ingest", "exchange", "portal", "services", "quality"});
    for (const http::Route& route : app::all_routes()) {
        if (route.permission == "public" || route.path == "/api/v1/session") {
            continue;
        }
        for (const auto& [role, account] : roles) {
            Client client = account.empty() ? anonymous() : as(account);
            int status = 0;
            std::string body = call(client, route, "", status);
            bool denied =
                status == 401 || (status == 403 && body.find("base.forbidden") != std::string::npos);
            EXPECT_EQ(denied, !open_to(role, std::string(route.permission)))
                << role << ' ' << http::to_text(route.verb) << ' ' << route.path << " -> " << status << ' '
                << body;
            EXPECT_LT(status, 500) << role << ' ' << route.path << ' ' << body;
        }
    }
    EXPECT_EQ(dump({"catalogue", "ingest", "exchange", "portal", "services", "quality"}), before);
}

TEST_F(Contract, MalformedBodiesAreRefusedAndChangeNothing) {
    std::string before =
        dump({"identity", "catalogue", "ingest", "exchange", "portal", "services", "quality"});
    const std::vector<std::string> accounts = {"market_officer", "market_provider", "reviewer",      "window",
                                               "market_case",    "system_admin",    "security_admin"};
    for (const http::Route& route : app::all_routes()) {
        if (route.body == nullptr) {
            continue;
        }
        for (const char* bad : {"{", "[]", "{\"no_such_member\":1}", "\"\xff\""}) {
            for (const std::string& account : accounts) {
                int status = 0;
                std::string body = call(as(account).if_match(1), route, bad, status);
                EXPECT_TRUE(status >= 400 && status < 500)
                    << route.path << ' ' << bad << " -> " << status << ' ' << body;
            }
        }
    }
    EXPECT_EQ(dump({"identity", "catalogue", "ingest", "exchange", "portal", "services", "quality"}), before);
}

TEST_F(Contract, EveryStatementPrepares) {
    std::set<std::string_view> names;
    for (const db::Statement& statement : db::StatementList::all()) {
        EXPECT_TRUE(names.insert(statement.name).second) << "two statements are called " << statement.name;
        if (statement.name.starts_with("db.")) {
            continue;
        }
        try {
            sql("PREPARE check_statement AS " + std::string(statement.sql));
        } catch (const db::Error& error) {
            ADD_FAILURE() << statement.name << ": " << error.what();
        }
    }
    EXPECT_GT(names.size(), 100U);
}

TEST_F(Contract, TheDocumentAndTheCommandAgree) {
    Reply reply = anonymous().get("/api/openapi.json");
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json["openapi"], "3.1.0");
    CommandRun run = cli(*server_, {"openapi"});
    ASSERT_EQ(run.status, 0);
    const Json document = run.json();
    for (const auto& [path, operations] : document["paths"].items()) {
        EXPECT_TRUE(reply.json["paths"].contains(path)) << path;
    }
}

/// No reply schema may be a free-form object: an object says which members it has.
void expect_closed(const Json& schema, const std::string& where) {
    if (schema.is_array()) {
        for (const Json& part : schema) {
            expect_closed(part, where);
        }
        return;
    }
    if (!schema.is_object()) {
        return;
    }
    bool is_object = schema.value("type", Json()) == "object" ||
                     (schema.contains("type") && schema["type"].is_array() &&
                      schema["type"].dump().find("object") != std::string::npos);
    EXPECT_TRUE(!is_object || where.ends_with("/type") || schema.contains("properties") ||
                schema.contains("additionalProperties") || schema.contains("$ref"))
        << where << ": " << schema.dump().substr(0, 200);
    for (const auto& [name, part] : schema.items()) {
        expect_closed(part, where + "/" + name);
    }
}

TEST_F(Contract, NoReplyIsAFreeFormObject) {
    const Json document = anonymous().get("/api/openapi.json").json;
    for (const auto& [name, schema] : document["components"]["schemas"].items()) {
        expect_closed(schema, name);
    }
}

}  // namespace pengcheng::test
