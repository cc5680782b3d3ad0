#include "support.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"

#include <pengcheng/base/text.hpp>

/// A path through the whole route table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace pengcheng;
    static const http::Routes routes = app::all_routes();
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
