#pragma once

#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/formats/table_reader.hpp>
#include <pengcheng/rules/check.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pengcheng::ingest {

/// Which cell of a row belongs to which item.
struct Mapping {
    std::vector<std::size_t> cell_of_item;
    bool mended = false;  ///< the file has a reason column: it is a reject file come back
};
/// Columns by the item's name or column identifier. Refuses missing, unknown and doubled ones, all at once.
Result<Mapping> map_columns(const std::vector<std::string>& header,
                            const std::vector<catalogue::Item>& items);

/// One fault of one row.
struct Reject {
    std::int64_t line = 0;
    std::string column;  ///< name of the item, or empty
    std::string code;
    std::string reason, reason_en;
    std::string raw;  ///< the row as CSV, cut at some KiB
};

/// Items as the rules want them, and the rules that a stored row must pass.
std::vector<rules::Item> rule_items(const std::vector<catalogue::Item>& items);

/// A file as binary COPY (every item, then _line, _id), a slice at a time, header and trailer included. CPU
/// work: run it on a worker. Nothing is allocated for a sound row.
/// Thread: one at a time.
class RowFeed {
public:
    struct Slice {
        std::string copy;
        std::vector<Reject> rejects;
        std::int64_t rows_read = 0, rows_taken = 0, bytes_read = 0;  ///< of the file so far
        bool end = false;
    };
    /// Throws ProblemError where the file cannot be read or its columns are not the items'.
    RowFeed(const std::filesystem::path& path, formats::ReadOptions options,
            std::vector<catalogue::Item> items, std::shared_ptr<const rules::CompiledRules> checks);

    /// Fills the emptied slice with some 256 KiB of rows.
    void fill(Slice& slice);

    [[nodiscard]] const formats::TableReader& table() const { return *table_; }
    [[nodiscard]] std::int64_t rows_read() const { return rows_read_; }
    [[nodiscard]] std::int64_t rows_taken() const { return rows_taken_; }
    [[nodiscard]] std::int64_t rows_rejected() const { return rows_read_ - rows_taken_; }

private:
    void take_row(std::int64_t line, Slice& slice, const rules::FailureSink& sink);
    bool normalise(std::size_t item);
    void reject(std::int64_t line, std::string column, std::string_view code, std::string_view zh,
                std::string_view en, Slice& slice);
    bool append_row(std::int64_t line, Slice& slice);
    bool fits_table(std::int64_t line, Slice& slice);

    std::unique_ptr<formats::TableReader> table_;
    std::vector<catalogue::Item> items_;
    std::shared_ptr<const rules::CompiledRules> checks_;
    Mapping mapping_;
    std::vector<char> letters_;     ///< type of each item
    std::vector<std::size_t> key_;  ///< items of the key, where it may be too long for an index
    std::vector<std::string_view> cells_;
    std::vector<std::string> texts_;  ///< by item, where the stored form is not the source's
    std::vector<rules::Cell> row_;
    bool begun_ = false;
    std::int64_t rows_read_ = 0;
    std::int64_t rows_taken_ = 0;
};

/// A row as one CSV line for people, cut where it is long.
std::string raw_text(std::span<const std::string_view> cells);

}  // namespace pengcheng::ingest
