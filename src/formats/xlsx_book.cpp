#include "formats/xlsx_book.hpp"

#include "formats/problems.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::formats {

namespace {

// Excel itself stops at 65,490 formats and some hundred sheets; a file that goes on is made to fill memory.
constexpr std::size_t entries_max = 70'000;

void check_entries(std::size_t entries) {
    if (entries > entries_max) {
        throw ProblemError(problem::too_large.because("工作簿的样式、工作表或部件过多，不是正常的表格",
                                                      "the workbook has too many styles, sheets or parts"));
    }
}

/// Targets by relationship id, and the part of a kind (the last word of its type address).
class Relations : public XmlEvents {
public:
    std::map<std::string, std::string, std::less<>> by_id;
    std::map<std::string, std::string, std::less<>> by_kind;

    /// `folder`: where relative targets start ("xl/").
    explicit Relations(std::string folder) : folder_(std::move(folder)) {}
    void start(std::string_view name, const Attributes& attributes) override {
        if (name != "Relationship" || attribute(attributes, "TargetMode") == "External") {
            return;
        }
        std::string target(attribute(attributes, "Target"));
        std::string_view type = attribute(attributes, "Type");
        std::string part = target.starts_with("/") ? target.substr(1) : resolve(folder_ + target);
        check_entries(by_id.size());
        by_id.emplace(attribute(attributes, "Id"), part);
        by_kind.emplace(type.substr(type.rfind('/') + 1), part);
    }
    void end(std::string_view) override {}
    void text(std::string_view) override {}

private:
    static std::string resolve(const std::string& path) {
        std::vector<std::string> parts;
        for (std::string_view part : split(path, '/')) {
            if (part == ".." && !parts.empty()) {
                parts.pop_back();
            } else if (!part.empty() && part != "." && part != "..") {
                parts.emplace_back(part);
            }
        }
        return join(parts, "/");
    }
    std::string folder_;
};

class BookEvents : public XmlEvents {
public:
    struct Entry {
        Sheet sheet;
        std::string relation;
    };
    std::vector<Entry> sheets;
    bool epoch_1904 = false;

    void start(std::string_view name, const Attributes& attributes) override {
        if (name == "sheet") {
            check_entries(sheets.size());
            sheets.push_back({{std::string(attribute(attributes, "name")),
                               attribute(attributes, "state").find("idden") != std::string_view::npos},
                              std::string(attribute(attributes, "id"))});
        } else if (name == "workbookPr") {
            std::string_view epoch = attribute(attributes, "date1904");
            epoch_1904 = epoch == "1" || epoch == "true" || epoch == "on";
        }
    }
    void end(std::string_view) override {}
    void text(std::string_view) override {}
};

class StyleEvents : public XmlEvents {
public:
    std::vector<NumberLook> looks;

    void start(std::string_view name, const Attributes& attributes) override {
        if (name == "numFmt") {
            auto id = to_int(attribute(attributes, "numFmtId"));
            if (id) {
                check_entries(own_.size());
                own_[*id] = look_of_code(attribute(attributes, "formatCode"));
            }
        } else if (name == "cellXfs") {
            inside_ = true;
        } else if (name == "xf" && inside_) {
            std::int64_t id = to_int(attribute(attributes, "numFmtId")).value_or(0);
            check_entries(looks.size());
            auto found = own_.find(id);
            looks.push_back(found != own_.end() ? found->second : look_of_builtin(static_cast<int>(id)));
        }
    }
    void end(std::string_view name) override { inside_ = inside_ && name != "cellXfs"; }
    void text(std::string_view) override {}

private:
    std::map<std::int64_t, NumberLook> own_;
    bool inside_ = false;
};

class TextEvents : public XmlEvents {
public:
    TextEvents(SharedTexts& texts, const ReadLimits& limits)
        : texts_(texts), bytes_max_(limits.shared_text_bytes_max), cell_bytes_max_(limits.cell_bytes_max) {}

    void start(std::string_view name, const Attributes&) override {
        if (name == "si") {
            text_.clear();
        } else if (name == "rPh") {
            phonetic_ = true;
        }
        taking_ = name == "t" && !phonetic_;
    }
    void end(std::string_view name) override {
        taking_ = false;
        if (name == "rPh") {
            phonetic_ = false;
        } else if (name == "si") {
            texts_.add(unescape_excel(text_));
            if (texts_.bytes() > bytes_max_) {
                throw ProblemError(
                    problem::too_large.because("工作簿中的文字过多，请另存为 CSV 后上传",
                                               "the workbook holds too much text; save it as CSV"));
            }
        }
    }
    void text(std::string_view text) override {
        if (taking_) {
            text_.append(text);
        }
        if (text_.size() > cell_bytes_max_) {
            broken_workbook("共享文字第 " + std::to_string(texts_.size() + 1) + " 条超过 1 MiB",
                            "shared text " + std::to_string(texts_.size() + 1) + " is over 1 MiB");
        }
    }

private:
    SharedTexts& texts_;
    std::size_t bytes_max_;
    std::size_t cell_bytes_max_;
    std::string text_;
    bool taking_ = false;
    bool phonetic_ = false;
};

}  // namespace

Workbook open_workbook(const std::filesystem::path& path, const ReadLimits& limits) {
    auto parts = list_parts(path);
    if (parts.contains("content.xml") && parts.contains("mimetype")) {
        throw ProblemError(problem::unsupported.because("这是 ODS 表格，请另存为 .xlsx 或 CSV 后上传",
                                                        "this is an ODS sheet; save it as .xlsx or CSV"));
    }
    Relations package("");
    if (parts.contains("_rels/.rels")) {
        read_part(path, "_rels/.rels", limits, package);
    }
    std::string book =
        package.by_kind.contains("officeDocument") ? package.by_kind["officeDocument"] : "xl/workbook.xml";
    if (!parts.contains(book)) {
        broken_workbook("压缩包中没有工作簿（缺少 " + book + "）",
                        "the archive has no workbook (no " + book + ")");
    }
    if (book.ends_with(".bin")) {
        throw ProblemError(problem::unsupported.because("这是二进制工作簿 .xlsb，请另存为 .xlsx 后上传",
                                                        "this is a binary workbook; save it as .xlsx"));
    }
    std::string folder = book.substr(0, book.rfind('/') + 1);
    std::string relations_part = folder + "_rels/" + book.substr(folder.size()) + ".rels";
    Relations relations(folder);
    if (!parts.contains(relations_part)) {
        broken_workbook("工作簿缺少部件 " + relations_part, "the workbook has no part " + relations_part);
    }
    read_part(path, relations_part, limits, relations);
    BookEvents events;
    read_part(path, book, limits, events);

    Workbook out;
    out.epoch_1904 = events.epoch_1904;
    for (auto& entry : events.sheets) {
        auto found = relations.by_id.find(entry.relation);
        if (found != relations.by_id.end() && found->second.find("chartsheet") == std::string::npos) {
            out.sheets.push_back({std::move(entry.sheet), found->second});
        }
    }
    if (auto found = relations.by_kind.find("styles");
        found != relations.by_kind.end() && parts.contains(found->second)) {
        StyleEvents styles;
        read_part(path, found->second, limits, styles);
        out.looks = std::move(styles.looks);
    }
    if (auto found = relations.by_kind.find("sharedStrings");
        found != relations.by_kind.end() && parts.contains(found->second)) {
        TextEvents texts(out.texts, limits);
        read_part(path, found->second, limits, texts);
    }
    return out;
}

}  // namespace pengcheng::formats
