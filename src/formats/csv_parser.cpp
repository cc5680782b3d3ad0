#include "formats/csv_parser.hpp"

#include "formats/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <array>

namespace pengcheng::formats {

namespace {

constexpr std::size_t sniff_bytes_max = 64 << 10;
constexpr std::size_t sniff_records_max = 100;

}  // namespace

CsvParser::CsvParser(More more, char delimiter, ReadLimits limits)
    : more_(std::move(more)), delimiter_(delimiter), limits_(limits) {
}

bool CsvParser::peek(char& c) {
    while (at_ == piece_.size()) {
        at_ = 0;
        if (!more_(piece_)) {
            piece_.clear();
            return false;
        }
    }
    c = piece_[at_];
    return true;
}

void CsvParser::append(std::string& cell, std::string_view text) {
    if (cell.size() + text.size() > limits_.cell_bytes_max) {
        std::string line = std::to_string(start_line_);
        throw ProblemError(problem::broken_csv.because(
            "从第 " + line + " 行开始的单元格超过 1 MiB,可能是引号没有成对",
            "a cell of the record at line " + line + " is over 1 MiB; a quote may not be closed"));
    }
    cell.append(text);
}

void CsvParser::end_line(char c) {
    ++at_;
    ++line_;
    char next = 0;
    if (c == '\r' && peek(next) && next == '\n') {
        ++at_;
    }
}

void CsvParser::quoted(std::string& cell) {
    ++at_;
    char c = 0;
    while (peek(c)) {
        std::size_t stop = piece_.find('"', at_);
        std::size_t end = stop == std::string::npos ? piece_.size() : stop;
        std::string_view text = std::string_view(piece_).substr(at_, end - at_);
        append(cell, text);
        auto feeds = std::count(text.begin(), text.end(), '\n');
        line_ += feeds > 0 ? feeds : std::count(text.begin(), text.end(), '\r');
        at_ = end;
        if (stop == std::string::npos) {
            continue;
        }
        ++at_;
        if (!peek(c) || c != '"') {
            return;
        }
        append(cell, "\"");
        ++at_;
    }
    unclosed_ = true;
}

void CsvParser::plain(std::string& cell) {
    char c = 0;
    while (peek(c)) {
        std::size_t end = at_;
        while (end < piece_.size() && piece_[end] != delimiter_ && piece_[end] != '\n' &&
               piece_[end] != '\r') {
            ++end;
        }
        append(cell, std::string_view(piece_).substr(at_, end - at_));
        at_ = end;
        if (end < piece_.size()) {
            return;
        }
    }
}

bool CsvParser::next(std::vector<std::string>& cells, std::int64_t& line) {
    char c = 0;
    if (!peek(c)) {
        return false;
    }
    line = start_line_ = line_;
    seen_ = 0;
    unclosed_ = false;
    std::string surplus;
    for (;;) {
        bool kept = seen_ < limits_.columns_max;
        if (kept && seen_ >= cells.size()) {
            cells.emplace_back();
        }
        std::string& cell = kept ? cells[seen_] : surplus;
        cell.clear();
        ++seen_;
        if (peek(c) && c == '"') {
            quoted(cell);
        }
        plain(cell);
        if (!peek(c)) {
            break;
        }
        if (c != delimiter_) {
            end_line(c);
            break;
        }
        ++at_;
    }
    cells.resize(std::min(seen_, limits_.columns_max));
    return true;
}

char sniff_delimiter(std::string_view start, bool whole) {
    bool cut = !whole || start.size() > sniff_bytes_max;
    start = start.substr(0, sniff_bytes_max);
    char best = ',';
    double best_score = 0;
    for (char delimiter : {',', '\t', ';', '|'}) {
        bool given = false;
        CsvParser parser(
            [&](std::string& piece) {
                piece = given ? "" : std::string(start);
                return !std::exchange(given, true) && !piece.empty();
            },
            delimiter, ReadLimits{});
        std::vector<std::string> cells;
        std::vector<std::size_t> widths;
        std::int64_t line = 0;
        while (widths.size() < sniff_records_max && parser.next(cells, line)) {
            if (!is_blank(cells)) {
                widths.push_back(parser.cells_seen());
            }
        }
        if (cut && widths.size() > 1 && widths.size() < sniff_records_max) {
            widths.pop_back();
        }
        std::map<std::size_t, int> counts;
        for (std::size_t width : widths) {
            ++counts[width];
        }
        auto common = std::max_element(counts.begin(), counts.end(),
                                       [](auto& a, auto& b) { return a.second < b.second; });
        if (common == counts.end() || common->first < 2) {
            continue;
        }
        double score = static_cast<double>(common->second) / static_cast<double>(widths.size());
        score *= widths.front() == common->first ? 1.0 : 0.5;
        score += 0.0001 * static_cast<double>(std::min<std::size_t>(common->first, 1000));
        if (score > best_score) {
            best = delimiter;
            best_score = score;
        }
    }
    return best;
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

bool is_blank(const std::vector<std::string>& cells) {
    return std::all_of(cells.begin(), cells.end(), [](const std::string& cell) { return is_blank(cell); });
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
            notices.push_back({"unnamed_column", "第 " + place + " 列没有列名,暂称“" + name + "”",
                               "column " + place + " has no name and is called " + name});
        }
        std::string numbered = name;
        for (int n = 2; !taken.insert(numbered).second; ++n) {
            numbered = name + "_" + std::to_string(n);
        }
        if (numbered != name) {
            notices.push_back(
                {"repeated_column", "列名“" + name + "”重复,第 " + place + " 列改称“" + numbered + "”",
                 "the name " + name + " is repeated; column " + place + " is called " + numbered});
        }
        cells[i] = std::move(numbered);
    }
    return cells;
}

bool fit_row(std::vector<std::string>& cells, std::size_t width, std::size_t seen, RowFault& fault) {
    if (seen == cells.size() && cells.size() > width) {
        auto surplus = cells.begin() + static_cast<std::ptrdiff_t>(width);
        if (std::all_of(surplus, cells.end(), [](const std::string& cell) { return is_blank(cell); })) {
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
        .text_zh = "本行有 " + has + " 个单元格,表头有 " + wants + " 列,请检查分隔符和引号",
        .text_en = "this row has " + has + " cells, the header " + wants + "; check delimiters and quotes"};
    return false;
}

}  // namespace pengcheng::formats
