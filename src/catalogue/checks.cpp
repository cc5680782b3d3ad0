#include "catalogue/checks.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/rows/view.hpp>
#include <pengcheng/rules/identifiers.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace pengcheng::catalogue {

namespace {

constexpr std::size_t items_max = 500;

constexpr std::array<std::string_view, 22> domains{
    "信用服务", "医疗卫生", "社保就业", "公共安全", "城建住房", "交通运输", "教育文化", "科技创新",
    "资源能源", "生态环境", "工业农业", "商贸流通", "财税金融", "安全监管", "市场监管", "社会救助",
    "法律服务", "生活服务", "气象服务", "地理空间", "机构团体", "其他"};

bool one_of(std::string_view value, std::initializer_list<std::string_view> allowed) {
    return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

bool digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class FormCheck {
public:
    explicit FormCheck(const ResourceInput& input) : input_(input) {}

    Faults run() {
        name();
        classification();
        choices();
        lengths();
        dates();
        items();
        return std::move(faults_);
    }

private:
    void add(std::string pointer, std::string zh, std::string en) {
        faults_.push_back({std::move(pointer), "catalogue.invalid", std::move(zh), std::move(en)});
    }

    void name() {
        const std::string& name = input_.name;
        if (name.empty()) {
            return add("/name", "请填写信息资源名称", "Give the resource a name");
        }
        if (utf8_length(name) > 100) {
            add("/name", "名称不得超过100个字符", "Keep the name to 100 characters");
        }
        if (name.find("  ") != std::string::npos || name.find("\u3000") != std::string::npos) {
            add("/name", "名称中不得有连续空格或全角空格，请删去",
                "Remove double or full-width spaces from the name");
        }
        // Full-width comma, semicolon, colon, question and exclamation mark by number: easily mistyped.
        constexpr std::string_view marks[] = {
            "。", "、", "…", "—", "·", "～", "\uff0c", "\uff1b", "\uff1a", "\uff1f", "\uff01",
            ".",  ",",  ";", ":", "?", "!",  "_",      "-",      "~",      "/",      "\\"};
        if (std::any_of(std::begin(marks), std::end(marks),
                        [&](auto mark) { return name.ends_with(mark); })) {
            add("/name", "名称末尾不得有标点符号，请删去", "Remove the punctuation at the end of the name");
        }
        if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
            add("/name", "名称中不得有换行等控制字符", "Remove control characters from the name");
        }
    }

    void classification() {
        const std::string& path = input_.classification;
        if (!one_of(input_.resource_class, {"base", "theme", "department"})) {
            return add("/class", "资源属性应为 base、theme 或 department",
                       "class is base, theme or department");
        }
        if (path.empty()) {
            return;
        }
        if (!digits(path) || path.size() < 6 || path.size() > 30 || path[0] < '1' || path[0] > '3') {
            return add(
                "/classification", "分类应为6位以上数字：类1位、项2位、目3位，其后为细目",
                "The classification is six digits or more: class 1, group 2, heading 3, then finer ones");
        }
        constexpr std::string_view names[] = {"base", "theme", "department"};
        if (names[path[0] - '1'] != input_.resource_class) {
            add("/classification", "分类首位与资源属性不一致（1基础、2主题、3部门）",
                "The first digit disagrees with class (1 base, 2 theme, 3 department)");
        }
    }

    void choice(std::string_view member, const std::string& value,
                std::initializer_list<std::string_view> allowed) {
        if (value.empty() || one_of(value, allowed)) {
            return;
        }
        std::string list = join(std::vector<std::string>(allowed.begin(), allowed.end()), " ");
        add("/" + std::string(member), "取值应为：" + list, "Use one of: " + list);
    }

    void choices() {
        choice("share_type", input_.share_type, {"unconditional", "conditional", "denied"});
        choice("open_type", input_.open_type, {"unconditional", "conditional", "denied"});
        choice("share_mode", input_.share_mode, {"api", "database", "file", "mail", "disc", "media"});
        choice("format_class", input_.format_class, {"1", "2", "3", "4", "5", "6", "7"});
        choice("update_cycle", input_.update_cycle, {"1", "2", "3", "4", "5", "6", "7", "8", "9"});
        choice("subject_object", input_.subject_object,
               {"person", "enterprise", "matter", "vehicle", "place", "thing"});
        if (!input_.domain.empty() && !known_domain(input_.domain)) {
            add("/domain", "数据领域应为01至21或99", "The domain is 01 to 21, or 99");
        }
        if (input_.grade < 1 || input_.grade > 4) {
            add("/grade", "数据分级应为1至4", "The grade is 1 to 4");
        }
        if (!input_.provider_code.empty() && !rules::check_credit_code(input_.provider_code).ok()) {
            add("/provider_code", "统一社会信用代码不正确（18位，含校验码）",
                "Not a unified social credit code (18 characters with check digit)");
        }
    }

    void length(std::string_view member, const std::string& value, std::size_t length_max) {
        if (utf8_length(value) > length_max) {
            std::string limit = std::to_string(length_max);
            add("/" + std::string(member), "不得超过" + limit + "个字符",
                "Keep this to " + limit + " characters");
        }
    }

    void lengths() {
        length("abstract", input_.abstract, 500);
        length("share_condition", input_.share_condition, 500);
        length("open_condition", input_.open_condition, 500);
        length("format", input_.format, 50);
        length("region_scope", input_.region_scope, 100);
        length("source_system", input_.source_system, 100);
        length("source_kind", input_.source_kind, 50);
        length("source_note", input_.source_note, 500);
        length("contact_name", input_.contact_name, 50);
        length("contact_phone", input_.contact_phone, 50);
        if (input_.keywords.size() > 10) {
            add("/keywords", "关键字不得超过10个", "Keep to ten keywords");
        }
        for (std::size_t i = 0; i < input_.keywords.size(); ++i) {
            const std::string& word = input_.keywords[i];
            if (word.empty() || utf8_length(word) > 50) {
                add("/keywords/" + std::to_string(i), "关键字应为1至50个字符",
                    "A keyword has 1 to 50 characters");
            }
        }
        for (std::size_t i = 0; i < input_.related_codes.size(); ++i) {
            auto parts = split(input_.related_codes[i], '/');
            if (parts.size() != 2 || !digits(parts[0]) || parts[0].size() < 6 || !digits(parts[1])) {
                add("/related_codes/" + std::to_string(i), "应为信息资源代码，如 303017/000041",
                    "Give a resource code such as 303017/000041");
            }
        }
    }

    void day(const std::string& pointer, const std::string& value) {
        if (!value.empty() && !parse_day(value)) {
            add(pointer, "日期应为 YYYY-MM-DD", "Write the date as YYYY-MM-DD");
        }
    }

    void dates() {
        day("/publish_date", input_.publish_date);
        day("/time_from", input_.time_from);
        day("/time_to", input_.time_to);
        auto from = parse_day(input_.time_from);
        auto to = parse_day(input_.time_to);
        if (from && to && *from > *to) {
            add("/time_to", "数据时间范围的止不得早于起", "The time span ends before it begins");
        }
        auto review = [&](std::string_view member, const std::optional<Review>& record) {
            if (record) {
                day("/" + std::string(member) + "/when", record->when);
            }
        };
        review("secrecy_review", input_.secrecy_review);
        review("pia_review", input_.pia_review);
        review("head_consent", input_.head_consent);
    }

    void items() {
        if (input_.items.size() > items_max) {
            return add("/items", "信息项不得超过500个", "Keep to 500 items");
        }
        std::set<std::string> seen;
        for (std::size_t i = 0; i < input_.items.size(); ++i) {
            const Item& item = input_.items[i];
            std::string at = "/items/" + std::to_string(i);
            if (!well_formed_column(item.column)) {
                add(at + "/column", "字段名应以小写字母开头，只含小写字母、数字和下划线，不超过63位",
                    "A column begins with a lower-case letter and has lower-case letters, digits and _, at "
                    "most 63");
            } else if (!seen.insert(item.column).second) {
                add(at + "/column", "字段名“" + item.column + "”重复，请改名",
                    "The column \"" + item.column + "\" is there twice; rename one");
            }
            item_form(item, at);
        }
    }

    static bool well_formed_column(const std::string& column) {
        return !column.empty() && column.size() <= 63 && column[0] >= 'a' && column[0] <= 'z' &&
               std::all_of(column.begin(), column.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
               });
    }

    void item_form(const Item& item, const std::string& at) {
        if (item.name.empty() || utf8_length(item.name) > 100) {
            add(at + "/name", "信息项名称应为1至100个字符", "An item's name has 1 to 100 characters");
        }
        if (item.type.size() != 1 ||
            std::string_view("CNYDTLMGBIF").find(item.type) == std::string_view::npos) {
            add(at + "/type", "数据类型应为 C N Y D T L M G B I F 之一",
                "The type is one of C N Y D T L M G B I F");
        }
        int length_max = item.type == "N" ? 38 : 10000;
        if (item.length && (*item.length < 1 || *item.length > length_max)) {
            add(at + "/length", "长度超出范围", "The length is out of range");
        }
        if (item.scale && (*item.scale < 0 || *item.scale > item.length.value_or(38))) {
            add(at + "/scale", "精度应为0至长度", "The scale is 0 to the length");
        }
        if (item.primary_key && item.nullable) {
            add(at + "/nullable", "主键不可为空，请取消“可为空”",
                "A key cannot be empty; set nullable to false");
        }
        if (item.grade < 1 || item.grade > 4) {
            add(at + "/grade", "分级应为1至4", "The grade is 1 to 4");
        }
        if (!one_of(item.share_type, {"", "unconditional", "conditional", "denied"})) {
            add(at + "/share_type", "共享类型取值不正确", "Not a share type");
        }
        if (!one_of(item.open_type, {"", "unconditional", "conditional", "denied"})) {
            add(at + "/open_type", "开放类型取值不正确", "Not an open type");
        }
        if (!one_of(item.element, {"", "id_number", "credit_code", "mobile", "landline", "plate", "bank_card",
                                   "email", "region", "person_name", "address"})) {
            add(at + "/element", "引用数据元取值不正确", "Not a data element");
        }
        if (!item.mask.empty() && !rows::is_mask(item.mask)) {
            add(at + "/mask", "没有这种脱敏方式", "There is no such mask");
        }
        if (utf8_length(item.description) > 500) {
            add(at + "/description", "说明不得超过500个字符", "Keep the description to 500 characters");
        }
    }

    const ResourceInput& input_;
    Faults faults_;
};

}  // namespace

bool known_domain(std::string_view domain) {
    return !domain_name(domain).empty();
}

std::string_view domain_name(std::string_view domain) {
    auto number = domain.size() == 2 && digits(domain) ? *to_int(domain) : 0;
    if (number == 99) {
        return domains.back();
    }
    return number >= 1 && number <= 21 ? domains[static_cast<std::size_t>(number) - 1] : std::string_view{};
}

void settle(ResourceInput& input) {
    input.name = trim(input.name);
    input.abstract = trim(input.abstract);
    input.share_condition = trim(input.share_condition);
    input.open_condition = trim(input.open_condition);
    for (auto& word : input.keywords) {
        word = trim(word);
    }
    int no = 0;
    for (auto& item : input.items) {
        item.no = ++no;
        item.name = trim(item.name);
        input.grade = std::max(input.grade, item.grade);
    }
}

Faults form_faults(const ResourceInput& input) {
    return FormCheck(input).run();
}

}  // namespace pengcheng::catalogue
