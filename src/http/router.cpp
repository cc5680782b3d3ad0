#include "http/router.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::http {

namespace {

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}

bool is_rest(std::string_view segment) {
    return segment.ends_with("*}");
}

/// "{slug}.csv": a parameter with a literal ending.
std::size_t parameter_end(std::string_view segment) {
    return segment.starts_with('{') ? segment.find('}') : std::string_view::npos;
}

/// Orders patterns by the first segment where they differ in kind: literal, parameter with ending, parameter,
/// rest.
int rank(std::string_view segment) {
    if (is_rest(segment)) {
        return 3;
    }
    if (is_parameter(segment)) {
        return 2;
    }
    return parameter_end(segment) != std::string_view::npos ? 1 : 0;
}

bool take_segment(std::string_view pattern, std::string_view segment, Match& match) {
    std::size_t end = parameter_end(pattern);
    if (end == std::string_view::npos) {
        return pattern == segment;
    }
    std::string_view ending = pattern.substr(end + 1);
    if (segment.size() <= ending.size() || !segment.ends_with(ending)) {
        return false;
    }
    auto decoded = percent_decode(segment.substr(0, segment.size() - ending.size()));
    if (!decoded || !valid_utf8(*decoded)) {
        return false;
    }
    match.params[std::string(pattern.substr(1, end - 1))] = std::move(*decoded);
    return true;
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path,
          Match& match) {
    match.params.clear();
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_rest(pattern[i])) {
            std::string rest;
            for (std::size_t k = i; k < path.size(); ++k) {
                rest += (k > i ? "/" : "") + std::string(path[k]);
            }
            match.params[std::string(pattern[i].substr(1, pattern[i].size() - 3))] = std::move(rest);
            return path.size() > i;
        }
        if (i >= path.size() || !take_segment(pattern[i], path[i], match)) {
            return false;
        }
    }
    return pattern.size() == path.size();
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

Router::Router(const Routes& routes) {
    auto more_literal = [](const Entry& a, const Entry& b) {
        for (std::size_t i = 0; i < std::min(a.segments.size(), b.segments.size()); ++i) {
            if (rank(a.segments[i]) != rank(b.segments[i])) {
                return rank(a.segments[i]) < rank(b.segments[i]);
            }
        }
        return false;
    };
    for (const Route& route : routes) {
        Entry entry{&route, split(route.path.substr(1), '/')};
        entries_.insert(std::upper_bound(entries_.begin(), entries_.end(), entry, more_literal), entry);
    }
}

Match Router::find(std::string_view method, std::string_view path) const {
    Match match;
    std::vector<std::string_view> segments = split(path.empty() ? path : path.substr(1), '/');
    for (const Entry& entry : entries_) {
        Match candidate;
        if (!fits(entry.segments, segments, candidate)) {
            continue;
        }
        std::string_view verb = to_text(entry.route->verb);
        if (verb == method || (method == "HEAD" && verb == "GET")) {
            candidate.route = entry.route;
            return candidate;
        }
        if (match.allow.find(verb) == std::string::npos) {
            match.allow += (match.allow.empty() ? "" : ", ") + std::string(verb);
        }
    }
    return match;
}

}  // namespace pengcheng::http
