#include "catalogue/checks.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace pengcheng::catalogue {

namespace {

/// The formats that the guide (§6.3) and common platforms name under each class, lower case. Classes
/// 5 and 6 are open lists: streaming by trade, and formats that the provider names.
const std::map<std::string, std::set<std::string>>& formats() {
    static const std::map<std::string, std::set<std::string>> table{
        {"1", {"ofd", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt", "pptx", "json"}},
        {"2", {"et", "xls", "xlsx", "csv"}},
        {"3",
         {"dm", "kingbasees", "access", "dbf", "dbase", "sybase", "oracle", "sql server", "db2", "mysql",
          "postgresql", "opengauss", "gbase"}},
        {"4", {"jpg", "gif", "bmp", "png", "tif", "shp", "dwg", "geojson"}},
        {"7", {"rest", "webservice"}},
    };
    return table;
}

int strictness(const std::string& type) {
    return type == "denied" ? 2 : type == "conditional" ? 1 : 0;
}

class CompletenessCheck {
public:
    explicit CompletenessCheck(const ResourceInput& input) : input_(input) {}

    Faults run() {
        name();
        description();
        sharing();
        opening();
        items();
        reviews();
        return std::move(faults_);
    }

private:
    void add(std::string pointer, std::string zh, std::string en) {
        faults_.push_back({std::move(pointer), "catalogue.incomplete", std::move(zh), std::move(en)});
    }
    void need(std::string_view member, const std::string& value, const std::string& zh,
              const std::string& en) {
        if (trim(value).empty()) {
            add("/" + std::string(member), "请填写" + zh, "Fill in " + en);
        }
    }

    void name() {
        for (std::string_view tail : {"系统", "平台", "APP", "app", "小程序"}) {
            if (input_.name.ends_with(tail)) {
                add("/name", "名称应说明数据内容，不得直接用系统名称",
                    "Name the content, not the system it comes from");
            }
        }
    }

    void description() {
        need("abstract", input_.abstract, "信息资源摘要", "the abstract");
        need("format_class", input_.format_class, "信息资源格式分类", "the format class");
        need("format", input_.format, "信息资源格式", "the format");
        need("update_cycle", input_.update_cycle, "更新周期", "the update cycle");
        need("domain", input_.domain, "数据领域", "the domain");
        auto known = formats().find(input_.format_class);
        if (known != formats().end() && !input_.format.empty() &&
            !known->second.contains(lower_ascii(input_.format))) {
            add("/format", "格式“" + input_.format + "”不属于所选的格式分类，请改选其一",
                "The format \"" + input_.format +
                    "\" does not belong to the format class; change one of them");
        }
    }

    void sharing() {
        need("share_type", input_.share_type, "共享类型", "the share type");
        if (input_.share_type == "conditional") {
            need("share_condition", input_.share_condition,
                 "有条件共享的条件和使用范围（政务数据共享条例第十五条）",
                 "the condition and scope of conditional sharing (sharing regulation, art. 15)");
        }
        if (input_.share_type == "denied") {
            need("share_condition", input_.share_condition,
                 "不予共享所依据的法律、行政法规或者国务院决定（政务数据共享条例第十四、十五条）",
                 "the law, regulation or State Council decision that forbids sharing (art. 14, 15)");
        } else {
            need("share_mode", input_.share_mode, "共享方式", "the share mode");
            share_mode();
        }
        if (input_.share_type == "unconditional" && input_.grade >= 3) {
            add("/share_type", "3级及以上数据不得无条件共享，请改为有条件共享或调整分级",
                "Data of grade 3 or higher cannot be shared unconditionally; make it conditional or review "
                "the grade");
        }
    }

    void share_mode() {
        const std::string& mode = input_.share_mode;
        const std::string& format = input_.format_class;
        if (mode.empty() || mode == "mail" || mode == "disc" || mode == "media") {
            return;
        }
        // Class 2 goes by file elsewhere; here a spreadsheet's rows are mounted, so API and tables do too.
        if ((format == "1" || format == "4") && mode != "file") {
            add("/share_mode", "电子文件和图形图像应以文件方式共享", "Files and images are shared as files");
        }
        if (format == "3" && mode == "file") {
            add("/share_mode", "数据库类资源应以库表或接口方式共享",
                "A database is shared by tables or by API");
        }
        if (format == "7" && mode != "api") {
            add("/share_mode", "服务接口类资源应以接口方式共享", "A service interface is shared by API");
        }
    }

    void opening() {
        if (!input_.open_flag) {
            if (one(input_.open_type, "unconditional", "conditional")) {
                add("/open_type", "未选择向社会开放，开放类型应为不予开放或留空",
                    "The entry is not marked as open; leave open_type empty or set denied");
            }
            return;
        }
        if (!one(input_.open_type, "unconditional", "conditional")) {
            add("/open_type", "请选择开放类型：无条件开放或有条件开放",
                "Choose the open type: unconditional or conditional");
        }
        if (input_.open_type == "conditional") {
            need("open_condition", input_.open_condition, "开放条件", "the condition of opening");
        }
        if (input_.grade >= 4) {
            add("/open_flag", "4级数据不得开放", "Data of grade 4 is never opened");
        }
    }

    void items() {
        if (one(input_.format_class, "2", "3") && input_.items.empty()) {
            add("/items", "电子表格和数据库类资源必须填写信息项",
                "Spreadsheets and databases need their items");
        }
        std::set<std::string> names;
        for (std::size_t i = 0; i < input_.items.size(); ++i) {
            const Item& item = input_.items[i];
            std::string at = "/items/" + std::to_string(i);
            if (!names.insert(item.name).second) {
                add(at + "/name", "信息项名称“" + item.name + "”重复，请改名",
                    "The item name \"" + item.name + "\" is there twice; rename one");
            }
            if (!item.share_type.empty() && strictness(item.share_type) < strictness(input_.share_type)) {
                add(at + "/share_type", "信息项的共享类型不得宽于资源",
                    "An item is not shared more freely than its resource");
            }
            if (!item.open_type.empty() && strictness(item.open_type) < opening_strictness()) {
                add(at + "/open_type", "信息项的开放类型不得宽于资源",
                    "An item is not opened more freely than its resource");
            }
        }
    }

    int opening_strictness() const { return input_.open_flag ? strictness(input_.open_type) : 2; }

    void review(std::string_view member, const std::optional<Review>& record, std::string zh,
                std::string en) {
        std::string at = "/" + std::string(member);
        if (!record) {
            return add(at, "请登记" + zh + "（条例第十三条）",
                       "Record " + en + " (sharing regulation, art. 13)");
        }
        if (trim(record->who).empty() || record->when.empty() || trim(record->result).empty()) {
            add(at, zh + "须写明何人、何时、结果", "Say who, when and with what result for " + en);
        }
    }

    void reviews() {
        review("secrecy_review", input_.secrecy_review, "保密审查", "the secrecy review");
        if (holds_personal_information(input_)) {
            review("pia_review", input_.pia_review, "个人信息保护影响评估",
                   "the personal information impact assessment");
        }
        review("head_consent", input_.head_consent, "部门负责人同意意见",
               "the consent of the department's head");
    }

    static bool one(const std::string& value, std::string_view first, std::string_view second) {
        return value == first || value == second;
    }

    const ResourceInput& input_;
    Faults faults_;
};

}  // namespace

bool holds_personal_information(const ResourceInput& input) {
    static const std::set<std::string> personal{"id_number", "mobile", "bank_card", "plate", "person_name"};
    return input.subject_object == "person" ||
           std::any_of(input.items.begin(), input.items.end(),
                       [](const Item& item) { return personal.contains(item.element); });
}

Faults completeness_faults(const ResourceInput& input) {
    return CompletenessCheck(input).run();
}

}  // namespace pengcheng::catalogue
