#include "packs/kinds.hpp"

#include "packs/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

namespace {

std::string key_of(const Json& content) {
    return content.at("organization").get<std::string>() + "/" + content.at("name").get<std::string>();
}

/// Members of `object` that say something else than `defaults`.
Json unlike(const Json& object, const Json& defaults) {
    Json out = Json::object();
    for (const auto& [name, value] : object.items()) {
        if (!defaults.contains(name) || defaults[name] != value) {
            out[name] = value;
        }
    }
    return out;
}

Json pack_form(const catalogue::ResourceInput& input) {
    static const Json entry_defaults = to_json(catalogue::Resource{});
    static const Json item_defaults = to_json(catalogue::Item{});
    catalogue::Resource resource;
    static_cast<catalogue::ResourceInput&>(resource) = input;
    Json out = unlike(to_json(resource), entry_defaults);
    out.erase("provider");
    out["organization"] = input.organization;
    out["name"] = input.name;
    Json items = Json::array();
    for (const auto& item : input.items) {
        Json one = unlike(to_json(item), item_defaults);
        one.erase("no");
        one["name"] = item.name;
        one["column"] = item.column;
        items.push_back(std::move(one));
    }
    if (!items.empty()) {
        out["items"] = std::move(items);
    }
    return out;
}

/// As the catalogue settles what it is given.
Json canonical(const Json& content) {
    auto input = catalogue::input_from_json(content).value();
    for (std::string* text : {&input.name, &input.abstract, &input.share_condition, &input.open_condition}) {
        *text = std::string(trim(*text));
    }
    for (auto& word : input.keywords) {
        word = std::string(trim(word));
    }
    for (auto& item : input.items) {
        item.name = std::string(trim(item.name));
        input.grade = std::max(input.grade, item.grade);
    }
    return pack_form(input);
}

/// The front of the code and the day of publication are filled in by the catalogue.
void settle(const Json& wanted, Json& present) {
    for (const char* name : {"classification", "publish_date"}) {
        if (!wanted.contains(name)) {
            present.erase(name);
        }
    }
}

asio::awaitable<std::optional<catalogue::Resource>> find_entry(db::Transaction& tx, std::string key) {
    const std::size_t slash = key.find('/');
    auto ref = co_await catalogue::find_ref(tx, key.substr(0, slash), key.substr(slash + 1));
    if (!ref) {
        co_return std::nullopt;
    }
    co_return co_await catalogue::find(tx, *ref);
}

asio::awaitable<Contents> read(db::Transaction& tx, const std::set<std::string>* keys) {
    Contents contents;
    if (keys != nullptr) {
        for (const std::string& key : *keys) {
            if (auto entry = co_await find_entry(tx, key)) {
                contents.emplace(key, pack_form(*entry));
            }
        }
        co_return contents;
    }
    for (auto& ref : co_await catalogue::living_refs(tx)) {
        if (auto entry = co_await catalogue::find(tx, ref)) {
            contents.emplace(entry->organization + "/" + entry->name, pack_form(*entry));
        }
    }
    co_return contents;
}

/// A new entry becomes a draft; a changed one a working version beside what is published. Review and
/// publication stay with people.
asio::awaitable<Result<void>> put(db::Transaction& tx, Principal who, Json content) {
    auto input = catalogue::input_from_json(content);
    if (!input) {
        co_return input.error();
    }
    auto ref = co_await catalogue::find_ref(tx, input->organization, input->name);
    if (!ref) {
        auto made = co_await catalogue::create(tx, who, *input);
        if (!made) {
            co_return made.error();
        }
        co_return Result<void>();
    }
    auto present = co_await catalogue::find(tx, *ref);
    auto updated = co_await catalogue::update(tx, who, *ref, present ? present->version : 0, *input);
    if (!updated) {
        co_return updated.error();
    }
    co_return Result<void>();
}

/// A draft goes; what was published is retired, for its code is never used again.
asio::awaitable<Result<void>> remove(db::Transaction& tx, Principal who, std::string key) {
    auto entry = co_await find_entry(tx, key);
    if (entry && entry->state != "published") {
        auto removed = co_await catalogue::remove(tx, who, entry->ref, entry->version);
        if (!removed) {
            co_return removed.error();
        }
        entry = co_await find_entry(tx, key);
    }
    if (entry && entry->state == "published") {
        auto retired = co_await catalogue::retire(tx, who, entry->ref, entry->version, "配置包不再包含");
        if (!retired) {
            co_return retired.error();
        }
    }
    co_return Result<void>();
}

std::map<std::string, Json> items_of(const Json& content) {
    std::map<std::string, Json> items;
    for (const auto& item : content.value("items", Json::array())) {
        items[item.at("column").get<std::string>()] = item;
    }
    return items;
}

/// Stored rows keep the columns they came with; the next load meets the new ones.
asio::awaitable<std::vector<Break>> breaks(db::Transaction& tx, std::string key, Json from, Json to) {
    std::vector<Break> breaks;
    auto entry = co_await find_entry(tx, key);
    const auto rows = entry ? entry->record_count.value_or(0) : 0;
    if (rows == 0) {
        co_return breaks;
    }
    const std::string count = std::to_string(rows);
    if (to.is_null()) {
        breaks.push_back(
            {.zh = "已挂接 " + count + " 行数据", .en = count + " rows are mounted", .hard = true});
        co_return breaks;
    }
    const auto wanted = items_of(to);
    for (const auto& [column, item] : items_of(from)) {
        const auto found = wanted.find(column);
        if (found == wanted.end()) {
            breaks.push_back({.zh = "已挂接 " + count + " 行数据，信息项 " + column + " 将被删除",
                              .en = count + " rows are mounted, and the item " + column + " would go"});
            continue;
        }
        for (const char* part : {"type", "primary_key"}) {
            const Json before = item.value(part, Json());
            const Json after = found->second.value(part, Json());
            if (before != after) {
                breaks.push_back({.zh = "已挂接 " + count + " 行数据，信息项 " + column + " 的 " + part +
                                        " 由 " + before.dump() + " 改为 " + after.dump(),
                                  .en = count + " rows are mounted, and " + part + " of " + column +
                                        " would change from " + before.dump() + " to " + after.dump()});
            }
        }
    }
    co_return breaks;
}

}  // namespace

const Kind resources_kind{.name = "resources",
                          .file = "resources.yaml",
                          .key = key_of,
                          .canonical = canonical,
                          .settle = settle,
                          .read = read,
                          .put = put,
                          .remove = remove,
                          .breaks = breaks};

}  // namespace pengcheng::packs
