#include "formats/csv_parser.hpp"

#include "formats/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <cstring>

namespace pengcheng::formats {

namespace {

constexpr std::size_t sniff_bytes_max = 64 << 10;
constexpr std::size_t sniff_records_max = 100;
constexpr std::size_t record_bytes_max = 16 << 20;
constexpr std::size_t name_characters_max =
    200;  // messages name columns, and a catalogue's names are shorter

}  // namespace

CsvParser::CsvParser(More more, char delimiter, ReadLimits limits)
    : more_(std::move(more)), delimiter_(delimiter), limits_(limits) {
    for (char stop : {delimiter, '\n', '\r'}) {
        stops_[static_cast<unsigned char>(stop)] = true;
    }
}

/// Appends the next piece, giving up what lies before the record.
bool CsvParser::refill() {
    if (ended_ || !more_(piece_)) {
        ended_ = true;
        return false;
    }
    if (start_ == buffer_.size()) {
        buffer_.swap(piece_);
    } else {
        buffer_.erase(0, start_);
        buffer_.append(piece_);
    }
    at_ -= start_;
    start_ = 0;
    return true;
}

void CsvParser::check_size(std::size_t bytes, std::size_t bytes_max) const {
    if (bytes <= bytes_max) {
        return;
    }
    std::string line = std::to_string(start_line_);
    bool cell = bytes_max == limits_.cell_bytes_max;
    throw ProblemError(problem::broken_csv.because(
        "从第 " + line + (cell ? " 行开始的单元格超过 1 MiB" : " 行开始的一行超过 16 MiB") +
            "，可能是引号没有成对",
        std::string(cell ? "a cell of the record" : "the record") + " at line " + line + " is over " +
            (cell ? "1 MiB" : "16 MiB") + "; a quote may not be closed"));
}

void CsvParser::end_line(char c) {
    ++at_;
    ++line_;
    bool more = at_ < buffer_.size() || (c == '\r' && refill());
    if (c == '\r' && more && buffer_[at_] == '\n') {
        ++at_;
    }
}

/// Moves `size` bytes from `from` to the end of the cell: over the quotes that were left out.
void CsvParser::keep(Span& cell, std::size_t from, std::size_t size) {
    if (cell.until != from) {
        std::memmove(buffer_.data() + start_ + cell.until, buffer_.data() + start_ + from, size);
    }
    cell.until += size;
}

void CsvParser::quoted(Span& cell) {
    ++at_;
    cell = {place(), place()};
    while (at_ < buffer_.size() || refill()) {
        std::size_t stop = buffer_.find('"', at_);
        std::size_t end = stop == std::string::npos ? buffer_.size() : stop;
        std::string_view text = std::string_view(buffer_).substr(at_, end - at_);
        auto feeds = std::count(text.begin(), text.end(), '\n');
        line_ += feeds > 0 ? feeds : std::count(text.begin(), text.end(), '\r');
        keep(cell, place(), text.size());
        check_size(cell.until - cell.from, limits_.cell_bytes_max);
        at_ = end;
        if (stop == std::string::npos) {
            continue;
        }
        ++at_;
        if ((at_ == buffer_.size() && !refill()) || buffer_[at_] != '"') {
            return;
        }
        keep(cell, place(), 1);
        ++at_;
    }
    unclosed_ = true;
}

void CsvParser::plain(std::size_t from) {
    do {
        const char* bytes = buffer_.data();
        std::size_t size = buffer_.size();
        while (at_ < size && !stops_[static_cast<unsigned char>(bytes[at_])]) {
            ++at_;
        }
        check_size(place() - from, limits_.cell_bytes_max);
    } while (at_ == buffer_.size() && refill());
}

CsvParser::Span CsvParser::take_cell() {
    Span cell{place(), place()};
    if ((at_ < buffer_.size() || refill()) && buffer_[at_] == '"') {
        quoted(cell);
        std::size_t from = place();
        plain(from);
        keep(cell, from, place() - from);
    } else {
        plain(cell.from);
        cell.until = place();
    }
    return cell;
}

bool CsvParser::next(std::vector<std::string_view>& cells, std::int64_t& line) {
    start_ = at_;
    if (at_ == buffer_.size() && !refill()) {
        return false;
    }
    line = start_line_ = line_;
    seen_ = 0;
    unclosed_ = false;
    spans_.clear();
    for (;;) {
        Span cell = take_cell();
        if (seen_++ < limits_.columns_max) {
            spans_.push_back(cell);
        }
        if (at_ == buffer_.size()) {
            break;  // take_cell has tried for more
        }
        if (char c = buffer_[at_]; c != delimiter_) {
            end_line(c);
            break;
        }
        ++at_;
        check_size(place(), record_bytes_max);
    }
    cells.clear();
    for (const Span& span : spans_) {
        cells.emplace_back(buffer_.data() + start_ + span.from, span.until - span.from);
    }
    return true;
}

namespace {

struct StartRow {
    std::size_t width = 0;   ///< cells
    std::size_t filled = 0;  ///< of them not blank
    std::int64_t line = 0;
};

/// The first records of a text that are not blank, without a last one that its end may cut.
std::vector<StartRow> start_rows(std::string_view start, bool whole, char delimiter) {
    bool cut = !whole || start.size() > sniff_bytes_max;
    start = start.substr(0, sniff_bytes_max);
    bool given = false;
    CsvParser parser(
        [&](std::string& piece) {
            piece = given ? "" : std::string(start);
            return !std::exchange(given, true) && !piece.empty();
        },
        delimiter, ReadLimits{});
    std::vector<StartRow> out;
    std::vector<std::string_view> cells;
    std::int64_t line = 0;
    while (out.size() < sniff_records_max && parser.next(cells, line)) {
        auto filled = std::count_if(cells.begin(), cells.end(), [](auto cell) { return !is_blank(cell); });
        if (filled > 0) {
            out.push_back({parser.cells_seen(), static_cast<std::size_t>(filled), line});
        }
    }
    if (cut && out.size() > 1 && out.size() < sniff_records_max) {
        out.pop_back();
    }
    return out;
}

}  // namespace

char sniff_delimiter(std::string_view start, bool whole) {
    char best = ',';
    double best_score = 0;
    for (char delimiter : {',', '\t', ';', '|'}) {
        std::vector<StartRow> rows = start_rows(start, whole, delimiter);
        std::map<std::size_t, int> counts;
        for (const StartRow& row : rows) {
            ++counts[row.width];
        }
        auto common = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
        if (common == counts.end() || common->first < 2) {
            continue;
        }
        double score = static_cast<double>(common->second) / static_cast<double>(rows.size());
        score *= rows.front().width == common->first ? 1.0 : 0.5;
        score += 0.0001 * static_cast<double>(std::min<std::size_t>(common->first, 1000));
        if (score > best_score) {
            best = delimiter;
            best_score = score;
        }
    }
    return best;
}

std::int64_t sniff_header(std::string_view start, bool whole, char delimiter) {
    std::vector<StartRow> rows = start_rows(start, whole, delimiter);
    if (rows.empty()) {
        return 1;
    }
    std::vector<std::size_t> filled;
    for (const StartRow& row : rows) {
        filled.push_back(row.filled);
    }
    auto middle = filled.begin() + static_cast<std::ptrdiff_t>(filled.size() / 2);
    std::nth_element(filled.begin(), middle, filled.end());
    auto is_title = [&](const StartRow& row) {
        return row.filled * 2 < *middle || (row.width == 1 && *middle > 1);
    };
    return std::find_if_not(rows.begin(), rows.end(), is_title)->line;
}

bool is_blank(std::string_view text) {
    while (!text.empty()) {
        if (text.front() == ' ' || text.front() == '\t' || text.front() == '\r' || text.front() == '\n') {
            text.remove_prefix(1);
        } else if (text.starts_with("\u3000") || text.starts_with("\uFEFF")) {
            text.remove_prefix(3);
        } else if (text.starts_with("\u00A0")) {
            text.remove_prefix(2);
        } else {
            return false;
        }
    }
    return true;
}

bool is_blank(std::span<const std::string> cells) {
    return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) { return is_blank(cell); });
}

bool is_blank(std::span<const std::string_view> cells) {
    return std::all_of(cells.begin(), cells.end(), [](std::string_view cell) { return is_blank(cell); });
}

namespace {

std::string tidy_name(std::string_view text) {
    while (!text.empty() && is_blank(text.substr(0, 1))) {
        text.remove_prefix(1);
    }
    while (text.starts_with("\u3000") || text.starts_with("\uFEFF")) {
        text.remove_prefix(3);
    }
    while (text.ends_with("\u3000")) {
        text.remove_suffix(3);
    }
    std::string out;
    for (char c : trim(text)) {
        out.push_back(c == '\n' || c == '\r' || c == '\t' ? ' ' : c);
    }
    out = utf8_prefix(out, name_characters_max);
    return out;
}

}  // namespace

std::vector<std::string> tidy_header(std::vector<std::string> cells, std::vector<Notice>& notices) {
    while (!cells.empty() && is_blank(cells.back())) {
        cells.pop_back();
    }
    std::set<std::string> taken;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        std::string place = std::to_string(i + 1);
        std::string name = tidy_name(cells[i]);
        if (name.empty()) {
            name = "列" + place;
            notices.push_back({"unnamed_column", "第 " + place + " 列没有列名，暂称“" + name + "”",
                               "column " + place + " has no name and is called " + name});
        }
        std::string numbered = name;
        for (int n = 2; !taken.insert(numbered).second; ++n) {
            numbered = name + "_" + std::to_string(n);
        }
        if (numbered != name) {
            notices.push_back(
                {"repeated_column", "列名“" + name + "”重复，第 " + place + " 列改称“" + numbered + "”",
                 "the name " + name + " is repeated; column " + place + " is called " + numbered});
        }
        cells[i] = std::move(numbered);
    }
    return cells;
}

bool fit_row(std::vector<std::string_view>& cells, std::size_t width, std::size_t seen, RowFault& fault) {
    if (seen == cells.size() && cells.size() > width) {
        if (is_blank(std::span<const std::string_view>(cells).subspan(width))) {
            cells.resize(width);
            return true;
        }
    }
    if (seen == width) {
        return true;
    }
    std::string has = std::to_string(seen);
    std::string wants = std::to_string(width);
    fault = {
        .code = seen < width ? "too_few_cells" : "too_many_cells",
        .text_zh = "本行有 " + has + " 个单元格，表头有 " + wants + " 列，请检查分隔符和引号",
        .text_en = "this row has " + has + " cells, the header " + wants + "; check delimiters and quotes"};
    return false;
}

}  // namespace pengcheng::formats
