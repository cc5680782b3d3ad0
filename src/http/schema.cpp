#include <pengcheng/http/schema.hpp>

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::http {

namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

/// valijson's context ("<root>", "[items]", "[0]") as a JSON pointer.
std::string pointer_of(const std::vector<std::string>& context) {
    std::string out;
    for (const std::string& part : context) {
        if (part.size() >= 2 && part.front() == '[') {
            out += "/" + part.substr(1, part.size() - 2);
        }
    }
    return out;
}

/// The member that a description names, which it puts last: "... constraints: 'other'."
std::string quoted(const std::string& text) {
    std::size_t until = text.rfind('\'');
    std::size_t from =
        until == std::string::npos || until == 0 ? std::string::npos : text.rfind('\'', until - 1);
    return from == std::string::npos ? "" : text.substr(from + 1, until - from - 1);
}

FieldError explain(const std::string& pointer, const std::string& text) {
    struct Row {
        std::string_view start, code, zh, en;
        bool names_member;
    };
    static constexpr std::array rows{
        Row{"Missing required property", "required", "缺少必填字段", "is required", true},
        Row{"Object contains a property", "unknown-field", "不认识的字段", "is not a known field", true},
        Row{"Value type not permitted", "type", "类型不对", "has the wrong type", false},
        Row{"Failed to match against any enum", "enum", "不在允许的取值之内",
            "is not one of the allowed values", false},
        Row{"Failed to match regex", "pattern", "格式不符合要求", "does not match the pattern", false},
        Row{"Failed to match pattern", "pattern", "格式不符合要求", "does not match the pattern", false},
        Row{"String should be no more", "max-length", "文字过长", "is too long", false},
        Row{"String should be no fewer", "min-length", "文字过短或为空", "is too short", false},
        Row{"Array should contain no more", "max-items", "条目过多", "has too many items", false},
        Row{"Array should contain no fewer", "min-items", "条目过少", "has too few items", false},
        Row{"Expected number less than", "maximum", "数值过大", "is too large", false},
        Row{"Expected number greater than", "minimum", "数值过小", "is too small", false},
    };
    for (const Row& row : rows) {
        if (text.starts_with(row.start)) {
            std::string member = row.names_member ? quoted(text) : "";
            std::string place = member.empty() ? pointer : pointer + "/" + member;
            return {.pointer = place,
                    .code = std::string(row.code),
                    .detail_zh = std::string(row.zh),
                    .detail_en = std::string(row.en)};
        }
    }
    return {.pointer = pointer, .code = "schema", .detail_zh = "不符合要求：" + text, .detail_en = text};
}

}  // namespace

struct Schemas::Impl {
    Json components = Json::object();
    std::map<std::string, valijson::Schema, std::less<>> compiled;
};

Schemas::Schemas() : impl_(std::make_unique<Impl>()) {
}
Schemas::~Schemas() = default;
Schemas::Schemas(Schemas&&) noexcept = default;

Schemas::Schemas(const Routes& routes) : Schemas() {
    Json components = Json::object();
    auto add = [&components](const Schema* schema) {
        if (schema == nullptr) {
            return;
        }
        Json parsed = Json::parse(schema->json, nullptr, false);
        if (parsed.is_discarded()) {
            throw std::logic_error("the schema " + std::string(schema->name) + " is not JSON");
        }
        auto [at, fresh] = components.emplace(std::string(schema->name), parsed);
        if (!fresh && *at != parsed) {
            throw std::logic_error("two schemas are called " + std::string(schema->name));
        }
    };
    for (const Route& route : routes) {
        add(route.body);
        add(route.reply);
        std::for_each(route.uses.begin(), route.uses.end(), add);
    }
    compile(std::move(components));
}

Schemas Schemas::of_components(Json components) {
    Schemas out;
    out.compile(std::move(components));
    return out;
}

void Schemas::compile(Json components) {
    impl_->components = std::move(components);
    for (const auto& [name, schema] : impl_->components.items()) {
        // References are to "#/components/schemas/Name", so each schema is read inside such a document.
        Json document = {{"$ref", "#/components/schemas/" + name},
                         {"components", {{"schemas", impl_->components}}}};
        valijson::SchemaParser parser;
        Adapter adapter(document);
        parser.populateSchema(adapter, impl_->compiled[name]);
    }
}

std::vector<FieldError> Schemas::check(std::string_view name, const Json& value) const {
    auto found = impl_->compiled.find(name);
    if (found == impl_->compiled.end()) {
        throw std::logic_error("no schema is called " + std::string(name));
    }
    valijson::Validator validator;
    valijson::ValidationResults results;
    Adapter adapter(value);
    std::vector<FieldError> errors;
    if (validator.validate(found->second, adapter, &results)) {
        return errors;
    }
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        // valijson repeats a failure at each enclosing place; the inner one says enough.
        constexpr std::array<std::string_view, 3> enclosing{
            "Failed to validate against schema associated with property",
            "Failed to validate against additional properties schema", "Failed to validate item"};
        bool repeats = std::any_of(enclosing.begin(), enclosing.end(), [&](std::string_view start) {
            return error.description.starts_with(start);
        });
        if (!repeats) {
            errors.push_back(explain(pointer_of(error.context), error.description));
        }
    }
    if (errors.empty()) {
        errors.push_back(explain("", "the value does not fit"));
    }
    return errors;
}

const Json& Schemas::components() const {
    return impl_->components;
}

}  // namespace pengcheng::http
