#include "packs/kinds.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/declared.hpp>
#include <pengcheng/store/value_use.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::packs {

namespace {

constexpr std::size_t named_max = 8;

std::string code_of(const Json& content) {
    return content.at("code").get<std::string>();
}

Json canonical(const Json& content) {
    Json out = content;
    for (Json& value : out.at("values")) {
        value = without_empty(value);
    }
    return out;
}

asio::awaitable<Contents> read(db::Transaction& tx, const std::set<std::string>* keys) {
    Contents contents;
    for (const auto& code : co_await catalogue::code_list_codes(tx)) {
        if (keys != nullptr && !keys->contains(code)) {
            continue;
        }
        const auto list = co_await catalogue::code_list(tx, code);
        Json values = Json::array();
        for (const auto& value : list->ordered) {
            Json one = {{"value", value.value}, {"label", value.label}, {"parent", value.parent}};
            values.push_back(without_empty(std::move(one)));
        }
        contents[code] = {{"code", code}, {"name", list->name}, {"values", std::move(values)}};
    }
    co_return contents;
}

asio::awaitable<Result<void>> put(db::Transaction& tx, Principal who, Json content) {
    catalogue::CodeList list{.code = content.at("code"), .name = content.at("name")};
    for (const auto& value : content.at("values")) {
        catalogue::CodeList::Value one{
            .value = value.at("value"), .label = value.at("label"), .parent = value.value("parent", "")};
        list.values[one.value] = one.label;
        list.ordered.push_back(std::move(one));
    }
    co_await catalogue::put_code_list(tx, who, std::move(list));
    co_return Result<void>();
}

asio::awaitable<Result<void>> remove(db::Transaction& tx, Principal who, std::string key) {
    co_await catalogue::remove_code_list(tx, who, std::move(key));
    co_return Result<void>();
}

std::vector<std::string> values_gone(const Json& from, const Json& to) {
    std::set<std::string> kept;
    for (const auto& value : to.is_null() ? Json::array() : to.at("values")) {
        kept.insert(value.at("value").get<std::string>());
    }
    std::vector<std::string> gone;
    for (const auto& value : from.at("values")) {
        if (const auto text = value.at("value").get<std::string>(); !kept.contains(text)) {
            gone.push_back(text);
        }
    }
    return gone;
}

/// Values that rows hold would lose their labels and fail their checks.
asio::awaitable<std::vector<Break>> breaks(db::Transaction& tx, std::string key, Json from, Json to) {
    std::vector<Break> breaks;
    const auto gone = values_gone(from, to);
    if (gone.empty()) {
        co_return breaks;
    }
    for (const auto& use : co_await catalogue::code_list_uses(tx, key)) {
        if (to.is_null()) {
            breaks.push_back({.zh = "“" + use.name + "”的 " + use.column + " 使用该代码表",
                              .en = use.name + " uses it for " + use.column});
        }
        auto used = co_await store::values_in_use(tx, use.ref, use.column, gone);
        if (used.empty()) {
            continue;
        }
        const auto count = std::to_string(used.size());
        used.resize(std::min(used.size(), named_max));
        const std::string shown = join(used, ", ");
        breaks.push_back(
            {.zh = "“" + use.name + "”的 " + use.column + " 列中仍有 " + count + " 个要删除的取值：" + shown,
             .en = use.name + " holds " + count + " of the removed values in " + use.column + ": " + shown});
    }
    co_return breaks;
}

}  // namespace

const Kind code_lists_kind{.name = "code_lists",
                           .file = "code-lists.yaml",
                           .key = code_of,
                           .canonical = canonical,
                           .settle = leave_as_is,
                           .read = read,
                           .put = put,
                           .remove = remove,
                           .breaks = breaks};

}  // namespace pengcheng::packs
