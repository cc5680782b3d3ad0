#pragma once

#include <pengcheng/audit/audit.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pengcheng::audit {

/// One row of audit.record: an event, or an access of before evidence had chains of its own.
struct Record {
    std::string id;
    std::int64_t at_us = 0;  ///< since the epoch
    std::string kind;
    std::string principal_kind, principal_id, principal, organization, address, request_id;
    std::string action, object;
    std::optional<std::string> detail;  ///< JSON text
    std::optional<std::string> opened;
    std::string owner, grant_id, channel, purpose, filter, subject, case_no, outcome;
    std::vector<std::string> fields;
    std::optional<std::int64_t> row_count, byte_count;
    std::string digest;  ///< hexadecimal, as stored
};

/// The bytes that a record's digest covers: every field with its length before it, so that no two records
/// share them.
std::string canonical(const Record& record);
/// Hexadecimal SHA-256 of canonical().
std::string digest_of(const Record& record);

/// A new event by `who`, with id, time and no digest yet.
Record make_event(const Principal& who, std::string_view action, std::string_view object);

/// Brings every text to what PostgreSQL stores unchanged (valid UTF-8 without NUL, bounded), then sets the
/// digest.
void settle(Record& record);

/// Adds settled records in one statement, and queues them for sealing.
asio::awaitable<void> insert(db::Transaction& tx, const std::vector<Record>& records);
asio::awaitable<void> insert(db::Pool& db, const std::vector<Record>& records);

/// Columns of `alias` in the order that record_at() reads, beginning at `first_column`.
std::string record_columns(std::string_view alias);
Record record_at(const db::Rows& rows, int row, int first_column);

}  // namespace pengcheng::audit
