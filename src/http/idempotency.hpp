#pragma once

#include "http/request.hpp"

#include <pengcheng/http/route.hpp>

namespace pengcheng::http {

/// Runs `work` at most once for a principal and key: a retry gets the first reply again. A refused or failed
/// request frees the key; one that failed after it had committed, or whose server died then, is answered as
/// done without its reply. `work` commits through the pool it is given. Kept for a day.
asio::awaitable<Reply> with_idempotency_key(db::Pool& db, std::string principal, std::string key,
                                            std::shared_ptr<Request> request,
                                            std::function<asio::awaitable<Reply>(db::Pool&)> work);

}  // namespace pengcheng::http
