#include "packs/emit.hpp"
#include "packs/plan.hpp"
#include "packs/problems.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <optional>

namespace pengcheng::packs {

namespace {

namespace fs = std::filesystem;

/// One file of the folder as it will be.
struct Page {
    std::string kind;
    std::string head;  ///< opening comment
    std::vector<Json> items;
    bool changed = false;
};
using Pages = std::map<std::string, Page>;

/// The lines before `kind:`.
std::string opening(const fs::path& file) {
    std::ifstream in(file);
    std::string head;
    for (std::string line; std::getline(in, line) && (line.empty() || line.starts_with('#'));) {
        head += line + "\n";
    }
    return head;
}

/// Puts references back where the database holds what they stand for.
Json with_references(const Object& object, Json content) {
    for (const auto& [pointer, written] : object.references) {
        const Json::json_pointer at(pointer);
        if (content.contains(at) && object.content.contains(at) && content[at] == object.content[at]) {
            content[at] = written;
        }
    }
    return content;
}

/// An object of the pack as the database has it; nothing where it has none.
std::optional<Json> updated(const Object& object, const Contents& present, bool& changed) {
    const Kind& kind = *find_kind(object.kind);
    const auto found = present.find(object.key);
    if (found == present.end()) {
        changed = true;
        return std::nullopt;
    }
    const Json wanted = kind.canonical(object.content);
    Json settled = found->second;
    kind.settle(wanted, settled);
    changed = changed || settled != wanted;
    if (settled == wanted) {
        return with_references(object, object.content);
    }
    return with_references(object, std::move(settled));
}

Pages pages_of(const Pack& pack, const fs::path& folder, const std::map<std::string, Contents>& present) {
    Pages pages;
    for (const Object& object : pack.objects) {
        auto [at, fresh] = pages.try_emplace(object.file);
        Page& page = at->second;
        if (fresh) {
            page.kind = object.kind;
            page.head = opening(folder / object.file);
        }
        const auto contents = present.find(object.kind);
        if (contents == present.end()) {
            page.items.push_back(object.content);  // not asked for
        } else if (auto item = updated(object, contents->second, page.changed)) {
            page.items.push_back(std::move(*item));
        }
    }
    return pages;
}

void add_new(Pages& pages, const std::string& kind_name, const Json& content) {
    const Kind& kind = *find_kind(kind_name);
    auto at = pages.find(std::string(kind.file));
    if (at == pages.end() || at->second.kind != kind_name) {
        at = std::find_if(pages.begin(), pages.end(),
                          [&](const auto& entry) { return entry.second.kind == kind_name; });
    }
    if (at == pages.end()) {
        at = pages.emplace(std::string(kind.file), Page{.kind = kind_name}).first;
    }
    at->second.items.push_back(content);
    at->second.changed = true;
}

std::string text_of(const Page& page) {
    std::string text = page.head + "kind: " + page.kind + "\nitems:";
    text += page.items.empty() ? " []\n" : "\n";
    for (const Json& item : page.items) {
        text += emit_item(page.kind, item);
    }
    return text;
}

/// Whole or not at all: a reader never meets half a file.
void write_whole(const fs::path& file, const std::string& text) {
    fs::path making = file;
    making += ".making";
    std::ofstream out(making, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        throw ProblemError(problem::cannot_write.because(file.string(), file.string()));
    }
    fs::rename(making, file);
}

std::vector<std::string> kinds_asked(const ExportOptions& options, const Pack& pack) {
    if (!options.kinds.empty()) {
        return options.kinds;
    }
    std::set<std::string> spoken;
    for (const Object& object : pack.objects) {
        spoken.insert(object.kind);
    }
    auto names = kind_names();
    std::erase_if(names, [&](const std::string& name) { return !spoken.empty() && !spoken.contains(name); });
    return names;
}

bool holds_pack(const fs::path& folder) {
    return fs::is_directory(folder) &&
           std::any_of(fs::directory_iterator(folder), fs::directory_iterator(), [](const auto& entry) {
               return entry.path().extension() == ".yaml" || entry.path().extension() == ".yml";
           });
}

Result<Pack> pack_there(const fs::path& folder) {
    if (!holds_pack(folder)) {
        return Pack{};
    }
    auto loaded = load(folder);
    if (!loaded.faults.empty()) {
        const Fault& fault = loaded.faults.front();
        const std::string where = fault.file + ":" + std::to_string(fault.line) + " ";
        return problem::bad_pack.because(where + fault.zh, where + fault.en);
    }
    return std::move(loaded.pack);
}

}  // namespace

asio::awaitable<Result<Exported>> write_pack(db::Pool& db, ExportOptions options) {
    for (const std::string& name : options.kinds) {
        if (find_kind(name) == nullptr) {
            co_return problem::no_kind.because("没有 " + name + " 这一类", "there is no kind " + name);
        }
    }
    auto there = pack_there(options.folder);
    if (!there) {
        co_return there.error();
    }
    auto tx = co_await db.begin_snapshot();
    const AppliedByKey before = co_await applied(tx);
    std::map<std::string, Contents> present;
    for (const std::string& name : kinds_asked(options, *there)) {
        present[name] = co_await find_kind(name)->read(tx, nullptr);
    }
    co_await tx.commit();

    Pages pages = pages_of(*there, options.folder, present);
    std::set<std::pair<std::string, std::string>> named;
    for (const Object& object : there->objects) {
        named.emplace(object.kind, object.key);
    }
    Exported exported;
    for (const auto& [kind, contents] : present) {
        exported.objects[kind] = static_cast<int>(contents.size());
        for (const auto& [key, content] : contents) {
            const auto found = before.find({kind, key});
            const bool of_another =
                !there->objects.empty() && found != before.end() && found->second.pack != there->name;
            if (!named.contains({kind, key}) && !of_another) {
                add_new(pages, kind, content);
            }
        }
    }
    fs::create_directories(options.folder);
    for (const auto& [file, page] : pages) {
        if (page.changed) {
            write_whole(options.folder / file, text_of(page));
        }
        (page.changed ? exported.written : exported.kept).push_back(file);
    }
    co_return exported;
}

}  // namespace pengcheng::packs
