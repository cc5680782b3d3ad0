#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pengcheng::db {

/// Settings of a libpq address (either form) as the environment variables that libpq's own programs read, so
/// that a password shows in no command line. Throws db::Error for an address that libpq cannot read.
std::vector<std::pair<std::string, std::string>> connection_environment(const std::string& url);

/// The address for sessions that pg_stat_activity shows under this name.
std::string with_session_name(const std::string& url, const std::string& name);

/// Where a password stands in an address: the whole of it, or nothing. Text that libpq cannot read has none.
std::string password_of(std::string_view url);

/// The address as it may be shown: its password as ***.
std::string without_password(std::string_view url);

}  // namespace pengcheng::db
