#pragma once

#include <pengcheng/db/value.hpp>

namespace pengcheng::catalogue {

/// Ownership for routes that show rows: $1 = ref -> organization, account (always NULL), and the entry's data
/// grade, which the caller must be allowed to read.
extern const db::Statement resource_rows_owner_sql;

}  // namespace pengcheng::catalogue
