#pragma once

#include <pengcheng/base/problem.hpp>

#include <string_view>

namespace pengcheng::rows {

/// Whether PostgreSQL reads `text` as `pg_type`; refused here so that the reason is clear and no statement
/// fails.
Result<void> check_value(std::string_view column, std::string_view pg_type, std::string_view text);

inline bool is_number_type(std::string_view pg_type) {
    return pg_type == "bigint" || pg_type == "integer" || pg_type == "numeric" ||
           pg_type == "double precision" || pg_type == "real";
}
inline bool is_time_type(std::string_view pg_type) {
    return pg_type == "timestamptz" || pg_type == "timestamp";
}

}  // namespace pengcheng::rows
