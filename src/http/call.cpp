#include "http/problems.hpp"
#include "http/request.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::http {

std::string_view Request::header(std::string_view name) const {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
    for (const auto& [key, value] : headers) {
        if (key.size() == name.size() && std::equal(key.begin(), key.end(), name.begin(),
                                                    [&](char a, char b) { return lower(a) == lower(b); })) {
            return value;
        }
    }
    return {};
}

std::optional<std::string> Request::cookie(std::string_view name) const {
    std::string_view cookies = header("Cookie");
    if (cookies.empty()) {
        return std::nullopt;
    }
    for (std::string_view pair : split(cookies, ';')) {
        pair = trim(pair);
        std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
            return std::string(pair.substr(equals + 1));
        }
    }
    return std::nullopt;
}

bool Request::is_api() const {
    return path.starts_with("/api/") || path.starts_with("/oauth/");
}

void check_size(std::int64_t bytes, std::int64_t bytes_max) {
    if (bytes > bytes_max) {
        throw ProblemError(problem::too_large.because("上限 " + std::to_string(bytes_max) + " 字节",
                                                      "at most " + std::to_string(bytes_max) + " bytes"));
    }
}

const std::string& Call::param(std::string_view name) const {
    auto found = request_->params.find(name);
    if (found == request_->params.end()) {
        throw std::logic_error("the path has no parameter " + std::string(name));
    }
    return found->second;
}

std::optional<std::string> Call::query(std::string_view name) const {
    for (const auto& [key, value] : request_->query) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

const std::vector<std::pair<std::string, std::string>>& Call::query_pairs() const {
    return request_->query;
}
std::string_view Call::header(std::string_view name) const {
    return request_->header(name);
}
std::string_view Call::path() const {
    return request_->path;
}
std::string_view Call::target() const {
    return request_->target;
}
std::string_view Call::method() const {
    return request_->method;
}

const Json& Call::body() const {
    if (!request_->body) {
        throw std::logic_error("the route declares no JSON body");
    }
    return *request_->body;
}

std::string_view Call::raw_body() const {
    return request_->raw_body;
}
std::optional<std::string> Call::cookie(std::string_view name) const {
    return request_->cookie(name);
}

std::int64_t Call::if_match() const {
    if (!request_->version) {
        throw ProblemError(problem::no_version.plain());
    }
    return *request_->version;
}

int Call::limit(int fallback, int max) const {
    auto text = query("limit");
    if (!text) {
        return fallback;
    }
    auto value = to_int(*text);
    if (!value || *value < 1 || *value > max) {
        std::string range = "1.." + std::to_string(max);
        throw ProblemError(problem::bad_parameter.at("/query/limit", "limit 应在 " + range + " 之间",
                                                     "limit must lie in " + range));
    }
    return static_cast<int>(*value);
}

asio::awaitable<std::size_t> Call::read_body(std::span<char> into) {
    auto request = request_;
    std::int64_t bytes_max = request_->limits->upload_bytes_max;
    if (request->body_done) {
        co_return 0;
    }
    check_size(request->content_length.value_or(0), bytes_max);
    std::size_t got = co_await request->read_some(into);
    request->body_read += static_cast<std::int64_t>(got);
    check_size(request->body_read, bytes_max);
    co_return got;
}

std::optional<std::int64_t> Call::content_length() const {
    return request_->content_length;
}
const std::string& Call::base_url() const {
    return request_->base_url;
}
std::string Call::traceparent() const {
    return traceparent_of(request_->trace, request_->request_id);
}

}  // namespace pengcheng::http
