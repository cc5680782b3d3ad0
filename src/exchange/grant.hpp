#pragma once

#include "exchange/request.hpp"

#include <pengcheng/exchange/grant.hpp>

namespace pengcheng::exchange {

Json to_json(const Grant& grant);

asio::awaitable<std::optional<Grant>> find_grant(db::Pool& db, std::string id);

/// Newest first; one more than `limit` where there is more.
asio::awaitable<std::vector<Grant>> grants(db::Pool& db, const Principal& who, BoxInput input);

/// Ends a grant at once, with a reason its holder sees.
asio::awaitable<Result<Grant>> revoke(db::Transaction& tx, const Principal& who, std::string id,
                                      std::string reason);

extern const db::Statement grant_parties_sql;
extern const db::Statement grant_provider_sql;

}  // namespace pengcheng::exchange
