#pragma once

#include <string>
#include <vector>

namespace pengcheng::db {

struct Migration {
    int number;
    std::string name;  ///< "0001_identity_tables"
    std::string sql;
};

/// The migrations built into this binary, in order.
const std::vector<Migration>& migrations();

struct MigrationState {
    int current = 0;
    std::vector<std::string> applied;  ///< by this call
};

/// Brings the database up to this binary under an advisory lock; forward only. Blocking: start-up and CLI.
/// Throws ProblemError when an applied migration's SHA-256 differs or the schema is newer than the binary.
MigrationState migrate(const std::string& url);
/// Names not applied yet; empty when the database is up to date. Throws like migrate().
std::vector<std::string> pending_migrations(const std::string& url);

/// Blocking one-off statement for start-up, doctor and tests; first cell as text. Throws db::Error.
std::string query_text(const std::string& url, const std::string& sql);

}  // namespace pengcheng::db
