#pragma once

#include <pengcheng/formats/table_reader.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::formats {

/// RFC 4180 with what the world adds: LF and CR line ends, any delimiter, text after a closing quote.
/// Cells are views into one buffer that holds the record; nothing is allocated a row.
/// Pure: `more` replaces its argument by the next piece of UTF-8 text, false at the end.
class CsvParser {
public:
    using More = std::function<bool(std::string&)>;
    CsvParser(More more, char delimiter, ReadLimits limits);

    /// The next record and the line it starts on; false at the end. Cells beyond the column limit are
    /// counted, not kept. The views hold until the next call.
    bool next(std::vector<std::string_view>& cells, std::int64_t& line);
    [[nodiscard]] bool unclosed_quote() const { return unclosed_; }
    [[nodiscard]] std::size_t cells_seen() const { return seen_; }

private:
    /// A cell, counted from the start of its record: the buffer moves.
    struct Span {
        std::size_t from = 0;
        std::size_t until = 0;
    };
    bool refill();
    [[nodiscard]] std::size_t place() const { return at_ - start_; }
    Span take_cell();
    void quoted(Span& cell);
    void plain(std::size_t from);
    void keep(Span& cell, std::size_t from, std::size_t size);
    void end_line(char c);
    void check_size(std::size_t bytes, std::size_t bytes_max) const;

    More more_;
    std::string piece_;
    std::string buffer_;
    std::size_t start_ = 0;  ///< of the record in the buffer
    std::size_t at_ = 0;
    std::array<bool, 256> stops_{};  ///< what ends a cell without quotes
    std::vector<Span> spans_;
    char delimiter_;
    ReadLimits limits_;
    std::int64_t line_ = 1;
    std::int64_t start_line_ = 1;
    std::size_t seen_ = 0;
    bool unclosed_ = false;
    bool ended_ = false;
};

/// The delimiter (comma, tab, semicolon or bar) that cuts the start of a text most evenly.
char sniff_delimiter(std::string_view start, bool whole);
/// The line of the first record that is half as full as most: titles and notes above a table fill one cell
/// or two, a header may leave columns unnamed.
std::int64_t sniff_header(std::string_view start, bool whole, char delimiter);

bool is_blank(std::string_view text);
bool is_blank(std::span<const std::string> cells);
bool is_blank(std::span<const std::string_view> cells);
/// Blanks off, empty ones at the end left out, the others named, repeated ones numbered.
std::vector<std::string> tidy_header(std::vector<std::string> cells, std::vector<Notice>& notices);
/// Fits a row to the header's width where only blank cells are over; else tells the fault.
bool fit_row(std::vector<std::string_view>& cells, std::size_t width, std::size_t seen, RowFault& fault);

}  // namespace pengcheng::formats
