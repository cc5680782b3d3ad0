#include "packs/kinds.hpp"

#include <pengcheng/catalogue/declared.hpp>
#include <pengcheng/identity/declared.hpp>
#include <pengcheng/services/declared.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

namespace {

std::string code_of(const Json& content) {
    return content.at("code").get<std::string>();
}

Json canonical(const Json& content) {
    return without_empty(content);
}

template <class List>
Contents by_code(const List& list, const std::set<std::string>* keys) {
    Contents contents;
    for (const auto& one : list) {
        if (keys == nullptr || keys->contains(one.code)) {
            contents.emplace(one.code, without_empty(identity::to_json(one)));
        }
    }
    return contents;
}

asio::awaitable<Contents> read_organizations(db::Transaction& tx, const std::set<std::string>* keys) {
    auto list = co_await identity::organizations(tx);
    co_return by_code(list, keys);
}

asio::awaitable<Contents> read_regions(db::Transaction& tx, const std::set<std::string>* keys) {
    auto list = co_await identity::regions(tx);
    co_return by_code(list, keys);
}

asio::awaitable<Result<void>> put_organization(db::Transaction& tx, Principal who, Json content) {
    identity::Organization organization{.code = content.at("code"),
                                        .name = content.at("name"),
                                        .short_name = content.at("short_name"),
                                        .kind = content.at("kind"),
                                        .region = content.at("region"),
                                        .parent = content.value("parent", ""),
                                        .status = content.value("status", ""),
                                        .note = content.value("note", "")};
    co_await identity::add_organization(tx, who, std::move(organization));
    co_return Result<void>();
}

asio::awaitable<Result<void>> put_region(db::Transaction& tx, Principal who, Json content) {
    identity::Region region{.code = content.at("code"),
                            .name = content.at("name"),
                            .parent = content.value("parent", ""),
                            .level = content.at("level")};
    co_await identity::add_region(tx, who, std::move(region));
    co_return Result<void>();
}

asio::awaitable<Result<void>> remove_organization(db::Transaction& tx, Principal who, std::string key) {
    co_await identity::remove_organization(tx, who, std::move(key));
    co_return Result<void>();
}

asio::awaitable<Result<void>> remove_region(db::Transaction& tx, Principal who, std::string key) {
    co_await identity::remove_region(tx, who, std::move(key));
    co_return Result<void>();
}

/// One line a kind of use; only what is there.
void add_uses(std::vector<Break>& breaks,
              std::initializer_list<std::tuple<long, std::string_view, std::string_view>> counts) {
    for (const auto& [count, zh, en] : counts) {
        if (count > 0) {
            breaks.push_back({.zh = "还有 " + std::to_string(count) + std::string(zh),
                              .en = std::to_string(count) + std::string(en),
                              .hard = true});
        }
    }
}

asio::awaitable<std::vector<Break>> organization_breaks(db::Transaction& tx, std::string key, Json, Json to) {
    std::vector<Break> breaks;
    if (!to.is_null()) {
        co_return breaks;
    }
    const auto uses = co_await identity::organization_uses(tx, key);
    const long entries = co_await catalogue::entry_count(tx, key);
    const long items = co_await services::item_count(tx, key);
    add_uses(breaks, {{uses.accounts, " 个账号属于该部门", " accounts belong to it"},
                      {uses.clients, " 个系统属于该部门", " systems belong to it"},
                      {uses.organizations, " 个下级部门", " organizations stand below it"},
                      {entries, " 个数据资源由该部门提供", " entries are provided by it"},
                      {items, " 个事项由该部门实施", " service items are its"}});
    co_return breaks;
}

asio::awaitable<std::vector<Break>> region_breaks(db::Transaction& tx, std::string key, Json, Json to) {
    std::vector<Break> breaks;
    if (!to.is_null()) {
        co_return breaks;
    }
    const auto uses = co_await identity::region_uses(tx, key);
    add_uses(breaks, {{uses.regions, " 个下级区划", " regions lie in it"},
                      {uses.organizations, " 个部门在该区划", " organizations lie in it"}});
    co_return breaks;
}

}  // namespace

const Kind organizations_kind{.name = "organizations",
                              .file = "organizations.yaml",
                              .key = code_of,
                              .canonical = canonical,
                              .settle = leave_as_is,
                              .read = read_organizations,
                              .put = put_organization,
                              .remove = remove_organization,
                              .breaks = organization_breaks};

const Kind regions_kind{.name = "regions",
                        .file = "regions.yaml",
                        .key = code_of,
                        .canonical = canonical,
                        .settle = leave_as_is,
                        .read = read_regions,
                        .put = put_region,
                        .remove = remove_region,
                        .breaks = region_breaks};

}  // namespace pengcheng::packs
