#include <pengcheng/http/route.hpp>

#include "http/conditional.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::http {

namespace {

std::string dump(const Json& body) {
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Reply json_reply(int status, const Json& body) {
    Reply reply;
    reply.status = status;
    reply.content_type = "application/json; charset=utf-8";
    reply.body = dump(body);
    return reply;
}

}  // namespace

Reply Reply::ok(const Json& body) {
    return json_reply(200, body);
}

Reply Reply::created(const Json& body, std::string location) {
    Reply reply = json_reply(201, body);
    reply.header("Location", std::move(location));
    return reply;
}

Reply Reply::accepted(const Json& body, std::string location) {
    Reply reply = json_reply(202, body);
    reply.header("Location", std::move(location));
    return reply;
}

Reply Reply::no_content() {
    Reply reply;
    reply.status = 204;
    return reply;
}

Reply Reply::of(const Problem& problem) {
    Reply reply;
    reply.status = problem.type->status;
    reply.problem = problem;
    return reply;
}

Reply Reply::html(std::string body, int status) {
    Reply reply;
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = std::move(body);
    return reply;
}

Reply Reply::text(std::string body, std::string content_type) {
    Reply reply;
    reply.content_type = std::move(content_type);
    reply.body = std::move(body);
    return reply;
}

Reply Reply::redirect(std::string location, int status) {
    Reply reply;
    reply.status = status;
    reply.header("Location", std::move(location));
    return reply;
}

Reply Reply::of_file(std::filesystem::path path, std::string content_type) {
    Reply reply;
    reply.content_type = std::move(content_type);
    reply.file = std::move(path);
    return reply;
}

Reply Reply::streamed(std::string content_type, std::function<asio::awaitable<void>(BodyWriter&)> body) {
    Reply reply;
    reply.content_type = std::move(content_type);
    reply.stream = std::move(body);
    return reply;
}

Reply& Reply::header(std::string name, std::string value) {
    // A value may hold what a client sent: no line of it may become a header of its own.
    std::erase_if(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

Reply& Reply::etag(std::int64_t version) {
    return header("ETag", "\"" + std::to_string(version) + "\"");
}

Reply& Reply::last_modified(Time at) {
    return header(
        "Last-Modified",
        to_http_date(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count()));
}

Reply& Reply::download_as(std::string_view file_name) {
    std::string plain;
    for (char c : file_name) {
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                    c == '-' || c == '_';
        plain += safe ? c : '_';
    }
    return header("Content-Disposition",
                  "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + percent_encode(file_name));
}

}  // namespace pengcheng::http
