#pragma once

#include <pengcheng/packs/packs.hpp>

#include <map>
#include <set>

/// The kinds of thing that packs describe. Each knows how to read what the database has, in the form that
/// packs write, how to put and remove one, and what that would break.
namespace pengcheng::packs {

using Contents = std::map<std::string, Json>;  ///< by key

struct Kind {
    std::string_view name;
    std::string_view file;  ///< where an export puts what no file of the pack holds yet

    std::string (*key)(const Json& content);
    /// One form for what means the same: defaults left out, order settled.
    Json (*canonical)(const Json& content);
    /// Takes out of the database's content what the system fills in where the pack says nothing.
    void (*settle)(const Json& wanted, Json& present);

    /// What the database has, canonical: those of `keys`, or all.
    asio::awaitable<Contents> (*read)(db::Transaction& tx, const std::set<std::string>* keys);
    asio::awaitable<Result<void>> (*put)(db::Transaction& tx, Principal who, Json content);
    asio::awaitable<Result<void>> (*remove)(db::Transaction& tx, Principal who, std::string key);
    /// What a change would break; `to` is null for a removal.
    asio::awaitable<std::vector<Break>> (*breaks)(db::Transaction& tx, std::string key, Json from, Json to);
};

/// In the order they are applied: what others name comes first. Removals go the other way.
const std::vector<Kind>& kinds();
const Kind* find_kind(std::string_view name);

extern const Kind organizations_kind, regions_kind, calendar_kind, code_lists_kind, resources_kind,
    rules_kind, service_items_kind;

/// `content` without members that are null, "" or empty lists and objects.
Json without_empty(Json content);

void leave_as_is(const Json& wanted, Json& present);
asio::awaitable<std::vector<Break>> nothing_breaks(db::Transaction& tx, std::string key, Json from, Json to);

}  // namespace pengcheng::packs
