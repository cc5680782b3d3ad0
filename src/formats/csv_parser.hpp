#pragma once

#include <pengcheng/formats/table_reader.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::formats {

/// RFC 4180 with what the world adds: LF and CR line ends, any delimiter, text after a closing quote.
/// Pure: `more` replaces its argument by the next piece of UTF-8 text, false at the end.
class CsvParser {
public:
    using More = std::function<bool(std::string&)>;
    CsvParser(More more, char delimiter, ReadLimits limits);

    /// The next record and the line it starts on; false at the end. Cells beyond the column limit are
    /// counted, not kept.
    bool next(std::vector<std::string>& cells, std::int64_t& line);
    [[nodiscard]] bool unclosed_quote() const { return unclosed_; }
    [[nodiscard]] std::size_t cells_seen() const { return seen_; }

private:
    bool peek(char& c);
    void quoted(std::string& cell);
    void plain(std::string& cell);
    void end_line(char c);
    void append(std::string& cell, std::string_view text);

    More more_;
    std::string piece_;
    std::size_t at_ = 0;
    char delimiter_;
    ReadLimits limits_;
    std::int64_t line_ = 1;
    std::int64_t start_line_ = 1;
    std::size_t seen_ = 0;
    bool unclosed_ = false;
};

/// The delimiter (comma, tab, semicolon or bar) that cuts the start of a text most evenly.
char sniff_delimiter(std::string_view start, bool whole);

bool is_blank(std::string_view text);
bool is_blank(const std::vector<std::string>& cells);
/// Blanks off, empty ones at the end left out, the others named, repeated ones numbered.
std::vector<std::string> tidy_header(std::vector<std::string> cells, std::vector<Notice>& notices);
/// Fits a row to the header's width where only blank cells are over; else tells the fault.
bool fit_row(std::vector<std::string>& cells, std::size_t width, std::size_t seen, RowFault& fault);

}  // namespace pengcheng::formats
