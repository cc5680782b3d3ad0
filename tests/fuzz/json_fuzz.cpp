#include "support.hpp"

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/routes.hpp>
#include <pengcheng/http/schema.hpp>
#include <pengcheng/identity/routes.hpp>

#include <nlohmann/json.hpp>

#include <vector>

namespace {

using namespace pengcheng;

/// Schemas that a request's body meets: accounts, systems, entries of the catalogue.
http::Routes bodied_routes() {
    http::Routes all = identity::routes();
    http::Routes more = catalogue::routes();
    std::move(more.begin(), more.end(), std::back_inserter(all));
    return all;
}

struct Bodies {
    http::Routes routes = bodied_routes();
    http::Schemas schemas{routes};
    std::vector<std::string_view> names;

    Bodies() {
        for (const http::Route& route : routes) {
            if (route.body != nullptr) {
                names.push_back(route.body->name);
            }
        }
    }
};

int depth_of(const Json& value) {
    int below = 0;
    if (value.is_structured()) {
        for (const Json& part : value) {
            below = std::max(below, depth_of(part));
        }
        return below + 1;
    }
    return 0;
}

}  // namespace

/// First byte: the depth allowed; second: the schema asked; the rest: a body as a client sent it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const Bodies bodies;
    if (size < 2) {
        return 0;
    }
    int depth_max = bytes[0] % 40 + 1;
    auto value = parse_json(fuzz::text_of(bytes + 2, size - 2), depth_max);
    if (!value) {
        fuzz::require(value.error().type != nullptr && valid_utf8(value.error().detail_zh) &&
                      valid_utf8(value.error().detail_en));
        return 0;
    }
    fuzz::require(depth_of(*value) <= depth_max);
    std::string text = value->dump();
    auto again = parse_json(text, depth_max);
    fuzz::require(again && again->dump() == text);
    for (const FieldError& error :
         bodies.schemas.check(bodies.names[bytes[1] % bodies.names.size()], *value)) {
        fuzz::require(!error.code.empty() && (error.pointer.empty() || error.pointer.front() == '/'));
    }
    return 0;
}
