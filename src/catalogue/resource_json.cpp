#include "catalogue/editions.hpp"

#include "catalogue/problems.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace pengcheng::catalogue {

namespace {

template <class T>
struct Member {
    std::string_view name;
    std::string T::* at;
};

// Names in the API beside members: one table serves reading and writing.
constexpr std::array<Member<ResourceInput>, 25> texts{{
    {"organization", &ResourceInput::organization},     {"class", &ResourceInput::resource_class},
    {"classification", &ResourceInput::classification}, {"name", &ResourceInput::name},
    {"provider_code", &ResourceInput::provider_code},   {"abstract", &ResourceInput::abstract},
    {"format_class", &ResourceInput::format_class},     {"format", &ResourceInput::format},
    {"share_type", &ResourceInput::share_type},         {"share_condition", &ResourceInput::share_condition},
    {"share_mode", &ResourceInput::share_mode},         {"open_condition", &ResourceInput::open_condition},
    {"open_type", &ResourceInput::open_type},           {"update_cycle", &ResourceInput::update_cycle},
    {"publish_date", &ResourceInput::publish_date},     {"domain", &ResourceInput::domain},
    {"subject_object", &ResourceInput::subject_object}, {"region_scope", &ResourceInput::region_scope},
    {"time_from", &ResourceInput::time_from},           {"time_to", &ResourceInput::time_to},
    {"source_system", &ResourceInput::source_system},   {"source_kind", &ResourceInput::source_kind},
    {"contact_name", &ResourceInput::contact_name},     {"contact_phone", &ResourceInput::contact_phone},
    {"source_note", &ResourceInput::source_note},
}};

constexpr std::array<Member<Item>, 10> item_texts{{
    {"name", &Item::name},
    {"column", &Item::column},
    {"type", &Item::type},
    {"unit", &Item::unit},
    {"code_list", &Item::code_list},
    {"element", &Item::element},
    {"share_type", &Item::share_type},
    {"open_type", &Item::open_type},
    {"mask", &Item::mask},
    {"description", &Item::description},
}};

/// Takes members out of one JSON object, notes what is of the wrong type or unknown.
class Reader {
public:
    Reader(const Json& object, std::string pointer, std::vector<FieldError>& faults)
        : object_(object), pointer_(std::move(pointer)), faults_(faults) {}

    const Json* member(std::string_view name, bool right_type(const Json&)) {
        taken_.emplace_back(name);
        auto found = object_.find(name);
        if (found == object_.end() || found->is_null()) {
            return nullptr;
        }
        if (!right_type(*found)) {
            fault(name, "类型不正确", "This has the wrong type");
            return nullptr;
        }
        return &*found;
    }
    void text(std::string_view name, std::string& out) {
        if (const Json* value = member(name, [](const Json& v) { return v.is_string(); })) {
            out = value->get<std::string>();
        }
    }
    void flag(std::string_view name, bool& out) {
        if (const Json* value = member(name, [](const Json& v) { return v.is_boolean(); })) {
            out = value->get<bool>();
        }
    }
    template <class T>
    void number(std::string_view name, T& out) {
        if (const Json* value = member(name, [](const Json& v) { return v.is_number_integer(); })) {
            out = value->get<int>();
        }
    }
    void list(std::string_view name, std::vector<std::string>& out) {
        const Json* value = member(name, [](const Json& v) { return v.is_array(); });
        for (std::size_t i = 0; value != nullptr && i < value->size(); ++i) {
            if ((*value)[i].is_string()) {
                out.push_back((*value)[i].get<std::string>());
            } else {
                fault(std::string(name) + "/" + std::to_string(i), "应为文字", "This should be text");
            }
        }
    }
    void ignore(std::string_view name) { taken_.emplace_back(name); }
    void refuse_unknown() {
        for (const auto& [name, value] : object_.items()) {
            if (std::find(taken_.begin(), taken_.end(), name) == taken_.end()) {
                fault(name, "没有这个字段，请检查拼写", "There is no such member; check the spelling");
            }
        }
    }
    void fault(std::string_view name, std::string zh, std::string en) {
        faults_.push_back(
            {pointer_ + "/" + std::string(name), "catalogue.invalid", std::move(zh), std::move(en)});
    }

private:
    const Json& object_;
    std::string pointer_;
    std::vector<FieldError>& faults_;
    std::vector<std::string> taken_;
};

bool is_object(const Json& value) {
    return value.is_object();
}

void read_review(Reader& outer, std::string_view name, std::optional<Review>& out,
                 std::vector<FieldError>& faults) {
    if (const Json* value = outer.member(name, is_object)) {
        Reader reader(*value, "/" + std::string(name), faults);
        out.emplace();
        reader.text("who", out->who);
        reader.text("when", out->when);
        reader.text("result", out->result);
        reader.refuse_unknown();
    }
}

Item read_item(const Json& value, const std::string& pointer, std::vector<FieldError>& faults) {
    Item item;
    Reader reader(value, pointer, faults);
    for (const auto& [name, at] : item_texts) {
        reader.text(name, item.*at);
    }
    reader.ignore("no");  // given by order
    reader.number("length", item.length);
    reader.number("scale", item.scale);
    reader.flag("nullable", item.nullable);
    reader.flag("primary_key", item.primary_key);
    reader.flag("sensitive", item.sensitive);
    reader.number("grade", item.grade);
    reader.refuse_unknown();
    return item;
}

Json review_json(const std::optional<Review>& review) {
    if (!review) {
        return nullptr;
    }
    return {{"who", review->who}, {"when", review->when}, {"result", review->result}};
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

template <class T>
Json number_or_null(const std::optional<T>& number) {
    return number ? Json(*number) : Json(nullptr);
}

}  // namespace

Json to_json(const Item& item) {
    Json out = {{"no", item.no},
                {"length", number_or_null(item.length)},
                {"scale", number_or_null(item.scale)},
                {"nullable", item.nullable},
                {"primary_key", item.primary_key},
                {"sensitive", item.sensitive},
                {"grade", item.grade}};
    for (const auto& [name, at] : item_texts) {
        out[std::string(name)] = item.*at;
    }
    return out;
}

Json input_to_json(const ResourceInput& input) {
    Json out = Json::object();
    for (const auto& [name, at] : texts) {
        if (name != "organization") {
            out[std::string(name)] = input.*at;
        }
    }
    out["open_flag"] = input.open_flag;
    out["related_codes"] = input.related_codes;
    out["grade"] = input.grade;
    out["keywords"] = input.keywords;
    out["secrecy_review"] = review_json(input.secrecy_review);
    out["pia_review"] = review_json(input.pia_review);
    out["head_consent"] = review_json(input.head_consent);
    out["synthetic"] = input.synthetic;
    Json items = Json::array();
    for (const auto& item : input.items) {
        items.push_back(to_json(item));
    }
    out["items"] = std::move(items);
    return out;
}

Json to_json(const Resource& resource) {
    Json out = input_to_json(resource);
    out["ref"] = resource.ref;
    out["code"] = resource.code;
    out["provider"] = {{"code", resource.organization}, {"name", resource.provider_name}};
    out["state"] = resource.state;
    out["version"] = resource.version;
    out["return_reason"] = resource.return_reason;
    out["created_by"] = resource.created_by;
    out["submitted_by"] = resource.submitted_by;
    out["created_at"] = resource.created_at;
    out["updated_at"] = resource.updated_at;
    out["published_at"] = text_or_null(resource.published_at);
    out["record_count"] = number_or_null(resource.record_count);
    out["last_data_time"] = text_or_null(resource.last_data_time);
    return out;
}

Result<ResourceInput> input_from_json(const Json& body) {
    if (!body.is_object()) {
        return problem::invalid.at("", "应为一个JSON对象", "This should be a JSON object");
    }
    std::vector<FieldError> faults;
    ResourceInput input;
    Reader reader(body, "", faults);
    for (const auto& [name, at] : texts) {
        reader.text(name, input.*at);
    }
    reader.flag("open_flag", input.open_flag);
    reader.flag("synthetic", input.synthetic);
    reader.number("grade", input.grade);
    reader.list("related_codes", input.related_codes);
    reader.list("keywords", input.keywords);
    read_review(reader, "secrecy_review", input.secrecy_review, faults);
    read_review(reader, "pia_review", input.pia_review, faults);
    read_review(reader, "head_consent", input.head_consent, faults);
    const Json* items = reader.member("items", [](const Json& v) { return v.is_array(); });
    for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
        if ((*items)[i].is_object()) {
            input.items.push_back(read_item((*items)[i], "/items/" + std::to_string(i), faults));
        } else {
            reader.fault("items/" + std::to_string(i), "应为一个信息项", "This should be an item");
        }
    }
    reader.refuse_unknown();
    if (!faults.empty()) {
        Problem refused = problem::invalid.plain();
        refused.errors = std::move(faults);
        return refused;
    }
    return input;
}

}  // namespace pengcheng::catalogue
