#include "http/router.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::http {

namespace {

bool is_rest(std::string_view segment) {
    return segment.ends_with("*}");
}

/// "{slug}.csv": a parameter with a literal ending.
std::size_t parameter_end(std::string_view segment) {
    return segment.starts_with('{') ? segment.find('}') : std::string_view::npos;
}

std::optional<std::string> decoded(std::string_view segment) {
    auto text = percent_decode(segment);
    bool clean = text && valid_utf8(*text) && text->find('\0') == std::string::npos;
    return clean ? text : std::nullopt;
}

}  // namespace

std::string_view to_text(Verb verb) {
    switch (verb) {
        case Verb::get:
            return "GET";
        case Verb::post:
            return "POST";
        case Verb::put:
            return "PUT";
        case Verb::patch:
            return "PATCH";
        case Verb::delete_:
            return "DELETE";
    }
    return "";
}

/// A place in the tree of paths: what may follow, and the routes that end here.
struct Router::Node {
    std::map<std::string_view, std::unique_ptr<Node>> literals;
    std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> endings;  ///< by ".csv"
    std::unique_ptr<Node> parameter;
    std::vector<const Route*> routes;
    std::vector<const Route*> rests;  ///< `{rest*}` from here on
};

/// One search: the segments of the path and what was found so far.
struct Router::Walk {
    static constexpr std::size_t segments_max = 32;
    std::string_view method;
    std::array<std::string_view, segments_max> segments;
    std::size_t count = 0;
    Match match;

    /// Takes the route of the method; notes the methods that there are.
    bool take(const std::vector<const Route*>& routes) {
        for (const Route* route : routes) {
            std::string_view verb = to_text(route->verb);
            if (verb == method || (method == "HEAD" && route->verb == Verb::get)) {
                match.route = route;
                return true;
            }
        }
        for (const Route* route : routes) {
            allow(to_text(route->verb));
            if (route->verb == Verb::get) {
                allow("HEAD");
            }
        }
        return false;
    }

    void allow(std::string_view verb) {
        if (match.allow.find(verb) == std::string::npos) {
            match.allow.append(match.allow.empty() ? "" : ", ").append(verb);
        }
    }

    bool visit(const Node& node, std::size_t at) {
        if (at == count && take(node.routes)) {
            return true;
        }
        if (at < count) {
            auto literal = node.literals.find(segments[at]);
            if (literal != node.literals.end() && visit(*literal->second, at + 1)) {
                return true;
            }
            for (const auto& [ending, next] : node.endings) {
                std::string_view segment = segments[at];
                bool ends = segment.size() > ending.size() && segment.ends_with(ending);
                if (ends && decoded(segment.substr(0, segment.size() - ending.size())) &&
                    visit(*next, at + 1)) {
                    return true;
                }
            }
            if (node.parameter && !segments[at].empty() && decoded(segments[at]) &&
                visit(*node.parameter, at + 1)) {
                return true;
            }
            return take(node.rests);
        }
        return false;
    }

    /// The values of a found route's parameters.
    void name_parameters() {
        std::size_t at = 0;
        for (std::string_view pattern : split(match.route->path.substr(1), '/')) {
            std::size_t end = parameter_end(pattern);
            if (is_rest(pattern)) {
                std::string rest(segments[at]);
                for (std::size_t i = at + 1; i < count; ++i) {
                    rest.append("/").append(segments[i]);
                }
                match.params[std::string(pattern.substr(1, pattern.size() - 3))] = std::move(rest);
            } else if (end != std::string_view::npos) {
                std::size_t ending = pattern.size() - end - 1;
                auto value = decoded(segments[at].substr(0, segments[at].size() - ending));
                match.params[std::string(pattern.substr(1, end - 1))] = value.value_or("");
            }
            ++at;
        }
    }
};

Router::Router(const Routes& routes) : root_(std::make_unique<Node>()) {
    for (const Route& route : routes) {
        add(route);
    }
}

Router::~Router() = default;

void Router::add(const Route& route) {
    Node* node = root_.get();
    for (std::string_view pattern : split(route.path.substr(1), '/')) {
        if (is_rest(pattern)) {
            node->rests.push_back(&route);
            return;
        }
        std::unique_ptr<Node>* next = nullptr;
        std::size_t end = parameter_end(pattern);
        if (end == std::string_view::npos) {
            next = &node->literals[pattern];
        } else if (std::string_view ending = pattern.substr(end + 1); ending.empty()) {
            next = &node->parameter;
        } else {
            auto same = [&](const auto& one) { return one.first == ending; };
            auto found = std::find_if(node->endings.begin(), node->endings.end(), same);
            if (found == node->endings.end()) {
                found = node->endings.emplace(node->endings.end(), ending, nullptr);
            }
            next = &found->second;
        }
        if (!*next) {
            *next = std::make_unique<Node>();
        }
        node = next->get();
    }
    node->routes.push_back(&route);
}

Match Router::find(std::string_view method, std::string_view path) const {
    Walk walk{.method = method, .segments = {}, .match = {}};
    std::string_view left = path.empty() ? path : path.substr(1);
    while (true) {
        if (walk.count == Walk::segments_max) {
            return {};
        }
        std::size_t slash = left.find('/');
        walk.segments[walk.count++] = left.substr(0, slash);
        if (slash == std::string_view::npos) {
            break;
        }
        left.remove_prefix(slash + 1);
    }
    if (walk.visit(*root_, 0)) {
        walk.name_parameters();
    }
    return std::move(walk.match);
}

}  // namespace pengcheng::http
