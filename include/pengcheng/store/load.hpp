#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/store/table.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// How rows get into a resource's table: a staging table, then one switch or merge, all in the caller's one
/// transaction, so that an attempt cut short leaves nothing.
namespace pengcheng::store {

/// Bytes of a key, or of a value that is indexed alone: PostgreSQL's B-tree takes 2,704 with what it adds.
constexpr std::size_t index_bytes_max = 2600;

/// Columns and key as the catalogue says now.
struct Shape {
    std::vector<Column> columns;
    std::vector<std::string> key;
    std::vector<std::string> indexed;  ///< further columns that people look up by
};

/// A table that no reader sees. `copy_sql` takes binary rows: every column in order, then _line, _id. They
/// are frozen as they come, which only a table made in the same transaction allows: no later scan writes it
/// again.
struct Staging {
    std::string ref;
    std::string batch;
    std::string table;  ///< bare name in schema store
    std::string name;   ///< quoted, schema-qualified
    std::string copy_sql;
    Shape shape;
    bool logged = false;    ///< fit to become the resource's table
    std::int64_t rows = 0;  ///< in it; said by who copied them
};

/// Makes the empty staging table of `batch` (a UUID), dropping what an earlier attempt left.
/// `logged`: fit to become the resource's table.
asio::awaitable<Staging> open_staging(db::Transaction& tx, std::string ref, std::string batch, Shape shape,
                                      bool logged);

/// False when the file repeats a key: then take_duplicates. A logged table gets the key's unique index.
asio::awaitable<bool> check_key(db::Transaction& tx, const Staging& staging);

/// A row whose key an earlier line of the same file has, or a stored row.
struct Duplicate {
    std::int64_t line = 0;
    std::int64_t first_line = 0;  ///< 0: it is stored already
    std::string key;              ///< values for people: "320302001, 2024"
};
/// Takes later rows of a repeated key out of the staging table; read the stream to its end with
/// duplicates(), then close_duplicates.
asio::awaitable<db::RowStream> take_duplicates(db::Transaction& tx, const Staging& staging);
std::vector<Duplicate> duplicates(const db::Rows& rows);
/// Closes the gaps in _id of a logged table and makes its key's index.
asio::awaitable<void> close_duplicates(db::Transaction& tx, const Staging& staging);

/// For a load that only adds: takes rows whose key is stored already out of the staging table, and lets no
/// other load of the resource pass until the transaction ends. Read the stream to its end with duplicates();
/// nothing where no key can be compared.
asio::awaitable<std::optional<db::RowStream>> take_stored(db::Transaction& tx, const Staging& staging);

/// What a load would do or did to the rows that readers see.
struct Changes {
    std::int64_t added = 0, changed = 0, removed = 0, unchanged = 0;
    std::int64_t rows = 0;  ///< afterwards
    std::int64_t load = 0;
};

/// Makes a logged staging table the resource's table.
asio::awaitable<Changes> swap_in(db::Transaction& tx, const Staging& staging);
/// Merges the staging rows into the current table by key: differing rows are updated, missing ones added;
/// without a key all are added. Drops the staging table. Refuses (store.shape-changed) when the current
/// table has other columns or another key. Nothing loaded yet: as swap_in.
asio::awaitable<Result<Changes>> merge_in(db::Transaction& tx, const Staging& staging);

/// What swap_in (`replaces`) or merge_in would do, with at most `samples_max` rows each:
/// {added:[{..}], changed:[{key, before, after}], removed:[{..}]}, every cell text or null.
struct Comparison {
    Changes changes;
    Json samples;
};
asio::awaitable<Result<Comparison>> compare(db::Transaction& tx, const Staging& staging, bool replaces,
                                            int samples_max);
asio::awaitable<void> drop_staging(db::Transaction& tx, const Staging& staging);

/// The planner's statistics in full, once readers have the rows.
asio::awaitable<void> refresh_statistics(db::Pool& db, std::string ref);

/// Drops tables of `ref` beyond the current one and the `keep` before it -> how many. A table that a reader
/// holds for longer than the lock time-out is left for the next call.
asio::awaitable<int> drop_old(db::Pool& db, std::string ref, int keep);

}  // namespace pengcheng::store
