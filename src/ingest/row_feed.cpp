#include "ingest/row_feed.hpp"

#include "ingest/copy_row.hpp"
#include "ingest/infer.hpp"
#include "ingest/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/formats/writers.hpp>
#include <pengcheng/store/load.hpp>

namespace pengcheng::ingest {

namespace {

constexpr std::size_t slice_bytes = 256 << 10;
constexpr std::size_t slice_rejects = 2000;
constexpr std::int64_t slice_rows = 20'000;
constexpr std::size_t raw_bytes_max = 4096;
constexpr std::size_t system_cells = 2;  // _line, _id

constexpr std::size_t page_row_bytes_max = 8160;  // PostgreSQL keeps a row within a page of 8 KiB
constexpr std::size_t wide_table_columns = 290;   // fewer always fit
constexpr std::size_t row_head_bytes = 24;        // and a bit for each column
constexpr std::size_t system_bytes = 40 + 8;      // _id, _line, _batch, _changed_at, aligned
constexpr std::size_t movable_bytes = 24;         // longer text may move out of the row
constexpr std::size_t moved_bytes = 18;           // and leaves so much behind

/// Bytes that a cell takes of its row at least; `at` is where it begins.
std::size_t bytes_in_row(char letter, std::string_view text, std::size_t at) {
    auto aligned = [at](std::size_t size) { return (size - at % size) % size + size; };
    switch (letter) {
        case 'I':
        case 'T':
        case 'B':
            return aligned(8);
        case 'D':
        case 'F':
            return aligned(4);
        case 'L':
            return 1;
        case 'N':
        case 'Y':
            return std::min(5 + 2 * (text.size() / 4 + 2), movable_bytes);
        default:
            return text.size() + 1 > movable_bytes ? moved_bytes : text.size() + 1;
    }
}

std::string joined(const std::vector<std::string>& names) {
    return "“" + join(names, "”“") + "”";
}

}  // namespace

Result<Mapping> map_columns(const std::vector<std::string>& header,
                            const std::vector<catalogue::Item>& items) {
    constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
    Mapping out;
    out.cell_of_item.assign(items.size(), nowhere);
    std::vector<std::string> unknown;
    std::vector<std::string> repeated;
    for (std::size_t cell = 0; cell < header.size(); ++cell) {
        const std::string& name = header[cell];
        if (name == reason_column) {
            out.mended = true;
            continue;
        }
        auto is_name = [&](const catalogue::Item& item) { return item.name == name; };
        auto is_column = [&](const catalogue::Item& item) { return item.column == lower_ascii(name); };
        auto found = std::find_if(items.begin(), items.end(), is_name);
        found = found == items.end() ? std::find_if(items.begin(), items.end(), is_column) : found;
        if (found == items.end()) {
            unknown.push_back(name);
            continue;
        }
        std::size_t& place = out.cell_of_item[static_cast<std::size_t>(found - items.begin())];
        if (place != nowhere) {
            repeated.push_back(name);
        }
        place = cell;
    }
    Problem refused = problem::columns_differ.plain();
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (out.cell_of_item[i] == nowhere) {
            refused.also("/columns/" + items[i].column, "文件中缺少列“" + items[i].name + "”",
                         "the file has no column " + items[i].name + " (" + items[i].column + ")", "missing");
        }
    }
    for (const std::string& name : unknown) {
        refused.also("/columns", "文件中的列“" + name + "”不在目录的信息项中",
                     "the catalogue has no item " + name, "unknown");
    }
    for (const std::string& name : repeated) {
        refused.also("/columns", "文件中有两列都是“" + name + "”", "two columns of the file are " + name,
                     "repeated");
    }
    if (refused.errors.empty()) {
        return out;
    }
    refused.detail_zh = "文件的列：" + joined(header) + "。请修改文件的表头，或先修改目录的信息项";
    refused.detail_en =
        "columns of the file: " + join(header, ", ") + "; mend the header row or the catalogue's items";
    return refused;
}

std::vector<rules::Item> rule_items(const std::vector<catalogue::Item>& items) {
    std::vector<rules::Item> out;
    for (const catalogue::Item& item : items) {
        out.push_back({.column = item.column,
                       .label = item.name,
                       .type = item.type,
                       .length = item.length.value_or(0),
                       .scale = item.scale.value_or(0),
                       .nullable = item.nullable,
                       .primary_key = item.primary_key,
                       .code_list = item.code_list,
                       .element = item.element});
    }
    return out;
}

std::string raw_text(std::span<const std::string_view> cells) {
    std::string out;
    for (const std::string_view& cell : cells) {
        if (&cell != &cells.front()) {
            out.push_back(',');
        }
        formats::append_csv_cell(out, cell.substr(0, raw_bytes_max));
        if (out.size() > raw_bytes_max) {
            break;
        }
    }
    std::erase(out, '\0');
    // A cut may fall inside a character.
    return valid_utf8(out) && out.size() <= raw_bytes_max ? out : utf8_prefix(out, raw_bytes_max / 4) + "…";
}

RowFeed::RowFeed(const std::filesystem::path& path, formats::ReadOptions options,
                 std::vector<catalogue::Item> items, std::shared_ptr<const rules::CompiledRules> checks)
    : table_(formats::open_table(path, std::move(options))),
      items_(std::move(items)),
      checks_(std::move(checks)) {
    mapping_ = map_columns(table_->header(), items_).value();
    texts_.resize(items_.size());
    row_.resize(items_.size());
    for (const catalogue::Item& item : items_) {
        letters_.push_back(item.type.empty() ? 'C' : item.type.front());
    }
    std::size_t key_bytes = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
        if (items_[i].primary_key) {
            key_.push_back(i);
            key_bytes += items_[i].length ? static_cast<std::size_t>(*items_[i].length) * 4 : 16;
        }
    }
    if (key_bytes <= store::index_bytes_max) {
        key_.clear();
    }
}

void RowFeed::fill(Slice& slice) {
    slice.copy.clear();
    slice.rejects.clear();
    slice.copy.reserve(slice_bytes + slice_bytes / 4);
    if (!std::exchange(begun_, true)) {
        begin_copy(slice.copy);
    }
    rules::FailureSink sink = [this, &slice](const rules::Failure& failure) {
        reject(failure.line, items_[failure.column].name, failure.code, failure.reason_zh, failure.reason_en,
               slice);
    };
    std::int64_t line = 0;
    std::int64_t until = rows_read_ + slice_rows;
    while (rows_read_ < until && slice.copy.size() < slice_bytes && slice.rejects.size() < slice_rejects) {
        slice.end = !table_->next(cells_, line);
        if (slice.end) {
            end_copy(slice.copy);
            break;
        }
        ++rows_read_;
        take_row(line, slice, sink);
    }
    slice.rows_read = rows_read_;
    slice.rows_taken = rows_taken_;
    slice.bytes_read = table_->bytes_read();
}

void RowFeed::reject(std::int64_t line, std::string column, std::string_view code, std::string_view zh,
                     std::string_view en, Slice& slice) {
    slice.rejects.push_back({.line = line,
                             .column = std::move(column),
                             .code = std::string(code),
                             .reason = std::string(zh),
                             .reason_en = std::string(en),
                             .raw = raw_text(cells_)});
}

void RowFeed::take_row(std::int64_t line, Slice& slice, const rules::FailureSink& sink) {
    if (const formats::RowFault* fault = table_->fault()) {
        std::string column =
            fault->column >= 0 ? table_->header()[static_cast<std::size_t>(fault->column)] : "";
        reject(line, std::move(column), fault->code, fault->text_zh, fault->text_en, slice);
        return;
    }
    bool sound = true;
    for (std::size_t i = 0; i < items_.size(); ++i) {
        if (!normalise(i)) {
            reject(line, items_[i].name, "control_character", "单元格中有空字符（NUL），无法存储",
                   "the cell holds a NUL character", slice);
            sound = false;
        }
    }
    if (checks_->check(row_, line, sink) == 0 && sound && fits_table(line, slice) &&
        append_row(line, slice)) {
        ++rows_taken_;
    }
}

/// The stored form of a cell; false when it holds what no column can.
bool RowFeed::normalise(std::size_t item) {
    std::string_view cell = cells_[mapping_.cell_of_item[item]];
    const std::string& type = items_[item].type;
    if (mapping_.mended && cell.starts_with("'") && formats::is_formula_like(cell.substr(1))) {
        cell.remove_prefix(1);  // put there by our own reject file
    }
    if (rules::is_empty(type, cell)) {
        row_[item].reset();
        return true;
    }
    row_[item] = cell;
    if (cell.find('\0') != std::string_view::npos) {
        return false;
    }
    char letter = letters_[item];
    if (letter == 'C' || letter == 'M' || letter == 'G') {
        return true;
    }
    std::string& text = texts_[item];
    if (rules::to_pg_text(type, cell, text)) {
        row_[item] = text;
        return true;
    }
    // A workbook's date in a cell of no date format is a bare number.
    bool serial = letter == 'D' && table_->format() == formats::Format::xlsx;
    if (auto day = serial ? rules::excel_serial(cell) : std::nullopt) {
        text = std::move(*day);
        row_[item] = text;
    }
    return true;  // where it does not fit, the type rule says why
}

/// COPY would end at such a row, and with it the load.
bool RowFeed::fits_table(std::int64_t line, Slice& slice) {
    std::size_t key_bytes = 0;
    for (std::size_t i : key_) {
        key_bytes += row_[i] ? row_[i]->size() : 0;
    }
    if (key_bytes > store::index_bytes_max) {
        std::string most = std::to_string(store::index_bytes_max);
        reject(line, items_[key_.front()].name, "key_too_long", "主键超过 " + most + " 字节，无法建索引",
               "the key is over " + most + " bytes and cannot be indexed", slice);
        return false;
    }
    if (row_.size() < wide_table_columns) {
        return true;
    }
    std::size_t bytes = row_head_bytes + row_.size() / 8;
    for (std::size_t i = 0; i < row_.size(); ++i) {
        bytes += row_[i] ? bytes_in_row(letters_[i], *row_[i], bytes) : 0;
    }
    if (bytes + system_bytes > page_row_bytes_max) {
        reject(line, "", "row_too_wide",
               "本行有内容的列太多，超过数据库一行的上限（8 KiB，较长的文字各计 18 字节）",
               "too many columns are filled: a row holds 8 KiB, longer text counting 18 bytes each", slice);
        return false;
    }
    return true;
}

bool RowFeed::append_row(std::int64_t line, Slice& slice) {
    std::string& out = slice.copy;
    std::size_t start = out.size();
    begin_row(out, row_.size() + system_cells);
    for (std::size_t i = 0; i < row_.size(); ++i) {
        if (!row_[i]) {
            append_null(out);
        } else if (!append_typed(out, letters_[i], *row_[i])) {
            out.resize(start);
            reject(line, items_[i].name, "type", "数值超出该类型能保存的范围",
                   "the number is beyond what the type can hold", slice);
            return false;
        }
    }
    append_bigint(out, line);
    append_bigint(out, rows_taken_ + 1);
    return true;
}

}  // namespace pengcheng::ingest
