#pragma once

#include "packs/kinds.hpp"

#include <optional>

namespace pengcheng::packs {

/// What packs put last, and whose it is.
struct Applied {
    std::string kind, key, pack, digest;
    std::optional<Json> content;  ///< canonical; nothing for what older programs applied
};
using AppliedByKey = std::map<std::pair<std::string, std::string>, Applied>;

asio::awaitable<AppliedByKey> applied(db::Transaction& tx);

/// A change with what apply needs to make it.
struct Step {
    Change change;
    const Kind* kind = nullptr;
    Json wanted;         ///< canonical; null for a removal
    std::string digest;  ///< of the content as written
    bool keep = false;   ///< the database's content stays, and so does the note of what was applied
    bool noted = false;  ///< packs.applied says all this already
    Json there;          ///< for a removal: what goes, canonical
};

/// How a pack and the database differ. With `extra`, also what only the database has, of kinds that the pack
/// speaks of and that no other pack brought; its put is `added`, seen from the pack.
asio::awaitable<std::vector<Step>> steps(db::Transaction& tx, const Pack& pack, ApplyOptions options);
asio::awaitable<std::vector<Change>> extras(db::Transaction& tx, const Pack& pack);

/// Takes what references stand for out of the fields: they may be secrets.
void mask_references(std::vector<Field>& fields, const Object& object);

}  // namespace pengcheng::packs
