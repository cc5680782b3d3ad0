#pragma once

#include <pengcheng/quality/quality.hpp>

#include <optional>

/// What declarative packs need beside putting: reading their rules back, and taking them away.
namespace pengcheng::quality {

/// The rules that packs gave a resource, as packs write them (kind, item, params, severity, title); an empty
/// array where they gave none.
asio::awaitable<Json> pack_rules(db::Transaction& tx, std::string ref);
/// refs of resources that packs gave rules, in order.
asio::awaitable<std::vector<std::string>> refs_with_pack_rules(db::Transaction& tx);
/// Takes them away; rules that people added stay.
asio::awaitable<void> remove_pack_rules(db::Transaction& tx, const Principal& who, std::string ref);

}  // namespace pengcheng::quality
