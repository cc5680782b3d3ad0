#include "packs/schemas.hpp"
#include "packs/yaml.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/http/schema.hpp>
#include <pengcheng/quality/quality.hpp>
#include <pengcheng/services/services.hpp>

#include <fstream>

namespace pengcheng::packs {

namespace {

constexpr std::uintmax_t file_bytes_max = 8 << 20;

/// Kinds in the order they are applied: what others name comes first.
constexpr std::array<std::string_view, 7> kinds{"organizations", "regions", "calendar",     "code_lists",
                                                "resources",     "rules",   "service_items"};

const http::Schemas& schemas() {
    static const http::Schemas compiled = http::Schemas::of_components(Json::parse(schemas_json));
    return compiled;
}

std::string key_of(const std::string& kind, const Json& item) {
    if (kind == "calendar") {
        return std::to_string(item.at("year").get<int>());
    }
    if (kind == "resources") {
        return item.at("organization").get<std::string>() + "/" + item.at("name").get<std::string>();
    }
    if (kind == "rules") {
        return item.at("organization").get<std::string>() + "/" + item.at("resource").get<std::string>();
    }
    return item.at("code").get<std::string>();
}

/// One file that reads and has the shape of its kind.
struct Source {
    std::string file;
    std::string kind;
    Document document;
};

/// The entries that the pack itself describes, by key.
using Entries = std::map<std::string, catalogue::ResourceInput>;

Entries entries_of(const std::vector<Source>& sources) {
    Entries entries;
    for (const auto& source : sources) {
        if (source.kind != "resources") {
            continue;
        }
        for (const auto& item : source.document.content["items"]) {
            if (auto input = catalogue::input_from_json(item)) {
                entries.emplace(key_of(source.kind, item), std::move(*input));
            }
        }
    }
    return entries;
}

std::vector<FieldError> check_calendar(const Json& year) {
    std::vector<FieldError> faults;
    const auto refuse = [&](const std::string& at, std::string zh, std::string en) {
        faults.push_back({at, "invalid", std::move(zh), std::move(en)});
    };
    const std::string of_year = std::to_string(year.at("year").get<int>()) + "-";
    int index = 0;
    for (const auto& holiday : year.at("holidays")) {
        const std::string at = "/holidays/" + std::to_string(index++);
        const auto from = parse_day(holiday.at("from").get<std::string>());
        const auto to = parse_day(holiday.at("to").get<std::string>());
        if (!from || !to || *to < *from || *to - *from > std::chrono::days{20}) {
            refuse(at, "起止日期不正确", "has no right beginning and end");
        } else if (!holiday.at("from").get_ref<const std::string&>().starts_with(of_year)) {
            refuse(at + "/from", "不在本年度内", "lies in another year");
        }
    }
    index = 0;
    for (const auto& day : year.at("make_up")) {
        const std::string at = "/make_up/" + std::to_string(index++);
        const auto parsed = parse_day(day.get<std::string>());
        const bool weekend = parsed && std::chrono::weekday{*parsed}.iso_encoding() >= 6;
        if (!weekend || !day.get_ref<const std::string&>().starts_with(of_year)) {
            refuse(at, "调休上班日应为本年度的周末", "a make-up day is a weekend day of the year");
        }
    }
    return faults;
}

std::vector<FieldError> check_content(const std::string& kind, const Json& item, const Entries& entries) {
    if (kind == "calendar") {
        return check_calendar(item);
    }
    if (kind == "service_items") {
        return services::check_item(item);
    }
    if (kind == "rules") {
        const auto entry = entries.find(key_of(kind, item));
        return quality::check_pack_rules(item.at("rules"), entry == entries.end() ? nullptr : &entry->second);
    }
    if (kind == "resources") {
        const auto input = catalogue::input_from_json(item);
        if (!input && input.error().errors.empty()) {
            return {{"", "invalid", input.error().text(true), input.error().text(false)}};
        }
        return input ? std::vector<FieldError>{} : input.error().errors;
    }
    return {};
}

void add_fault(std::vector<Fault>& faults, const std::string& file, const Document& document,
               const std::string& pointer, const FieldError& error) {
    faults.push_back({file, document.line_of(pointer + error.pointer),
                      pointer + error.pointer + " " + error.detail_zh,
                      pointer + error.pointer + " " + error.detail_en});
}

/// The file, or nothing after its faults were noted.
std::optional<Source> read_file(const std::filesystem::path& path, std::vector<Fault>& faults) {
    Source source{.file = path.filename().string()};
    if (std::filesystem::file_size(path) > file_bytes_max) {
        faults.push_back({source.file, 1, "文件超过 8 MB", "is larger than 8 MB"});
        return std::nullopt;
    }
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto before = faults.size();
    source.document = read_yaml(text, source.file, faults);
    if (faults.size() > before) {
        return std::nullopt;
    }
    const Json& content = source.document.content;
    const bool shaped = content.is_object() && content.size() == 2 && content.contains("kind") &&
                        content.contains("items") && content["kind"].is_string();
    source.kind = shaped ? content["kind"].get<std::string>() : "";
    if (std::find(kinds.begin(), kinds.end(), source.kind) == kinds.end()) {
        faults.push_back({source.file, 1,
                          "文件须有 kind(organizations、regions、calendar、code_lists、resources、rules、"
                          "service_items 之一)和 items",
                          "needs kind (organizations, regions, calendar, code_lists, resources, rules or "
                          "service_items) and items"});
        return std::nullopt;
    }
    const auto shape_faults = schemas().check(source.kind, content["items"]);
    for (const auto& error : shape_faults) {
        add_fault(faults, source.file, source.document, "/items", error);
    }
    return shape_faults.empty() ? std::optional(std::move(source)) : std::nullopt;
}

void take_objects(Loaded& loaded, const Source& source, const Entries& entries) {
    int index = 0;
    for (const auto& item : source.document.content["items"]) {
        const std::string pointer = "/items/" + std::to_string(index++);
        for (const auto& error : check_content(source.kind, item, entries)) {
            add_fault(loaded.faults, source.file, source.document, pointer, error);
        }
        loaded.pack.objects.push_back({.kind = source.kind,
                                       .key = key_of(source.kind, item),
                                       .content = item,
                                       .file = source.file,
                                       .line = source.document.line_of(pointer)});
    }
}

/// What one file says must not contradict another.
void check_together(Loaded& loaded) {
    std::map<std::pair<std::string, std::string>, const Object*> seen;
    std::set<std::string> organizations;
    for (const auto& object : loaded.pack.objects) {
        const auto [first, fresh] = seen.emplace(std::pair{object.kind, object.key}, &object);
        if (!fresh) {
            const std::string where = first->second->file + ":" + std::to_string(first->second->line);
            loaded.faults.push_back({object.file, object.line, object.key + " 已在 " + where + " 定义",
                                     object.key + " was given at " + where});
        }
        if (object.kind == "organizations") {
            organizations.insert(object.key);
        }
    }
    if (organizations.empty()) {
        return;
    }
    const auto check = [&](const Object& object, const std::string& code) {
        if (!organizations.contains(code)) {
            loaded.faults.push_back({object.file, object.line, object.key + ":没有编号为 " + code + " 的部门",
                                     object.key + ": there is no organization " + code});
        }
    };
    for (const auto& object : loaded.pack.objects) {
        if (object.content.contains("organization") && object.content["organization"].is_string()) {
            check(object, object.content["organization"].get<std::string>());
        }
        if (object.kind == "organizations" && object.content.contains("parent")) {
            check(object, object.content["parent"].get<std::string>());
        }
        if (object.kind != "service_items" || !object.content.contains("sources")) {
            continue;
        }
        for (const auto& source : object.content["sources"]) {
            if (source.is_object() && source.contains("provider") && source["provider"].is_string()) {
                check(object, source["provider"].get<std::string>());
            }
        }
    }
}

std::vector<Object> in_order(std::vector<Object> objects) {
    std::vector<Object> ordered;
    ordered.reserve(objects.size());
    for (const auto kind : kinds) {
        for (auto& object : objects) {
            if (object.kind == kind) {
                ordered.push_back(std::move(object));
            }
        }
    }
    return ordered;
}

}  // namespace

Loaded load(const std::filesystem::path& folder) {
    Loaded loaded;
    const auto whole = std::filesystem::absolute(folder).lexically_normal();
    loaded.pack.name =
        whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
    if (!std::filesystem::is_directory(folder)) {
        loaded.faults.push_back({folder.string(), 0, "没有这个文件夹", "there is no such folder"});
        return loaded;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_regular_file() &&
            (entry.path().extension() == ".yaml" || entry.path().extension() == ".yml")) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        loaded.faults.push_back(
            {folder.string(), 0, "文件夹中没有 YAML 文件", "the folder holds no YAML file"});
    }
    std::vector<Source> sources;
    for (const auto& file : files) {
        if (auto source = read_file(file, loaded.faults)) {
            sources.push_back(std::move(*source));
        }
    }
    const Entries entries = entries_of(sources);
    for (const auto& source : sources) {
        take_objects(loaded, source, entries);
    }
    check_together(loaded);
    loaded.pack.objects = in_order(std::move(loaded.pack.objects));
    return loaded;
}

}  // namespace pengcheng::packs
