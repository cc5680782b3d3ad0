#include <pengcheng/services/services.hpp>

#include <pengcheng/base/text.hpp>

#include <re2/re2.h>

namespace pengcheng::services {

namespace {

const std::set<std::string> field_types{"text",  "textarea", "number",    "date",  "select",
                                        "radio", "checkbox", "id_number", "mobile"};
const std::set<std::string> item_types{"01", "05", "07", "08", "09", "10", "20"};
const std::set<std::string> file_kinds{"pdf", "png", "jpg", "ofd"};
constexpr int fields_max = 100;

using Faults = std::vector<FieldError>;

void refuse(Faults& faults, const std::string& at, std::string zh, std::string en) {
    faults.push_back({at, "invalid", std::move(zh), std::move(en)});
}

bool text_at(const Json& object, const std::string& key) {
    return object.contains(key) && object[key].is_string() &&
           !trim(object[key].get_ref<const std::string&>()).empty();
}

void need_text(Faults& faults, const Json& object, const std::string& at,
               std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        if (!text_at(object, key)) {
            refuse(faults, at + "/" + key, "必填文字", "needs text");
        }
    }
}

void allow_only(Faults& faults, const Json& object, const std::string& at,
                const std::set<std::string>& keys) {
    for (const auto& [key, value] : object.items()) {
        if (!keys.contains(key)) {
            refuse(faults, at + "/" + key, "未知的项目", "is not a known member");
        }
    }
}

void check_text_list(Faults& faults, const Json& item, const std::string& key) {
    if (!item.contains(key)) {
        return;
    }
    const bool texts = item[key].is_array() && std::all_of(item[key].begin(), item[key].end(),
                                                           [](const Json& v) { return v.is_string(); });
    if (!texts) {
        refuse(faults, "/" + key, "应为文字列表", "must be a list of texts");
    }
}

/// The codes of facts/services.md §2 hold each other: implementation = body + level + basic.
void check_codes(Faults& faults, const Json& item) {
    if (!text_at(item, "code") || !text_at(item, "basic_code")) {
        return;
    }
    const auto code = item["code"].get<std::string>();
    const auto basic = item["basic_code"].get<std::string>();
    if (!re2::RE2::FullMatch(basic, "[0-9]{2}(0[1-9]|10|1[1-9]|2[0-9])[0-9A-Z]{2}[0-9]{6}")) {
        refuse(faults, "/basic_code", "基本编码应为 12 位", "is not a 12-character basic code");
    }
    if (!re2::RE2::FullMatch(code, "[0-9A-HJ-NPQRTUWXY]{18}[1-7][0-9A-Z]{12}([0-9]{2})?")) {
        refuse(faults, "/code", "实施编码应为 31 位（业务办理项 33 位）",
               "is not an implementation code of 31 (handling item: 33) characters");
    } else if (code.substr(19, 12) != basic) {
        refuse(faults, "/code", "实施编码与基本编码不一致", "does not end with the basic code");
    }
}

void check_limits(Faults& faults, const Json& item) {
    for (const char* key : {"promised_days", "statutory_days"}) {
        if (!item.contains(key) || !item[key].is_number_integer() || item[key].get<int>() < 0 ||
            item[key].get<int>() > 365) {
            refuse(faults, std::string("/") + key, "应为 0 至 365 的整数（工作日）",
                   "must be 0 to 365 working days");
            return;
        }
    }
    if (item["promised_days"].get<int>() > item["statutory_days"].get<int>()) {
        refuse(faults, "/promised_days", "承诺时限不得长于法定时限", "may not exceed the statutory limit");
    }
}

void check_materials(Faults& faults, const Json& item) {
    if (!item.contains("materials") || !item["materials"].is_array()) {
        refuse(faults, "/materials", "应为材料列表", "must be a list");
        return;
    }
    std::set<std::string> codes;
    int index = 0;
    for (const auto& material : item["materials"]) {
        const std::string at = "/materials/" + std::to_string(index++);
        if (!material.is_object()) {
            refuse(faults, at, "应为对象", "must be an object");
            continue;
        }
        allow_only(faults, material, at,
                   {"code", "name", "required", "note", "accept", "max_bytes", "source", "basis"});
        need_text(faults, material, at, {"code", "name"});
        if (!material.value("required", Json(false)).is_boolean()) {
            refuse(faults, at + "/required", "应为是或否", "must be true or false");
        }
        if (text_at(material, "code") && !codes.insert(material["code"].get<std::string>()).second) {
            refuse(faults, at + "/code", "材料编码重复", "names a material twice");
        }
        const auto accept = material.value("accept", Json::array({"pdf"}));
        const bool known =
            accept.is_array() && std::all_of(accept.begin(), accept.end(), [](const Json& kind) {
                return kind.is_string() && file_kinds.contains(kind.get<std::string>());
            });
        if (!known) {
            refuse(faults, at + "/accept", "只能是 pdf、png、jpg、ofd",
                   "may hold pdf, png, jpg and ofd only");
        }
        const auto bytes = material.value("max_bytes", Json(1));
        if (!bytes.is_number_integer() || bytes.get<std::int64_t>() < 1 ||
            bytes.get<std::int64_t>() > 20 << 20) {
            refuse(faults, at + "/max_bytes", "应在 1 字节至 20 MB 之间",
                   "must lie between 1 byte and 20 MB");
        }
    }
}

std::set<std::string> check_sources(Faults& faults, const Json& item) {
    std::set<std::string> names;
    int index = 0;
    for (const auto& source : item.value("sources", Json::array())) {
        const std::string at = "/sources/" + std::to_string(index++);
        if (!source.is_object()) {
            refuse(faults, at, "应为对象", "must be an object");
            continue;
        }
        allow_only(faults, source, at, {"name", "provider", "resource", "key", "holder"});
        need_text(faults, source, at, {"name", "provider", "resource", "key", "holder"});
        if (text_at(source, "name") && !names.insert(source["name"].get<std::string>()).second) {
            refuse(faults, at + "/name", "数据来源重名", "names a source twice");
        }
    }
    return names;
}

void check_options(Faults& faults, const Json& field, const std::string& at, const std::string& type) {
    const bool choice = type == "select" || type == "radio";
    if (!field.contains("options")) {
        if (choice) {
            refuse(faults, at + "/options", "选择项须有选项", "a choice needs options");
        }
        return;
    }
    if (!choice && type != "checkbox") {
        refuse(faults, at + "/options", "此类型没有选项", "this type has no options");
        return;
    }
    std::set<std::string> values;
    for (const auto& option : field["options"]) {
        if (!option.is_object() || !text_at(option, "value") || !text_at(option, "label")) {
            refuse(faults, at + "/options", "每个选项须有 value 和 label",
                   "each option needs value and label");
            return;
        }
        if (!values.insert(option["value"].get<std::string>()).second) {
            refuse(faults, at + "/options", "选项值重复", "holds a value twice");
        }
    }
}

void check_field(Faults& faults, const Json& field, const std::string& at,
                 const std::set<std::string>& sources) {
    allow_only(faults, field, at,
               {"name", "label", "type", "required", "pattern", "options", "min", "max", "max_length", "when",
                "placeholder", "hint", "prefill"});
    need_text(faults, field, at, {"name", "label", "type"});
    if (!text_at(field, "name") || !text_at(field, "type")) {
        return;
    }
    if (!re2::RE2::FullMatch(field["name"].get<std::string>(), "[a-z][a-z0-9_]{0,62}")) {
        refuse(faults, at + "/name", "字段名须为小写字母、数字和下划线",
               "must be lower-case letters, digits and _");
    }
    const auto type = field["type"].get<std::string>();
    if (!field_types.contains(type)) {
        refuse(faults, at + "/type", "未知的字段类型", "is not a known type");
        return;
    }
    if (!field.value("required", Json(false)).is_boolean()) {
        refuse(faults, at + "/required", "应为是或否", "must be true or false");
    }
    for (const char* key : {"min", "max", "max_length"}) {
        if (field.contains(key) && !field[key].is_number()) {
            refuse(faults, at + "/" + key, "应为数字", "must be a number");
        }
    }
    if (field.contains("pattern") && (!field["pattern"].is_string() ||
                                      !re2::RE2(field["pattern"].get<std::string>(), re2::RE2::Quiet).ok())) {
        refuse(faults, at + "/pattern", "正则表达式不正确", "is not a regular expression of RE2");
    }
    check_options(faults, field, at, type);
    if (field.contains("prefill")) {
        const auto& prefill = field["prefill"];
        if (!prefill.is_object() || !text_at(prefill, "source") || !text_at(prefill, "column")) {
            refuse(faults, at + "/prefill", "预填须有 source 和 column", "prefill needs source and column");
        } else if (!sources.contains(prefill["source"].get<std::string>())) {
            refuse(faults, at + "/prefill/source", "没有这个数据来源", "is not one of the sources");
        }
    }
}

void check_fields(Faults& faults, const Json& item, const std::set<std::string>& sources) {
    const auto form = item.value("form", Json());
    if (!form.is_object() || !form.contains("fields") || !form["fields"].is_array() ||
        form["fields"].empty() || form["fields"].size() > fields_max) {
        refuse(faults, "/form/fields", "表单须有 1 至 100 个字段", "the form needs 1 to 100 fields");
        return;
    }
    std::set<std::string> names;
    int index = 0;
    for (const auto& field : form["fields"]) {
        const std::string at = "/form/fields/" + std::to_string(index++);
        if (!field.is_object()) {
            refuse(faults, at, "应为对象", "must be an object");
            continue;
        }
        check_field(faults, field, at, sources);
        if (text_at(field, "name") && !names.insert(field["name"].get<std::string>()).second) {
            refuse(faults, at + "/name", "字段名重复", "names a field twice");
        }
    }
}

}  // namespace

std::vector<FieldError> check_item(const Json& item) {
    Faults faults;
    if (!item.is_object()) {
        refuse(faults, "", "应为对象", "must be an object");
        return faults;
    }
    allow_only(faults, item, "", {"code",           "basic_code",
                                  "name",           "organization",
                                  "type",           "subject",
                                  "level",          "case_kind",
                                  "area",           "promised_days",
                                  "statutory_days", "basis",
                                  "conditions",     "materials",
                                  "sources",        "form",
                                  "flow",           "fee",
                                  "place",          "hours",
                                  "phone",          "complaint_phone",
                                  "result",         "visits",
                                  "keywords",       "state",
                                  "questions"});
    need_text(faults, item, "",
              {"code", "basic_code", "name", "organization", "type", "subject", "basis", "fee", "place",
               "hours", "phone", "complaint_phone", "result"});
    check_codes(faults, item);
    if (text_at(item, "type") && !item_types.contains(item["type"].get<std::string>())) {
        refuse(faults, "/type", "不是依申请事项类型", "is not a type that people apply for");
    }
    const auto subject = item.value("subject", Json());
    if (subject != "person" && subject != "legal") {
        refuse(faults, "/subject", "应为 person 或 legal", "must be person or legal");
    }
    const auto state = item.value("state", Json("active"));
    if (state != "active" && state != "paused" && state != "retired") {
        refuse(faults, "/state", "应为 active、paused 或 retired", "must be active, paused or retired");
    }
    for (const char* key : {"conditions", "flow", "keywords"}) {
        check_text_list(faults, item, key);
    }
    check_limits(faults, item);
    check_materials(faults, item);
    check_fields(faults, item, check_sources(faults, item));
    return faults;
}

}  // namespace pengcheng::services
