#pragma once

#include "ingest/batch.hpp"
#include "ingest/row_feed.hpp"

#include <pengcheng/http/route.hpp>

#include <string>
#include <vector>

namespace pengcheng::ingest {

/// Keeps faults of a batch's rows.
asio::awaitable<void> add_rejects(db::Transaction& tx, std::string batch, std::vector<Reject> rejects);
asio::awaitable<void> clear_rejects(db::Transaction& tx, std::string batch);

/// One page after `after_id`: {items: [{line, column, code, reason, raw}], next_cursor?}.
asio::awaitable<Json> list_rejects(db::Pool& db, std::string batch, std::int64_t after_id, int limit,
                                   bool chinese);

/// The rejected lines in the file's own format and encoding, the reasons in a last column.
asio::awaitable<http::Reply> reject_file(http::Call call, Batch batch);

}  // namespace pengcheng::ingest
