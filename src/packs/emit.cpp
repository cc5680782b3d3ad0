#include "packs/emit.hpp"

#include "packs/yaml.hpp"

#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

extern const Embedded schema_files[];
extern const std::size_t schema_file_count;

namespace {

using Schema = nlohmann::ordered_json;

constexpr std::size_t line_columns_max = 110;

/// Of the list of items.
const Schema& items_schema(std::string_view kind) {
    static const auto schemas = [] {
        std::map<std::string, Schema, std::less<>> all;
        for (std::size_t i = 0; i < schema_file_count; ++i) {
            std::string_view file = schema_files[i].name;
            std::string name(file.substr(0, file.find('.')));
            all[name] = Schema::parse(schema_files[i].text)["properties"]["items"];
        }
        return all;
    }();
    return schemas.find(kind)->second;
}

const Schema& part(const Schema& schema, const char* first, const std::string& second = {}) {
    static const Schema none = Schema::object();
    if (!schema.is_object() || !schema.contains(first)) {
        return none;
    }
    const Schema& found = schema[first];
    return second.empty() ? found : found.is_object() && found.contains(second) ? found[second] : none;
}

/// Members as the schema lists them, then the others.
std::vector<std::string> names_in_order(const Json& object, const Schema& schema) {
    std::vector<std::string> names;
    for (const auto& [name, ignored] : part(schema, "properties").items()) {
        if (object.contains(name)) {
            names.push_back(name);
        }
    }
    for (const auto& [name, ignored] : object.items()) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    return names;
}

std::string scalar(const Json& value) {
    if (!value.is_string()) {
        return value.dump();
    }
    const auto& text = value.get_ref<const std::string&>();
    return !text.empty() && reads_as_itself(text) ? text : value.dump();
}

std::string key_text(const std::string& key) {
    return reads_as_itself(key) ? key : Json(key).dump();
}

/// On one line: {a: b, c: [d]}.
std::string flow(const Json& value, const Schema& schema) {
    std::string out;
    if (value.is_array()) {
        for (const Json& one : value) {
            out += (out.empty() ? "" : ", ") + flow(one, part(schema, "items"));
        }
        return "[" + out + "]";
    }
    if (!value.is_object()) {
        return scalar(value);
    }
    for (const std::string& name : names_in_order(value, schema)) {
        out += (out.empty() ? "" : ", ") + key_text(name) + ": " +
               flow(value[name], part(schema, "properties", name));
    }
    return "{" + out + "}";
}

bool flat(const Json& value) {
    return std::none_of(value.begin(), value.end(), [](const Json& one) { return one.is_structured(); });
}

bool fits(const std::string& text, std::size_t indent) {
    return utf8_length(text) + indent <= line_columns_max;
}

void block(std::string& out, const Json& value, const Schema& schema, std::size_t indent);

/// After "name:" or "-": on the same line where it fits, below it otherwise.
void place(std::string& out, const Json& value, const Schema& schema, std::size_t indent) {
    if (!value.is_structured() || value.empty()) {
        out += " " + flow(value, schema) + "\n";
        return;
    }
    const std::string line = flow(value, schema);
    const bool small = flat(value) || (value.is_object() && value.size() <= 4);
    if (small && fits(line, indent + 12)) {
        out += " " + line + "\n";
        return;
    }
    out += "\n";
    block(out, value, schema, indent);
}

void block_members(std::string& out, const Json& object, const Schema& schema, std::size_t indent,
                   std::string_view first) {
    std::string lead(first);
    for (const std::string& name : names_in_order(object, schema)) {
        out += lead + key_text(name) + ":";
        place(out, object[name], part(schema, "properties", name), indent + 2);
        lead = std::string(indent, ' ');
    }
}

void block(std::string& out, const Json& value, const Schema& schema, std::size_t indent) {
    const std::string spaces(indent, ' ');
    if (value.is_object()) {
        block_members(out, value, schema, indent, spaces);
        return;
    }
    const Schema& of_item = part(schema, "items");
    for (const Json& one : value) {
        const std::string line = flow(one, of_item);
        const bool small = !one.is_structured() || (flat(one) && fits(line, indent + 2));
        if (small || one.is_array()) {
            out += spaces + "- " + line + "\n";
        } else {
            block_members(out, one, of_item, indent + 2, spaces + "- ");
        }
    }
}

}  // namespace

std::string emit_item(std::string_view kind, const Json& content) {
    std::string out;
    block(out, Json::array({content}), items_schema(kind), 2);
    return out;
}

}  // namespace pengcheng::packs
