#include "formats/csv_parser.hpp"
#include "formats/problems.hpp"
#include "formats/readers.hpp"
#include "formats/xlsx_book.hpp"

#include <pengcheng/base/text.hpp>

#include <deque>

namespace pengcheng::formats {

namespace {

constexpr std::size_t header_search_rows = 50;
constexpr std::int64_t row_number_max = 1LL << 32;  // Excel stops at 2^20
constexpr std::size_t piece_bytes = 16 << 10;

struct SheetRow {
    std::int64_t line = 0;
    std::vector<std::string> cells;
    int error_column = -1;
};

/// Rows of one worksheet as their XML passes. Merged cells: the value stands in the first cell only.
class SheetEvents : public XmlEvents {
public:
    std::deque<SheetRow> rows;

    SheetEvents(const Workbook& book, ReadLimits limits) : book_(book), limits_(limits) {}

    void start(std::string_view name, const Attributes& attributes) override {
        if (name == "row") {
            std::int64_t number = to_int(attribute(attributes, "r")).value_or(row_.line + 1);
            // A row number that does not rise would make two rows one line.
            row_ = {.line = std::max(std::min(number, row_number_max), row_.line + 1)};
            column_ = -1;
        } else if (name == "c") {
            int column = column_of(attribute(attributes, "r"));
            column_ = column >= 0 ? column : column_ + 1;
            type_ = attribute(attributes, "t");
            style_ = static_cast<std::size_t>(to_int(attribute(attributes, "s")).value_or(0));
            value_.clear();
            in_cell_ = true;
        } else if (name == "rPh") {
            phonetic_ = true;
        }
        taking_ = in_cell_ && !phonetic_ && (name == "v" || (name == "t" && type_ == "inlineStr"));
    }
    void end(std::string_view name) override {
        taking_ = false;
        if (name == "c") {
            in_cell_ = false;
            close_cell();
        } else if (name == "row") {
            if (!is_blank(row_.cells)) {
                rows.push_back(row_);
            }
            row_.cells.clear();
        } else if (name == "rPh") {
            phonetic_ = false;
        }
    }
    void text(std::string_view text) override {
        if (taking_) {
            value_.append(text);
            if (value_.size() > limits_.cell_bytes_max) {
                broken_workbook("第 " + std::to_string(row_.line) + " 行的单元格超过 1 MiB",
                                "a cell of row " + std::to_string(row_.line) + " is over 1 MiB");
            }
        }
    }

private:
    void close_cell() {
        if (value_.empty()) {
            return;
        }
        auto place = static_cast<std::size_t>(column_);
        if (place >= limits_.columns_max) {
            throw ProblemError(problem::too_many_columns.because(
                "第 " + std::to_string(row_.line) + " 行在第 " + std::to_string(place + 1) + " 列还有内容",
                "row " + std::to_string(row_.line) + " has content in column " + std::to_string(place + 1)));
        }
        if (row_.cells.size() <= place) {
            row_.cells.resize(place + 1);
        }
        row_.cells[place] = cell_text();
        if (type_ == "e" && row_.error_column < 0) {
            row_.error_column = column_;
        }
    }
    std::string cell_text() {
        if (type_ == "s") {
            auto index = to_int(value_);
            if (!index || *index < 0 || static_cast<std::size_t>(*index) >= book_.texts.size()) {
                broken_workbook(
                    "第 " + std::to_string(row_.line) + " 行引用了不存在的共享字符串",
                    "row " + std::to_string(row_.line) + " names a shared string that is not there");
            }
            return std::string(book_.texts.at(static_cast<std::size_t>(*index)));
        }
        if (type_ == "b") {
            return value_ == "1" || value_ == "true" ? "TRUE" : "FALSE";
        }
        if (type_ == "str" || type_ == "inlineStr") {
            return unescape_excel(value_);
        }
        if (type_ == "e" || type_ == "d") {
            return value_;
        }
        NumberLook look = style_ < book_.looks.size() ? book_.looks[style_] : NumberLook{};
        return number_text(value_, look, book_.epoch_1904);
    }

    const Workbook& book_;
    ReadLimits limits_;
    SheetRow row_;
    int column_ = -1;
    std::string type_;
    std::size_t style_ = 0;
    std::string value_;
    bool in_cell_ = false;
    bool taking_ = false;
    bool phonetic_ = false;
};

std::size_t filled(const std::vector<std::string>& cells) {
    return static_cast<std::size_t>(
        std::count_if(cells.begin(), cells.end(), [](const std::string& cell) { return !is_blank(cell); }));
}

class XlsxReader final : public TableReader {
public:
    XlsxReader(const std::filesystem::path& path, const ReadOptions& options)
        : book_(open_workbook(path, options.limits)), events_(book_, options.limits) {
        format_ = Format::xlsx;
        encoding_ = "UTF-8";
        for (const auto& entry : book_.sheets) {
            sheets_.push_back(entry.sheet);
        }
        const auto& chosen = choose(options.sheet);
        sheet_ = chosen.sheet.name;
        auto sizes = list_parts(path);
        if (!sizes.contains(chosen.part)) {
            broken_workbook("工作簿缺少工作表“" + sheet_ + "”的部件 " + chosen.part,
                            "the workbook has no part " + chosen.part + " of sheet " + sheet_);
        }
        bytes_total_ = std::max<std::int64_t>(sizes[chosen.part], 0);
        part_ = std::make_unique<Part>(path, chosen.part, options.limits);
        feeder_ = std::make_unique<XmlFeeder>(events_, chosen.part);
        find_header(options.header_row);
    }

    bool next(std::vector<std::string_view>& cells, std::int64_t& line) override {
        faulty_ = false;
        if (!pull(row_)) {
            return false;
        }
        line = row_.line;
        cells.assign(row_.cells.begin(), row_.cells.end());
        cells.erase(cells.begin(),
                    cells.begin() + static_cast<std::ptrdiff_t>(std::min(offset_, cells.size())));
        while (cells.size() > header_.size() && is_blank(cells.back())) {
            cells.pop_back();
        }
        if (cells.size() < header_.size()) {
            cells.resize(header_.size());
        }
        faulty_ = !fit_row(cells, header_.size(), cells.size(), fault_);
        int error_column = row_.error_column - static_cast<int>(offset_);
        if (!faulty_ && error_column >= 0) {
            faulty_ = true;
            std::string value(cells[static_cast<std::size_t>(error_column)]);
            fault_ = {.code = "error_cell",
                      .column = error_column,
                      .text_zh = "单元格是公式错误 " + value,
                      .text_en = "the cell is a formula error " + value};
        }
        return true;
    }

    [[nodiscard]] const RowFault* fault() const override { return faulty_ ? &fault_ : nullptr; }
    [[nodiscard]] std::int64_t bytes_read() const override {
        return bytes_total_ > 0 ? std::min(part_->unpacked(), bytes_total_) : part_->unpacked();
    }

private:
    const Workbook::SheetPart& choose(const std::string& name) {
        for (const auto& entry : book_.sheets) {
            if (name.empty() ? !entry.sheet.hidden : entry.sheet.name == name) {
                return entry;
            }
        }
        std::string all;
        for (const auto& entry : book_.sheets) {
            all += (all.empty() ? "" : ", ") + entry.sheet.name;
        }
        throw ProblemError(problem::no_sheet.at("/sheet", "现有工作表：" + all, "its sheets are: " + all));
    }

    bool fill() {
        std::string piece;
        while (events_.rows.empty() && !ended_) {
            ended_ = !part_->read(piece, piece_bytes);
            feeder_->feed(piece, ended_);
        }
        return !events_.rows.empty();
    }
    bool pull(SheetRow& row) {
        if (!fill()) {
            return false;
        }
        row = std::move(events_.rows.front());
        events_.rows.pop_front();
        return true;
    }

    /// The first row that is full, or nearly: titles and notes above a table fill one cell or two.
    void find_header(std::optional<int> wanted) {
        std::deque<SheetRow> seen;
        SheetRow row;
        while (seen.size() < header_search_rows && pull(row)) {
            if (!wanted || row.line >= *wanted) {
                seen.push_back(std::move(row));
            }
        }
        if (seen.empty()) {
            throw ProblemError(
                problem::no_header.because("工作表“" + sheet_ + "”是空的", "sheet " + sheet_ + " is empty"));
        }
        std::size_t most = 0;
        for (const auto& one : seen) {
            most = std::max(most, filled(one.cells));
        }
        auto header = seen.begin();
        if (!wanted) {
            header = std::find_if(seen.begin(), seen.end(),
                                  [&](const SheetRow& one) { return filled(one.cells) * 10 >= most * 8; });
        }
        header_line_ = header->line;
        std::vector<std::string> names = std::move(header->cells);
        seen.erase(seen.begin(), std::next(header));
        while (offset_ < names.size() && is_blank(names[offset_]) &&
               std::all_of(
                   seen.begin(), seen.end(),
                   [&](const SheetRow& one) {
                       return offset_ >= one.cells.size() || is_blank(one.cells[offset_]);
                   })) {
            ++offset_;
        }
        names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(offset_));
        header_ = tidy_header(std::move(names), notices_);
        for (auto at = seen.rbegin(); at != seen.rend(); ++at) {
            events_.rows.push_front(std::move(*at));
        }
    }

    Workbook book_;
    SheetEvents events_;
    std::unique_ptr<Part> part_;
    std::unique_ptr<XmlFeeder> feeder_;
    SheetRow row_;  ///< the one that cells are views of
    bool ended_ = false;
    std::size_t offset_ = 0;  ///< empty columns left of the table
    bool faulty_ = false;
    RowFault fault_;
};

}  // namespace

std::unique_ptr<TableReader> open_xlsx(const std::filesystem::path& path, const ReadOptions& options) {
    return std::make_unique<XlsxReader>(path, options);
}

}  // namespace pengcheng::formats
