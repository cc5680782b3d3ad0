#include "http/router.hpp"

#include <gtest/gtest.h>

namespace pengcheng::http {

static Routes table() {
    Routes routes;
    for (std::string_view path :
         {"/", "/datasets/{slug}", "/datasets/new", "/open/{slug}", "/open/{slug}.csv", "/files/{rest*}"}) {
        routes.push_back({.path = path, .permission = "public"});
    }
    routes.push_back({.verb = Verb::post, .path = "/datasets/{slug}", .permission = "public"});
    return routes;
}

class Routing : public testing::Test {
protected:
    Routes routes_ = table();
    Router router_{routes_};

    std::string path_of(std::string_view method, std::string_view path) {
        Match match = router_.find(method, path);
        return match.route == nullptr ? "allow:" + match.allow : std::string(match.route->path);
    }
};

TEST_F(Routing, PrefersLiteralsThenEndings) {
    EXPECT_EQ(path_of("GET", "/"), "/");
    EXPECT_EQ(path_of("GET", "/datasets/new"), "/datasets/new");
    EXPECT_EQ(path_of("GET", "/datasets/old"), "/datasets/{slug}");
    EXPECT_EQ(path_of("GET", "/open/a.csv"), "/open/{slug}.csv");
    EXPECT_EQ(path_of("GET", "/open/a.xml"), "/open/{slug}");
    EXPECT_EQ(path_of("HEAD", "/datasets/new"), "/datasets/new");
}

TEST_F(Routing, DecodesParametersAndKeepsTheRest) {
    EXPECT_EQ(router_.find("GET", "/datasets/%E5%BD%AD").params.at("slug"), "彭");
    EXPECT_EQ(router_.find("GET", "/open/a.csv").params.at("slug"), "a");
    EXPECT_EQ(router_.find("GET", "/files/a/b").params.at("rest"), "a/b");
}

TEST_F(Routing, TellsMethodsOfAPathFromNoPath) {
    EXPECT_EQ(path_of("DELETE", "/datasets/x"), "allow:GET, HEAD, POST");
    for (const char* none : {"/nothing", "/datasets", "/datasets/", "/datasets/a/b", "/datasets/%ff",
                             "/datasets/%4", "/datasets/a%00b", "/files/"}) {
        EXPECT_EQ(path_of("GET", none), none == std::string_view("/files/") ? "/files/{rest*}" : "allow:")
            << none;
    }
}

}  // namespace pengcheng::http
