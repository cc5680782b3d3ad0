#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::services {

http::Routes item_routes();
http::Routes objection_routes();
http::Routes case_routes();
http::Routes page_routes();

/// Route ownership of a case: $1 = case number -> organization, account.
extern const db::Statement case_owner_sql;

}  // namespace pengcheng::services
