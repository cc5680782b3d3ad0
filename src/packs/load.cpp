#include "packs/load.hpp"

#include "packs/kinds.hpp"
#include "packs/schema.hpp"
#include "packs/yaml.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/quality/quality.hpp>
#include <pengcheng/services/services.hpp>

#include <fstream>

namespace pengcheng::packs {

namespace {

constexpr std::uintmax_t file_bytes_max = 8 << 20;

std::string key_of(const std::string& kind, const Json& item) {
    return find_kind(kind)->key(item);
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

std::vector<FieldError> check_code_list(const Json& list) {
    std::vector<FieldError> faults;
    std::set<std::string> seen;
    int index = 0;
    for (const auto& value : list.at("values")) {
        const std::string at = "/values/" + std::to_string(index++) + "/value";
        const auto text = value.at("value").get<std::string>();
        if (!seen.insert(text).second) {
            faults.push_back({at, "twice", "取值“" + text + "”重复", "the value " + text + " comes twice"});
        }
    }
    return faults;
}

std::vector<FieldError> check_content(const std::string& kind, const Json& item, const Entries& entries) {
    if (kind == "calendar") {
        return check_calendar(item);
    }
    if (kind == "code_lists") {
        return check_code_list(item);
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

void add_fault(std::vector<Fault>& faults, const Source& source, const std::string& pointer,
               const FieldError& error) {
    const std::string at = pointer + error.pointer;
    const Mark mark = source.document.mark_of(at);
    const Remedy remedy = remedy_for(source.kind, at, error.code);
    faults.push_back({.file = source.file,
                      .line = mark.line,
                      .column = mark.column,
                      .zh = at + " " + error.detail_zh,
                      .en = at + " " + error.detail_en,
                      .remedy_zh = remedy.zh,
                      .remedy_en = remedy.en});
}

std::string kind_of(const Json& content) {
    const bool shaped = content.is_object() && content.contains("kind") && content["kind"].is_string();
    return shaped ? content["kind"].get<std::string>() : "";
}

/// The file, or nothing after its faults were noted.
std::optional<Source> read_file(const std::filesystem::path& path, const std::string& text,
                                std::vector<Fault>& faults) {
    Source source{.file = path.filename().string()};
    if (text.size() > file_bytes_max) {
        faults.push_back({.file = source.file,
                          .line = 1,
                          .column = 1,
                          .zh = "文件超过 8 MB",
                          .en = "is larger than 8 MB",
                          .remedy_zh = "分成几个文件",
                          .remedy_en = "split it into files"});
        return std::nullopt;
    }
    const auto before = faults.size();
    source.document = read_yaml(text, source.file, faults);
    if (faults.size() > before) {
        return std::nullopt;
    }
    source.kind = kind_of(source.document.content);
    if (find_kind(source.kind) == nullptr) {
        const Mark mark = source.document.mark_of("/kind");
        const std::string names = join(kind_names(), ", ");
        faults.push_back({.file = source.file,
                          .line = mark.line,
                          .column = mark.column,
                          .zh = "文件须有 kind 和 items",
                          .en = "needs kind and items",
                          .remedy_zh = "kind 可取：" + names,
                          .remedy_en = "kind is one of: " + names});
        return std::nullopt;
    }
    const auto shape_faults = check_shape(source.kind, source.document.content);
    for (const auto& error : shape_faults) {
        add_fault(faults, source, "", error);
    }
    return shape_faults.empty() ? std::optional(std::move(source)) : std::nullopt;
}

/// References within one item, by their place in it.
std::map<std::string, std::string> references_below(const Document& document, const std::string& pointer) {
    std::map<std::string, std::string> out;
    for (auto at = document.references.lower_bound(pointer + "/");
         at != document.references.end() && at->first.starts_with(pointer + "/"); ++at) {
        out.emplace(at->first.substr(pointer.size()), at->second);
    }
    return out;
}

void take_objects(Loaded& loaded, const Source& source, const Entries& entries) {
    int index = 0;
    for (const auto& item : source.document.content["items"]) {
        const std::string pointer = "/items/" + std::to_string(index++);
        for (const auto& error : check_content(source.kind, item, entries)) {
            add_fault(loaded.faults, source, pointer, error);
        }
        const Mark mark = source.document.mark_of(pointer);
        loaded.pack.objects.push_back({.kind = source.kind,
                                       .key = key_of(source.kind, item),
                                       .content = item,
                                       .file = source.file,
                                       .line = mark.line,
                                       .column = mark.column,
                                       .references = references_below(source.document, pointer)});
    }
}

void refuse_object(Loaded& loaded, const Object& object, std::string zh, std::string en,
                   std::string remedy_zh, std::string remedy_en) {
    loaded.faults.push_back({.file = object.file,
                             .line = object.line,
                             .column = object.column,
                             .zh = std::move(zh),
                             .en = std::move(en),
                             .remedy_zh = std::move(remedy_zh),
                             .remedy_en = std::move(remedy_en)});
}

std::string parent_of(const Object& object) {
    const bool has = (object.kind == "organizations" || object.kind == "regions") &&
                     object.content.contains("parent") && object.content["parent"].is_string();
    return has ? object.content["parent"].get<std::string>() : "";
}

using ByName = std::map<std::pair<std::string, std::string>, std::size_t>;

ByName by_name(const std::vector<Object>& objects) {
    ByName names;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        names.emplace(std::pair{objects[i].kind, objects[i].key}, i);
    }
    return names;
}

/// Places of the objects, each after what it names as its parent; a ring comes as it stands.
std::vector<std::size_t> parents_first(const std::vector<Object>& objects, std::set<std::size_t>& rings) {
    const ByName names = by_name(objects);
    std::vector<std::size_t> order;
    std::vector<bool> done(objects.size(), false);
    for (std::size_t i = 0; i < objects.size(); ++i) {
        std::vector<std::size_t> path;
        std::set<std::size_t> on_path;
        for (std::size_t at = i; !done[at] && on_path.insert(at).second;) {
            path.push_back(at);
            const auto above = names.find({objects[at].kind, parent_of(objects[at])});
            if (above == names.end()) {
                break;
            }
            at = above->second;
            if (on_path.contains(at)) {
                rings.insert(at);
            }
        }
        for (auto at = path.rbegin(); at != path.rend(); ++at) {
            done[*at] = true;
            order.push_back(*at);
        }
    }
    return order;
}

void check_parents(Loaded& loaded) {
    std::set<std::size_t> rings;
    parents_first(loaded.pack.objects, rings);
    for (const std::size_t at : rings) {
        const Object object = loaded.pack.objects[at];
        refuse_object(loaded, object, object.key + " 的上级又回到它自己",
                      object.key + " is its own parent, by way of its parents", "改正 parent",
                      "mend the parent");
    }
}

/// What one file says must not contradict another.
void check_together(Loaded& loaded) {
    check_parents(loaded);
    std::map<std::pair<std::string, std::string>, const Object*> seen;
    std::set<std::string> organizations;
    for (const auto& object : loaded.pack.objects) {
        const auto [first, fresh] = seen.emplace(std::pair{object.kind, object.key}, &object);
        if (!fresh) {
            const std::string where = first->second->file + ":" + std::to_string(first->second->line);
            refuse_object(loaded, object, object.key + " 已在 " + where + " 定义",
                          object.key + " was given at " + where, "删去其中一处", "take one of them out");
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
            refuse_object(loaded, object, object.key + "：没有编号为 " + code + " 的部门",
                          object.key + ": there is no organization " + code,
                          "改正编号，或在 organizations 中加上它",
                          "mend the code, or add it to organizations");
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
    std::set<std::size_t> rings;
    const auto places = parents_first(objects, rings);
    std::vector<Object> ordered;
    ordered.reserve(objects.size());
    for (const Kind& kind : kinds()) {
        for (const std::size_t at : places) {
            if (objects[at].kind == kind.name) {
                ordered.push_back(std::move(objects[at]));
            }
        }
    }
    return ordered;
}

std::string name_of(const std::filesystem::path& folder) {
    const auto whole = std::filesystem::absolute(folder).lexically_normal();
    return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

std::map<std::filesystem::path, std::string> texts_of(const std::filesystem::path& folder) {
    std::map<std::filesystem::path, std::string> texts;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto ending = entry.path().extension();
        if (entry.is_regular_file() && (ending == ".yaml" || ending == ".yml")) {
            std::ifstream in(entry.path(), std::ios::binary);
            std::string text(std::min(entry.file_size(), file_bytes_max + 1), '\0');
            in.read(text.data(), static_cast<std::streamsize>(text.size()));
            texts.emplace(entry.path(), std::move(text));
        }
    }
    return texts;
}

std::string digest_of(const std::map<std::filesystem::path, std::string>& texts) {
    crypto::Sha256 digest;
    for (const auto& [path, text] : texts) {
        if (text.find("${") != std::string::npos) {
            return "";
        }
        digest.update(path.filename().string() + "\n" + std::to_string(text.size()) + "\n");
        digest.update(text);
    }
    return digest.hex();
}

void refuse_folder(Loaded& loaded, const std::filesystem::path& folder, std::string zh, std::string en) {
    loaded.faults.push_back({.file = folder.string(), .zh = std::move(zh), .en = std::move(en)});
}

}  // namespace

std::string digest_of_folder(const std::filesystem::path& folder) {
    return std::filesystem::is_directory(folder) ? digest_of(texts_of(folder)) : "";
}

std::string name_of_folder(const std::filesystem::path& folder) {
    return name_of(folder);
}

Loaded load(const std::filesystem::path& folder) {
    Loaded loaded;
    loaded.pack.name = name_of(folder);
    if (!std::filesystem::is_directory(folder)) {
        refuse_folder(loaded, folder, "没有这个文件夹", "there is no such folder");
        return loaded;
    }
    const auto texts = texts_of(folder);
    loaded.pack.digest = digest_of(texts);
    if (texts.empty()) {
        refuse_folder(loaded, folder, "文件夹中没有 YAML 文件", "the folder holds no YAML file");
    }
    std::vector<Source> sources;
    for (const auto& [path, text] : texts) {
        if (auto source = read_file(path, text, loaded.faults)) {
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
