#include "services/form.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/rules/identifiers.hpp>

#include <re2/re2.h>

namespace pengcheng::services {

namespace {

constexpr std::size_t text_length_max = 200;
constexpr std::size_t textarea_length_max = 2000;

struct Fault {
    std::string_view code;
    std::string zh;
    std::string en;
};
using Verdict = std::optional<Fault>;

bool has_option(const Json& field, const std::string& value) {
    for (const auto& option : field.at("options")) {
        if (option.at("value") == value) {
            return true;
        }
    }
    return false;
}

bool blank(const Json& value) {
    if (value.is_null()) {
        return true;
    }
    if (value.is_string()) {
        return trim(value.get_ref<const std::string&>()).empty();
    }
    return value.is_array() && value.empty();
}

Verdict check_text(const Json& field, const std::string& value) {
    const bool area = field.at("type") == "textarea";
    const auto length_max = field.value("max_length", area ? textarea_length_max : text_length_max);
    if (!valid_utf8(value)) {
        return Fault{"utf8", "含有无法识别的字符", "holds bytes that are not UTF-8"};
    }
    if (utf8_length(value) > length_max) {
        return Fault{"length", "不能超过 " + std::to_string(length_max) + " 个字",
                     "may have " + std::to_string(length_max) + " characters at most"};
    }
    if (field.contains("pattern") && !re2::RE2::FullMatch(value, field.at("pattern").get<std::string>())) {
        return Fault{"pattern", field.value("hint", "格式不正确"),
                     field.value("hint", "has not the right form")};
    }
    return std::nullopt;
}

Verdict check_number(const Json& field, const Json& value) {
    std::optional<double> number;
    if (value.is_number()) {
        number = value.get<double>();
    } else if (value.is_string()) {
        number = to_double(trim(value.get_ref<const std::string&>()));
    }
    if (!number) {
        return Fault{"type", "应填写数字", "must be a number"};
    }
    if (field.contains("min") && *number < field.at("min").get<double>()) {
        return Fault{"range", "不能小于 " + field.at("min").dump(),
                     "may not be below " + field.at("min").dump()};
    }
    if (field.contains("max") && *number > field.at("max").get<double>()) {
        return Fault{"range", "不能大于 " + field.at("max").dump(),
                     "may not be above " + field.at("max").dump()};
    }
    return std::nullopt;
}

Verdict check_date(const Json& field, const std::string& value, Day today) {
    const auto day = parse_day(value);
    if (!day) {
        return Fault{"type", "日期应为 YYYY-MM-DD", "must be a date, YYYY-MM-DD"};
    }
    const std::string when = field.value("when", "");
    if (when == "past" && *day > today) {
        return Fault{"range", "日期不能晚于今天", "may not lie in the future"};
    }
    if (when == "future" && *day < today) {
        return Fault{"range", "日期不能早于今天", "may not lie in the past"};
    }
    return std::nullopt;
}

Verdict check_choices(const Json& field, const Json& value) {
    if (!field.contains("options")) {
        if (!value.is_boolean()) {
            return Fault{"type", "应为是或否", "must be true or false"};
        }
        if (field.value("required", false) && !value.get<bool>()) {
            return Fault{"required", "请勾选", "must be ticked"};
        }
        return std::nullopt;
    }
    if (!value.is_array()) {
        return Fault{"type", "应为选项列表", "must be a list of options"};
    }
    std::set<std::string> seen;
    for (const auto& one : value) {
        if (!one.is_string() || !has_option(field, one.get<std::string>())) {
            return Fault{"option", "含有不存在的选项", "holds something that is not an option"};
        }
        if (!seen.insert(one.get<std::string>()).second) {
            return Fault{"option", "选项重复", "names an option twice"};
        }
    }
    return std::nullopt;
}

Verdict check_value(const Json& field, const Json& value, Day today) {
    const auto& type = field.at("type").get_ref<const std::string&>();
    if (type == "number") {
        return check_number(field, value);
    }
    if (type == "checkbox") {
        return check_choices(field, value);
    }
    if (!value.is_string()) {
        return Fault{"type", "应为文字", "must be text"};
    }
    const std::string text{trim(value.get_ref<const std::string&>())};
    if (type == "date") {
        return check_date(field, text, today);
    }
    if (type == "select" || type == "radio") {
        if (!has_option(field, text)) {
            return Fault{"option", "请从选项中选择", "is not one of the options"};
        }
        return std::nullopt;
    }
    if (type == "id_number" && !rules::check_id_number(text, today).ok()) {
        return Fault{"id_number", "公民身份号码不正确，请核对", "is not a valid citizen ID number"};
    }
    if (type == "mobile" && !rules::check_mobile(text).ok()) {
        return Fault{"mobile", "请填写 11 位手机号码", "is not a mobile number of 11 digits"};
    }
    return check_text(field, text);
}

std::string label_of(const Json& field, const std::string& value) {
    for (const auto& option : field.value("options", Json::array())) {
        if (option.at("value") == value) {
            return option.at("label").get<std::string>();
        }
    }
    return value;
}

}  // namespace

std::vector<FieldError> check_form(const Json& fields, const Json& values, Day today, const std::string& at) {
    std::vector<FieldError> faults;
    if (!values.is_object()) {
        faults.push_back({at, "type", "表单应为对象", "the form must be an object"});
        return faults;
    }
    std::set<std::string> known;
    for (const auto& field : fields) {
        const auto& name = field.at("name").get_ref<const std::string&>();
        known.insert(name);
        const auto& label = field.at("label").get_ref<const std::string&>();
        const auto found = values.find(name);
        if (found == values.end() || blank(*found)) {
            if (field.value("required", false)) {
                faults.push_back(
                    {at + "/" + name, "required", "请填写“" + label + "”", label + " is needed"});
            }
            continue;
        }
        if (auto fault = check_value(field, *found, today)) {
            faults.push_back({at + "/" + name, std::string(fault->code), "“" + label + "”" + fault->zh,
                              label + " " + fault->en});
        }
    }
    for (const auto& [name, value] : values.items()) {
        if (!known.contains(name)) {
            faults.push_back({at + "/" + name, "unknown", "表单中没有这一项", "the form has no such field"});
        }
    }
    return faults;
}

std::string shown_value(const Json& field, const Json& value) {
    if (value.is_boolean()) {
        return value.get<bool>() ? "是" : "否";
    }
    if (value.is_array()) {
        std::vector<std::string> labels;
        for (const auto& one : value) {
            labels.push_back(label_of(field, one.get<std::string>()));
        }
        return join(labels, "、");
    }
    if (value.is_string()) {
        return label_of(field, value.get<std::string>());
    }
    return value.is_null() ? std::string{} : value.dump();
}

}  // namespace pengcheng::services
