#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/store/table.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// How rows get into a resource's table: staging, then one switch or merge in the caller's transaction.
namespace pengcheng::store {

/// Columns and key as the catalogue says now.
struct Shape {
    std::vector<Column> columns;
    std::vector<std::string> key;
};

/// A table that no reader sees. `copy_sql` takes text rows: every column in order, then _line, _id.
struct Staging {
    std::string ref;
    std::string table;  ///< bare name in schema store
    std::string name;   ///< quoted, schema-qualified
    std::string copy_sql;
    std::string batch;
    Shape shape;
};

/// Makes the empty staging table of `batch`, dropping what an earlier attempt left. `keep` makes it fit to
/// become the resource's table (logged); otherwise it is unlogged.
asio::awaitable<Staging> open_staging(db::Transaction& tx, std::string ref, std::string batch, Shape shape,
                                      bool keep);

/// A row whose key an earlier line of the same file has; it was taken out of the staging table.
struct Duplicate {
    std::int64_t line = 0;
    std::int64_t first_line = 0;
    std::string key;  ///< key values for people: "320302001, 2024"
};
/// Takes out later rows of a repeated key (a key with a NULL repeats none). Read the stream to its end with
/// next_duplicates before the next statement, then call close_staging.
asio::awaitable<db::RowStream> take_duplicates(db::Transaction& tx, const Staging& staging);
std::vector<Duplicate> duplicates(const db::Rows& rows);
/// Numbers the rows anew where `renumber`, indexes and analyses them.
asio::awaitable<void> close_staging(db::Transaction& tx, const Staging& staging, bool renumber);

/// What a load would do or did to the rows that readers see.
struct Changes {
    std::int64_t added = 0, changed = 0, removed = 0, unchanged = 0;
    std::int64_t rows = 0;  ///< afterwards
    std::int64_t load = 0;
};

/// Makes a staging table (made with `keep`) the resource's table. Runs in the caller's last transaction.
asio::awaitable<Changes> swap_in(db::Transaction& tx, const Staging& staging);
/// Merges staging rows into the current table by key: differing rows are updated, missing ones added. A
/// shape without key appends all. Refuses when the current table has other columns (store.shape-changed).
/// Drops the staging table.
asio::awaitable<Result<Changes>> merge_in(db::Transaction& tx, const Staging& staging);

/// What swap_in (replaces) or merge_in would do, with at most `samples_max` rows each:
/// {added:[{..}], changed:[{key, before, after}], removed:[{..}]}.
struct Comparison {
    Changes changes;
    Json samples;
};
asio::awaitable<Result<Comparison>> compare(db::Transaction& tx, const Staging& staging, bool replaces,
                                            int samples_max);
asio::awaitable<void> drop_staging(db::Transaction& tx, std::string batch);

/// Drops tables of `ref` beyond the current one and the `keep` before it. A table that a reader holds for
/// longer than the lock time-out is left for the next call.
asio::awaitable<int> drop_old(db::Pool& db, std::string ref, int keep);

}  // namespace pengcheng::store
