#pragma once

#include "services/items.hpp"

#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>

#include <string>

namespace pengcheng::services {

/// Reads the person's own rows from the registers that the item names, through the grant of the item's
/// department, only where the register's name is the registered name. Evidence: channel prefill, subject
/// the account. -> {"fields": {NAME: {value, source: {resource, title, organization}}}, "missing": [NAME]}.
asio::awaitable<Result<Json>> read_prefill(db::Pool& db, Principal who, Item item, std::string case_no);

/// Leaves a record that `who` agreed to the reading at `given_at` (RFC 3339).
asio::awaitable<void> record_consent(db::Transaction& tx, const Principal& who, const Item& item,
                                     std::string case_no, std::string given_at);

/// A register's value in the shape that the field takes; null when it does not fit.
Json fit_value(const Json& field, const Json& value);

}  // namespace pengcheng::services
