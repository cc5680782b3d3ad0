#pragma once

#include <pengcheng/http/route.hpp>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pengcheng::http {

struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> params;
    std::string allow;  ///< methods of this path when none matched ("GET, HEAD, POST"); empty: no such path
};

/// Finds the row of a route table for a method and a path, segment by segment: literal segments win over
/// parameters with an ending ("{slug}.csv"), those over parameters, those over the rest. Immutable.
class Router {
public:
    explicit Router(const Routes& routes);
    ~Router();
    [[nodiscard]] Match find(std::string_view method, std::string_view path) const;

private:
    struct Node;
    struct Walk;
    void add(const Route& route);
    std::unique_ptr<Node> root_;
};

std::string_view to_text(Verb verb);

}  // namespace pengcheng::http
