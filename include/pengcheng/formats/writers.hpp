#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Rows out of the server. Pure byte makers: they append to the caller's buffer, which the caller sends
/// and clears, so memory stays bounded.
namespace pengcheng::formats {

/// How a cell's text (PostgreSQL's text form) is written where the format has types.
enum class CellKind {
    text,
    number,   ///< JSON number, spreadsheet number
    boolean,  ///< "t"/"true" or "f"/"false"
    json,     ///< already JSON
};

struct OutColumn {
    std::string name;   ///< JSON member, CSV header
    std::string label;  ///< spreadsheet header; empty: name
    CellKind kind = CellKind::text;
};

/// The kind of a guide letter (C N Y D T L M G B I F).
CellKind kind_of_type(std::string_view letter);

using OutCell = std::optional<std::string_view>;  ///< nothing: NULL

/// begin(), row() any number of times, end(); each appends whole pieces to `out`.
class RowWriter {
public:
    virtual ~RowWriter() = default;
    virtual void begin(std::string& out) = 0;
    virtual void row(std::span<const OutCell> cells, std::string& out) = 0;
    virtual void end(std::string& out) = 0;
    [[nodiscard]] virtual std::string_view content_type() const = 0;
};

struct CsvOptions {
    bool header = true;
    bool labels = false;           ///< header of labels instead of names
    bool byte_order_mark = false;  ///< UTF-8 only: Excel needs it to see UTF-8
    std::string encoding = "UTF-8";
    char delimiter = ',';
    std::string line_end = "\r\n";
    /// A text cell that starts with = + - @ (full-width ones too), tab, CR or LF gets a leading apostrophe
    /// (CWE-1236). Numbers stay.
    bool neutralise = true;
};

std::unique_ptr<RowWriter> csv_writer(std::vector<OutColumn> columns, CsvOptions options = {});
/// What the JSON forms know of their columns. Cheap to copy, safe to share between threads.
class ObjectShape {
public:
    ObjectShape(std::vector<OutColumn> columns);
    /// `{"name":value,...}`; `left_out` drops columns.
    void append(std::span<const OutCell> cells, std::string& out,
                const std::vector<bool>* left_out = nullptr) const;
    [[nodiscard]] const std::vector<OutColumn>& columns() const;

private:
    struct Parts;
    std::shared_ptr<const Parts> parts_;
};

std::unique_ptr<RowWriter> json_writer(ObjectShape shape);    ///< one array of objects
std::unique_ptr<RowWriter> ndjson_writer(ObjectShape shape);  ///< one object a line
/// FeatureCollection; `longitude` and `latitude` are names of number columns (WGS 84), or `geometry` names a
/// column of GeoJSON geometries.
struct GeoColumns {
    std::string longitude, latitude, geometry;
};
std::unique_ptr<RowWriter> geojson_writer(std::vector<OutColumn> columns, GeoColumns geo);

/// A workbook of one sheet, written to a temporary file in constant memory. Excel's bounds: 1,048,575 rows,
/// 32,767 characters a cell (longer text is cut). The file is removed with the object.
/// Thread: as TableReader. Throws std::runtime_error when the disk is full.
class XlsxFile {
public:
    XlsxFile(const std::filesystem::path& folder, std::vector<OutColumn> columns, std::string sheet = "数据");
    ~XlsxFile();
    XlsxFile(const XlsxFile&) = delete;
    XlsxFile& operator=(const XlsxFile&) = delete;

    /// False when the sheet is full: the row was not taken.
    bool row(std::span<const OutCell> cells);
    /// Closes the workbook; the path is valid while this lives.
    const std::filesystem::path& finish();

    static constexpr std::string_view content_type =
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    static constexpr std::int64_t rows_max = 1048575;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Whether a spreadsheet would run this text as a formula.
bool is_formula_like(std::string_view text);
/// Appends one CSV cell, quoted where needed.
void append_csv_cell(std::string& out, std::string_view text, char delimiter = ',');
/// UTF-8 -> the named encoding; characters it has not become '?'.
std::string encode_text(std::string_view utf8, const std::string& encoding);

}  // namespace pengcheng::formats
