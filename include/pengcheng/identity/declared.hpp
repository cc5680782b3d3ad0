#pragma once

#include <pengcheng/identity/identity.hpp>

/// What declarative packs need beside adding: reading everything in their transaction, and taking away.
namespace pengcheng::identity {

asio::awaitable<std::vector<Organization>> organizations(db::Transaction& tx);
asio::awaitable<std::vector<Region>> regions(db::Transaction& tx);

/// What holds an organization or region in place.
struct Uses {
    long accounts = 0;
    long clients = 0;
    long organizations = 0;  ///< below it, or in the region
    long regions = 0;        ///< below it
};
asio::awaitable<Uses> organization_uses(db::Transaction& tx, std::string code);
asio::awaitable<Uses> region_uses(db::Transaction& tx, std::string code);

/// Takes one away that nothing uses; the database refuses another (db::Error 23503).
asio::awaitable<void> remove_organization(db::Transaction& tx, const Principal& who, std::string code);
asio::awaitable<void> remove_region(db::Transaction& tx, const Principal& who, std::string code);

}  // namespace pengcheng::identity
