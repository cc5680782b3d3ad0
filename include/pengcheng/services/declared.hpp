#pragma once

#include <pengcheng/services/services.hpp>

/// What declarative packs need beside publishing: reading everything in their transaction, and what is in
/// use.
namespace pengcheng::services {

/// Definitions of every item as published last, retired ones too, by code.
asio::awaitable<std::vector<Json>> definitions(db::Transaction& tx);
/// Cases of an item that have not come to their end.
asio::awaitable<long> live_cases(db::Transaction& tx, std::string code);
/// Items that an organization answers for.
asio::awaitable<long> item_count(db::Transaction& tx, std::string organization);

}  // namespace pengcheng::services
