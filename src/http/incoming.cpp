#include "http/incoming.hpp"

#include "http/finish.hpp"

#include <pengcheng/base/ids.hpp>

namespace pengcheng::http {

namespace {

/// The client's id of a request counts only when it can stand in a log line.
bool is_plain_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 &&
           id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               id.npos;
}

/// The configured address, or what the client called us when that is a plain host.
std::string base_url(const Config& config, bool https, std::string_view host) {
    bool plain =
        !host.empty() && host.size() < 256 &&
        host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") ==
            std::string_view::npos;
    return config.public_url.empty() && plain ? (https ? "https://" : "http://") + std::string(host)
                                              : config.base_url();
}

}  // namespace

std::shared_ptr<Request> make_request(const Head& head, std::shared_ptr<const Limits> limits,
                                      const Entrance& entrance) {
    auto request = std::make_shared<Request>();
    request->limits = std::move(limits);
    request->method = head.method;
    request->target = head.target;
    request->path = head.path;
    request->headers.reserve(head.fields.size());
    for (const HeadField& field : head.fields) {
        request->headers.emplace_back(field.name, field.value);
    }
    request->http10 = head.minor == 0;
    request->keep_alive = head.keep_alive;
    request->content_length = head.content_length;
    request->has_body = head.chunked || head.content_length.value_or(0) > 0;
    request->https = entrance.https;
    std::string_view host = head.host;
    Caller caller;
    bool proxied = request->limits->trusted.contains(entrance.peer);
    if (proxied) {
        caller = caller_of(entrance.peer, head.fields, request->limits->trusted);
        request->https = caller.proto.empty() ? entrance.https : caller.proto == "https";
        host = caller.host.empty() ? host : std::string_view(caller.host);
    }
    request->address = proxied ? caller.address : entrance.peer;
    std::string_view id = proxied ? head.field("X-Request-Id") : std::string_view{};
    request->request_id = is_plain_id(id) ? std::string(id) : new_id();
    if (std::string_view parent = head.field("traceparent"); !parent.empty()) {
        request->trace = parse_traceparent(parent);
    }
    request->base_url = base_url(entrance.config, request->https, host);
    request->chinese = wants_chinese(*request);
    return request;
}

}  // namespace pengcheng::http
