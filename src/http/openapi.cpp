#include <pengcheng/http/schema.hpp>
#include <pengcheng/http/server.hpp>

#include "http/router.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::http {

namespace {

constexpr std::string_view problem_schema = R"json({
    "type": "object", "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "required": ["pointer", "code", "detail"],
            "properties": {"pointer": {"type": "string"}, "code": {"type": "string"},
                "detail": {"type": "string"}}}},
        "code": {"type": "string"}, "message": {"type": "string"},
        "details": {"type": ["string", "null"]}, "hint": {"type": ["string", "null"]}
    }})json";

Json parameters_of(const Route& route) {
    Json out = Json::array();
    for (std::string_view segment : split(route.path, '/')) {
        std::size_t end = segment.find('}');
        if (!segment.starts_with('{') || end == std::string_view::npos) {
            continue;
        }
        std::string name(segment.substr(1, end - 1));
        std::erase(name, '*');
        out.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
    }
    for (std::string_view name : route.query) {
        out.push_back({{"name", name}, {"in", "query"}, {"schema", {{"type", "string"}}}});
    }
    if (route.if_match) {
        out.push_back(
            {{"name", "If-Match"}, {"in", "header"}, {"required", true}, {"schema", {{"type", "string"}}}});
    }
    return out;
}

Json reference(const Schema& schema) {
    return {{"schema", {{"$ref", "#/components/schemas/" + std::string(schema.name)}}}};
}

Json operation_of(const Route& route) {
    Json out = {{"operationId", lower_ascii(to_text(route.verb)) + std::string(route.path)},
                {"summary", route.summary},
                {"tags", {std::string(route.permission.substr(0, route.permission.find('.')))}},
                {"x-permission", route.permission},
                {"parameters", parameters_of(route)}};
    if (route.body != nullptr) {
        out["requestBody"] = {{"required", true},
                              {"content", {{"application/json", reference(*route.body)}}}};
    } else if (route.body_kind == BodyKind::streamed) {
        out["requestBody"] = {
            {"content", {{"application/octet-stream", {{"schema", {{"type", "string"}}}}}}}};
    } else if (route.body_kind == BodyKind::form) {
        out["requestBody"] = {
            {"content", {{"application/x-www-form-urlencoded", {{"schema", {{"type", "object"}}}}}}}};
    }
    Json success = {{"description", "成功 / success"}};
    if (route.reply != nullptr) {
        success["content"] = {{"application/json", reference(*route.reply)}};
    }
    out["responses"] = {
        {"2XX", std::move(success)},
        {"default",
         {{"description", "拒绝 / refused"},
          {"content",
           {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}}}};
    return out;
}

/// "{slug}.csv" and "{rest*}" are not OpenAPI templates of one segment; OpenAPI takes the plain names.
std::string template_of(std::string_view path) {
    std::string out(path);
    std::erase(out, '*');
    return out;
}

}  // namespace

Json openapi(const Routes& routes, const std::string& base_url) {
    Schemas schemas(routes);
    Json document = {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "Pengcheng 彭城"},
          {"version", PENGCHENG_VERSION},
          {"license", {{"name", "Apache-2.0"}}}}},
        {"servers", Json::array({{{"url", base_url}}})},
        {"paths", Json::object()},
        {"components",
         {{"schemas", schemas.components()},
          {"securitySchemes",
           {{"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "pc_session"}}},
            {"client",
             {{"type", "oauth2"},
              {"flows",
               {{"clientCredentials", {{"tokenUrl", "/oauth/token"}, {"scopes", Json::object()}}}}}}}}}}}};
    document["components"]["schemas"]["Problem"] = Json::parse(problem_schema);
    for (const Route& route : routes) {
        document["paths"][template_of(route.path)][lower_ascii(to_text(route.verb))] = operation_of(route);
    }
    return document;
}

}  // namespace pengcheng::http
