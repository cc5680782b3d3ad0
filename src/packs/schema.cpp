#include "packs/schema.hpp"

#include "packs/kinds.hpp"

#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/reference.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/http/schema.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

extern const Embedded schema_files[];
extern const std::size_t schema_file_count;

namespace {

const Json& schema_of(std::string_view kind) {
    static const auto all = [] {
        std::map<std::string, Json, std::less<>> parsed;
        for (const std::string& name : kind_names()) {
            parsed[name] = Json::parse(schema_text(name));
        }
        return parsed;
    }();
    return all.find(kind)->second;
}

const http::Schemas& compiled() {
    static const http::Schemas schemas = [] {
        Json components = Json::object();
        for (const std::string& name : kind_names()) {
            components[name] = schema_of(name);
        }
        return http::Schemas::of_components(std::move(components));
    }();
    return schemas;
}

/// The part of a schema that speaks for `pointer`; null where none does.
Json part_at(std::string_view kind, std::string_view pointer) {
    const Json* at = &schema_of(kind);
    for (const std::string_view name : split(pointer, '/')) {
        if (name.empty()) {
            continue;
        }
        const bool index = to_int(name).has_value() && at->contains("items");
        if (index) {
            at = &(*at)["items"];
        } else if (at->contains("properties") && (*at)["properties"].contains(std::string(name))) {
            at = &(*at)["properties"][std::string(name)];
        } else {
            return nullptr;
        }
    }
    return *at;
}

std::string list_text(const Json& values) {
    std::string out;
    for (const Json& value : values) {
        out += (out.empty() ? "" : ", ") + (value.is_string() ? value.get<std::string>() : value.dump());
    }
    return out;
}

/// Titles in the schemas are written "中文 / English".
Remedy title_of(const Json& part) {
    const std::string title = part.is_object() ? part.value("title", "") : "";
    const std::size_t at = title.find(" / ");
    return at == std::string::npos ? Remedy{title, title} : Remedy{title.substr(0, at), title.substr(at + 3)};
}

Remedy unknown_member(std::string_view kind, const std::string& pointer) {
    const std::size_t slash = pointer.rfind('/');
    const Json above = part_at(kind, pointer.substr(0, slash));
    std::vector<std::string> names;
    const Json members = above.value("properties", Json::object());
    for (const auto& [name, value] : members.items()) {
        names.push_back(name);
    }
    const std::string near = nearest_name(pointer.substr(slash + 1), names);
    if (!near.empty()) {
        return {"是不是 " + near + "?", "did you mean " + near + "?"};
    }
    const std::string all = join(names, ", ");
    return {"可用的字段：" + all, "known members: " + all};
}

Remedy right_type(const Json& part) {
    const std::string type =
        part.is_object() && part["type"].is_string() ? part["type"].get<std::string>() : "";
    if (type == "string") {
        return {"应为文字；编号须加引号，如 \"022\"", "write text; put codes in quotes, as \"022\""};
    }
    static const std::map<std::string, Remedy> types{
        {"integer", {"应为整数，不加引号", "write a whole number without quotes"}},
        {"number", {"应为数字，不加引号", "write a number without quotes"}},
        {"boolean", {"应为 true 或 false", "write true or false"}},
        {"array", {"应为列表：每项一行，以“- ”开头", "write a list: one line each, beginning with \"- \""}},
        {"object", {"应为“名称: 值”", "write \"name: value\" pairs"}}};
    const auto found = types.find(type);
    return found == types.end() ? Remedy{} : found->second;
}

}  // namespace

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const Kind& kind : kinds()) {
        names.emplace_back(kind.name);
    }
    return names;
}

std::string_view schema_text(std::string_view kind) {
    for (std::size_t i = 0; i < schema_file_count; ++i) {
        if (schema_files[i].name == std::string(kind) + ".schema.json") {
            return schema_files[i].text;
        }
    }
    return "";
}

std::vector<FieldError> check_shape(std::string_view kind, const Json& file) {
    return compiled().check(kind, file);
}

Remedy remedy_for(std::string_view kind, const std::string& pointer, const std::string& code) {
    const Json part = part_at(kind, pointer);
    Remedy title = title_of(part);
    const auto limit = [&part](const char* name) {
        return part.is_object() && part.contains(name) ? part[name].dump() : "";
    };
    if (code == "enum" && part.is_object() && part.contains("enum")) {
        const std::string all = list_text(part["enum"]);
        return {"可取：" + all, "one of: " + all};
    }
    if (code == "unknown-field") {
        return unknown_member(kind, pointer);
    }
    if (code == "required") {
        const std::string name = pointer.substr(pointer.rfind('/') + 1);
        return {"请补上 " + name + (title.zh.empty() ? "" : "(" + title.zh + ")"),
                "add " + name + (title.en.empty() ? "" : " (" + title.en + ")")};
    }
    if (code == "type") {
        return right_type(part);
    }
    if (code == "pattern" && part.is_object()) {
        const std::string pattern = part.value("pattern", "");
        return {title.zh.empty() ? "应符合 " + pattern : title.zh,
                title.en.empty() ? "must match " + pattern : title.en};
    }
    if (code == "max-length" || code == "min-length") {
        const std::string bound = limit(code == "max-length" ? "maxLength" : "minLength");
        return {(code == "max-length" ? "至多 " : "至少 ") + bound + " 个字",
                (code == "max-length" ? "at most " : "at least ") + bound + " characters"};
    }
    if (code == "maximum" || code == "minimum") {
        return {(code == "maximum" ? "至多 " : "至少 ") + limit(code.c_str()),
                (code == "maximum" ? "at most " : "at least ") + limit(code.c_str())};
    }
    return title;
}

}  // namespace pengcheng::packs
