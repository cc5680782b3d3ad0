#pragma once

#include <pengcheng/base/problem.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Files of outside origin as tables of text, in bounded memory.
namespace pengcheng::formats {

enum class Format { csv, xlsx, json };
std::string_view name_of(Format format);  ///< csv, xlsx, json

struct ReadLimits {
    std::size_t cell_bytes_max = 1 << 20;
    std::size_t columns_max = 2000;
    std::int64_t unpacked_bytes_max = 8LL << 30;    ///< of a compressed file or one part of a workbook
    std::int64_t unpack_ratio_max = 400;            ///< beyond the first 64 MiB
    std::size_t shared_text_bytes_max = 128 << 20;  ///< text of a workbook kept in memory
};

struct ReadOptions {
    std::string file_name;          ///< as uploaded; a hint beside the content, and what messages call it
    std::string encoding;           ///< empty: detected
    std::string sheet;              ///< empty: first visible
    std::optional<int> header_row;  ///< 1-based line; nothing: found
    ReadLimits limits{};
};

struct Sheet {
    std::string name;
    bool hidden = false;
};

/// Something to tell about a file that could be read nevertheless.
struct Notice {
    std::string code;
    std::string text_zh;
    std::string text_en;
};

/// Why the row that next() just gave cannot be taken as it stands.
struct RowFault {
    std::string_view
        code;  ///< too_few_cells, too_many_cells, unclosed_quote, error_cell, not_object, unknown_member
    int column = -1;  ///< index into header(), where one cell is to blame
    std::string text_zh;
    std::string text_en;
};

/// One table, row by row. Blank rows are left out; a row without fault has as many cells as header().
/// Thread: used by one thread at a time, may move between threads. Blocking file reads.
/// Throws: ProblemError with what is wrong, where (byte, line) and how to mend it.
class TableReader {
public:
    virtual ~TableReader() = default;

    /// The next row and its line in the file (workbook: row number; JSON: record number), rising strictly.
    /// The views hold until the next call. False at the end.
    virtual bool next(std::vector<std::string_view>& cells, std::int64_t& line) = 0;
    /// The same, copied into reused strings.
    bool next(std::vector<std::string>& cells, std::int64_t& line);
    /// Of the row just given; null when it is sound.
    [[nodiscard]] virtual const RowFault* fault() const = 0;

    /// Names as written, blanks around them removed; empty ones named 列N, repeated ones numbered.
    [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
    [[nodiscard]] std::int64_t header_line() const { return header_line_; }
    [[nodiscard]] Format format() const { return format_; }
    [[nodiscard]] const std::string& encoding() const { return encoding_; }    ///< "UTF-8", "GB18030", ...
    [[nodiscard]] const std::string& delimiter() const { return delimiter_; }  ///< CSV only
    [[nodiscard]] const std::vector<Sheet>& sheets() const { return sheets_; }
    [[nodiscard]] const std::string& sheet() const { return sheet_; }
    [[nodiscard]] bool byte_order_mark() const { return byte_order_mark_; }
    [[nodiscard]] const std::vector<Notice>& notices() const { return notices_; }
    /// Progress through the file as it lies on disk.
    [[nodiscard]] virtual std::int64_t bytes_read() const = 0;
    [[nodiscard]] std::int64_t bytes_total() const { return bytes_total_; }

protected:
    Format format_ = Format::csv;
    std::vector<std::string> header_;
    std::int64_t header_line_ = 1;
    std::string encoding_ = "UTF-8";
    std::string delimiter_;
    bool byte_order_mark_ = false;
    std::vector<Sheet> sheets_;
    std::string sheet_;
    std::vector<Notice> notices_;
    std::int64_t bytes_total_ = 0;

private:
    std::vector<std::string_view> views_;
};

/// Opens a CSV (also gzip or zstd), XLSX or JSON (array of flat objects, NDJSON) file by its content.
std::unique_ptr<TableReader> open_table(const std::filesystem::path& path, ReadOptions options = {});

}  // namespace pengcheng::formats
