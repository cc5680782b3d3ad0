#pragma once

#include <pengcheng/http/route.hpp>

#include <map>
#include <string>
#include <vector>

namespace pengcheng::http {

struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> params;
    std::string allow;  ///< methods of this path when none matched ("GET, POST"); empty: no such path
};

/// Finds the row of a route table for a method and a path. Literal segments win over parameters.
class Router {
public:
    explicit Router(const Routes& routes);
    [[nodiscard]] Match find(std::string_view method, std::string_view path) const;

private:
    struct Entry {
        const Route* route;
        std::vector<std::string_view> segments;
    };
    std::vector<Entry> entries_;  ///< most literal first
};

std::string_view to_text(Verb verb);

}  // namespace pengcheng::http
