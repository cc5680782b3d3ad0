#include "packs/kinds.hpp"

#include "packs/problems.hpp"

#include <pengcheng/identity/identity.hpp>
#include <pengcheng/services/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

namespace {

std::string code_of(const Json& content) {
    return content.at("code").get<std::string>();
}

Json canonical(const Json& content) {
    Json out = content;
    if (out.value("state", Json()) == "active") {
        out.erase("state");
    }
    return out;
}

asio::awaitable<Contents> read(db::Transaction& tx, const std::set<std::string>* keys) {
    Contents contents;
    for (const Json& definition : co_await services::definitions(tx)) {
        const auto code = code_of(definition);
        // A retired item is known only to the pack that still says so.
        const bool wanted =
            keys == nullptr ? definition.value("state", Json()) != "retired" : keys->contains(code);
        if (wanted) {
            contents.emplace(code, canonical(definition));
        }
    }
    co_return contents;
}

asio::awaitable<Result<void>> put(db::Transaction& tx, Principal who, Json content) {
    const auto code = content.at("organization").get<std::string>();
    auto organization = co_await identity::organization(tx, code);
    if (!organization) {
        co_return problem::no_organization.because("没有编号为 " + code + " 的部门",
                                                   "There is no organization " + code);
    }
    co_await services::put_item(tx, who, std::move(content));
    co_return Result<void>();
}

/// Running cases keep the version they began with, so an item is retired, never deleted.
asio::awaitable<Result<void>> remove(db::Transaction& tx, Principal who, std::string key) {
    const std::set<std::string> one{key};
    auto present = co_await read(tx, &one);
    if (const auto found = present.find(key); found != present.end()) {
        Json content = found->second;
        content["state"] = "retired";
        co_await services::put_item(tx, who, std::move(content));
    }
    co_return Result<void>();
}

asio::awaitable<std::vector<Break>> breaks(db::Transaction& tx, std::string key, Json from, Json to) {
    std::vector<Break> breaks;
    const bool ends = to.is_null() || (to.value("state", "active") != from.value("state", "active"));
    if (!ends) {
        co_return breaks;
    }
    if (const long live = co_await services::live_cases(tx, key); live > 0) {
        const auto count = std::to_string(live);
        breaks.push_back(
            {.zh = "还有 " + count + " 件在办，事项停用后按原版本办完",
             .en = count + " cases are under way; they would go on by the version they began with"});
    }
    co_return breaks;
}

}  // namespace

const Kind service_items_kind{.name = "service_items",
                              .file = "service-items.yaml",
                              .key = code_of,
                              .canonical = canonical,
                              .settle = leave_as_is,
                              .read = read,
                              .put = put,
                              .remove = remove,
                              .breaks = breaks};

}  // namespace pengcheng::packs
