// The pages need no inline script, and the policy forbids it. That each works under it is shown in tests/e2e,
// where any error that the browser reports fails the test.
#include "harness.hpp"

#include "app/compose.hpp"

#include <pengcheng/base/text.hpp>

#include <regex>

namespace pengcheng::test {

using ScriptPolicy = ServerTest;

namespace {

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern, std::regex::icase);
    std::vector<std::string> out;
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) {
        out.push_back(at->str());
    }
    return out;
}

void expect_no_inline_script(const std::string& where, const Reply& page) {
    std::string policy = page.header("content-security-policy");
    std::string scripts = policy.substr(std::min(policy.find("script-src"), policy.size()));
    scripts = scripts.substr(0, scripts.find(';'));
    EXPECT_EQ(scripts, "script-src 'self'") << where;
    EXPECT_NE(policy.find("default-src 'self'"), std::string::npos) << where;
    EXPECT_NE(policy.find("object-src 'none'"), std::string::npos) << where;
    EXPECT_NE(policy.find("base-uri 'none'"), std::string::npos) << where;
    for (const std::string& tag : matches(page.body, "<script[^>]*>")) {
        // Data blocks (JSON-LD, JSON) are not run.
        bool not_run = tag.find("json\"") != std::string::npos;
        EXPECT_TRUE(not_run || tag.find(" src=\"/") != std::string::npos) << where << ": " << tag;
    }
    EXPECT_TRUE(matches(page.body, "<[a-z][^>]*\\son[a-z]+\\s*=").empty()) << where;
    EXPECT_TRUE(matches(page.body, "(href|src|action)\\s*=\\s*[\"']?\\s*javascript:").empty()) << where;
}

}  // namespace

TEST_F(ScriptPolicy, HoldsOnEveryPage) {
    int pages = 0;
    for (const http::Route& route : app::all_routes()) {
        if (route.verb != http::Verb::get || route.path.starts_with("/api/v1/")) {
            continue;
        }
        std::string path = std::regex_replace(std::string(route.path), std::regex("\\{[^}]*\\}"), "nothing");
        for (const char* who : {"", "market_officer"}) {
            Client client = *who == '\0' ? anonymous() : as(who);
            Reply reply = client.header("Accept", "text/html").get(path);
            if (reply.header("content-type").starts_with("text/html")) {
                expect_no_inline_script(path, reply);
                ++pages;
            }
        }
    }
    for (const char* path : {"/console/", "/api/docs", "/no/such/page"}) {
        Reply reply = anonymous().header("Accept", "text/html").get(path);
        if (reply.header("content-type").starts_with("text/html")) {
            expect_no_inline_script(path, reply);
            ++pages;
        }
    }
    EXPECT_GE(pages, 10);
}

/// What a visitor types comes back as text.
TEST_F(ScriptPolicy, EchoesNoMarkup) {
    std::string attack = percent_encode("\"><script>alert(1)</script><img src=x onerror=alert(1)>");
    for (const std::string& path : {"/datasets?q=" + attack, "/services?q=" + attack, "/login?back=" + attack,
                                    "/datasets/" + attack, "/services/" + attack}) {
        Reply reply = anonymous().header("Accept", "text/html").get(path);
        EXPECT_EQ(reply.body.find("<script>alert"), std::string::npos) << path;
        EXPECT_EQ(reply.body.find("<img src=x"), std::string::npos) << path;
    }
}

}  // namespace pengcheng::test
