// What HTTP promises for every route of the table, whoever wrote it.
#include "harness.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::test {

namespace {

/// A path with something in each parameter.
std::string path_of(std::string_view pattern) {
    std::string out;
    for (std::string_view segment : split(pattern.substr(1), '/')) {
        std::size_t end = segment.find('}');
        bool parameter = segment.starts_with('{') && end != std::string_view::npos;
        out += "/" + (parameter ? "x" + std::string(segment.substr(end + 1)) : std::string(segment));
    }
    return out;
}

}  // namespace

using EveryRoute = ServerTest;

TEST_F(EveryRoute, TellsItsMethods) {
    for (const http::Route& route : app::all_routes()) {
        std::string path = path_of(route.path);
        Reply options = anonymous().send("OPTIONS", path, "");
        std::string verb(http::to_text(route.verb));
        EXPECT_EQ(options.status, 204) << path;
        EXPECT_NE(options.header("allow").find(verb), std::string::npos)
            << path << ' ' << options.header("allow");
        EXPECT_NE(options.header("allow").find("OPTIONS"), std::string::npos) << path;
        bool shares_all = options.header("access-control-allow-origin") == "*";
        EXPECT_TRUE(!shares_all || path.starts_with("/api/v1/open/") || path.starts_with("/catalog") ||
                    path.starts_with("/api/3/") || path == "/data.json" || path.starts_with("/ogc"))
            << path;
    }
}

TEST_F(EveryRoute, RefusesInTheSameFormBeforeAndAfterRouting) {
    for (const char* path : {"/api/v1/nothing", "/api/v1/session/none/such"}) {
        Reply reply = anonymous().header("Accept-Language", "en").get(path);
        EXPECT_EQ(reply.status, 404);
        EXPECT_EQ(reply.header("content-type"), "application/problem+json; charset=utf-8");
        EXPECT_EQ(reply.header("content-language"), "en");
        EXPECT_EQ(reply.json["request_id"], reply.header("x-request-id"));
    }
}

}  // namespace pengcheng::test
