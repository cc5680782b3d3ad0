#pragma once

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/json.hpp>
#include <pengcheng/db/pool.hpp>

namespace pengcheng::services {

/// 谁用了我的数据: the evidence that names this account, with names in place of codes, newest first;
/// `next_cursor` where there is more.
boost::asio::awaitable<Json> accesses_json(db::Pool& db, audit::AccessFilter filter);

}  // namespace pengcheng::services
