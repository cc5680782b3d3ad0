#include "support.hpp"

#include "http/router.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/routes.hpp>
#include <pengcheng/identity/routes.hpp>
namespace {

using namespace pengcheng;

/// Two modules' routes, and rows of the forms that they lack.
http::Routes some_routes() {
    http::Routes all = identity::routes();
    http::Routes more = catalogue::routes();
    std::move(more.begin(), more.end(), std::back_inserter(all));
    for (std::string_view path :
         {"/assets/{file*}", "/api/v1/open/data/{slug}", "/api/v1/open/data/{slug}.csv", "/datasets/{slug}",
          "/datasets/{slug}/{part}", "/"}) {
        all.push_back({.path = path, .permission = "public"});
    }
    return all;
}

}  // namespace

/// A path through a route table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const http::Routes routes = some_routes();
    static const http::Router router(routes);
    std::string path = "/" + std::string(fuzz::text_of(bytes, size));
    for (const char* method : {"GET", "POST", "DELETE"}) {
        http::Match match = router.find(method, path);
        if (match.route == nullptr) {
            continue;
        }
        for (const auto& [name, value] : match.params) {
            // A parameter is text of one segment; only {rest*} goes on over slashes.
            fuzz::require(valid_utf8(value) || match.route->path.find("*}") != std::string_view::npos);
            fuzz::require(match.route->path.find("{" + name) != std::string_view::npos);
        }
    }
    return 0;
}
