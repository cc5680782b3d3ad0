#include "packs/kinds.hpp"

#include "packs/problems.hpp"

#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/quality/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

namespace {

std::string key_of(const Json& content) {
    return content.at("organization").get<std::string>() + "/" + content.at("resource").get<std::string>();
}

Json canonical(const Json& content) {
    Json out = content;
    for (Json& rule : out.at("rules")) {
        rule.erase("derived");
        rule.erase("dimension");
        rule.erase("indicator");
        if (rule.value("severity", "") == "major") {
            rule.erase("severity");
        }
        rule = without_empty(std::move(rule));
    }
    return out;
}

/// A rule without a title is given one from its item and kind.
void settle(const Json& wanted, Json& present) {
    const Json& rules = wanted.at("rules");
    Json& there = present.at("rules");
    for (std::size_t i = 0; i < std::min(rules.size(), there.size()); ++i) {
        if (!rules[i].contains("title")) {
            there[i].erase("title");
        }
    }
}

asio::awaitable<std::optional<std::string>> find_ref(db::Transaction& tx, std::string key) {
    const std::size_t slash = key.find('/');
    co_return co_await catalogue::find_ref(tx, key.substr(0, slash), key.substr(slash + 1));
}

Json pack_form(const std::string& organization, const std::string& name, Json rules) {
    return canonical({{"organization", organization}, {"resource", name}, {"rules", std::move(rules)}});
}

asio::awaitable<Contents> read(db::Transaction& tx, const std::set<std::string>* keys) {
    Contents contents;
    if (keys != nullptr) {
        for (const std::string& key : *keys) {
            auto ref = co_await find_ref(tx, key);
            auto rules = ref ? co_await quality::pack_rules(tx, *ref) : Json::array();
            if (!rules.empty()) {
                const std::size_t slash = key.find('/');
                contents[key] = pack_form(key.substr(0, slash), key.substr(slash + 1), std::move(rules));
            }
        }
        co_return contents;
    }
    for (auto& ref : co_await quality::refs_with_pack_rules(tx)) {
        auto entry = co_await catalogue::find(tx, ref);
        if (entry) {
            auto rules = co_await quality::pack_rules(tx, ref);
            contents[entry->organization + "/" + entry->name] =
                pack_form(entry->organization, entry->name, std::move(rules));
        }
    }
    co_return contents;
}

asio::awaitable<Result<void>> put(db::Transaction& tx, Principal who, Json content) {
    auto ref = co_await find_ref(tx, key_of(content));
    if (!ref) {
        const auto organization = content.at("organization").get<std::string>();
        const auto name = content.at("resource").get<std::string>();
        co_return problem::no_resource.because("部门 " + organization + " 没有名为“" + name + "”的目录",
                                               organization + " has no entry called " + name);
    }
    Json rules = content.at("rules");
    co_return co_await quality::put_pack_rules(tx, who, *ref, std::move(rules));
}

asio::awaitable<Result<void>> remove(db::Transaction& tx, Principal who, std::string key) {
    if (auto ref = co_await find_ref(tx, std::move(key))) {
        co_await quality::remove_pack_rules(tx, who, *ref);
    }
    co_return Result<void>();
}

}  // namespace

const Kind rules_kind{.name = "rules",
                      .file = "rules.yaml",
                      .key = key_of,
                      .canonical = canonical,
                      .settle = settle,
                      .read = read,
                      .put = put,
                      .remove = remove,
                      .breaks = nothing_breaks};

}  // namespace pengcheng::packs
