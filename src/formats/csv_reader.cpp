#include "formats/csv_parser.hpp"
#include "formats/encoding.hpp"
#include "formats/problems.hpp"
#include "formats/readers.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::formats {

namespace {

class CsvReader final : public TableReader {
public:
    CsvReader(const std::filesystem::path& path, const ReadOptions& options)
        : text_(path, options.encoding, options.limits) {
        format_ = Format::csv;
        bytes_total_ = static_cast<std::int64_t>(std::filesystem::file_size(path));
        encoding_ = text_.encoding().name;
        byte_order_mark_ = text_.encoding().byte_order_mark;
        std::string first;
        bool any = text_.next(first);
        char delimiter = sniff_delimiter(first, false);
        delimiter_ = std::string(1, delimiter);
        std::int64_t header_line =
            options.header_row ? *options.header_row : sniff_header(first, false, delimiter);
        held_ = any ? std::move(first) : std::string();
        parser_.emplace([this](std::string& piece) { return more(piece); }, delimiter, options.limits);
        find_header(header_line, options.limits);
    }

    bool next(std::vector<std::string_view>& cells, std::int64_t& line) override {
        faulty_ = false;
        do {
            if (!parser_->next(cells, line)) {
                return false;
            }
        } while (is_blank(cells));
        if (parser_->unclosed_quote()) {
            faulty_ = true;
            fault_ = {.code = "unclosed_quote",
                      .text_zh = "从这一行开始的引号直到文件结束都没有关闭，其后的内容无法分行",
                      .text_en = "a quote opened here is not closed before the end of the file"};
            return true;
        }
        faulty_ = !fit_row(cells, header_.size(), parser_->cells_seen(), fault_);
        return true;
    }

    [[nodiscard]] const RowFault* fault() const override { return faulty_ ? &fault_ : nullptr; }
    [[nodiscard]] std::int64_t bytes_read() const override { return text_.position(); }

private:
    bool more(std::string& piece) {
        if (!held_.empty()) {
            piece = std::move(held_);
            held_.clear();
            return true;
        }
        return text_.next(piece);
    }

    void find_header(std::int64_t wanted, const ReadLimits& limits) {
        std::vector<std::string_view> cells;
        std::int64_t line = 0;
        do {
            if (!parser_->next(cells, line)) {
                throw ProblemError(problem::no_header.at("/header_row", "文件中没有可作表头的行",
                                                         "no row of the file can be the header"));
            }
        } while (is_blank(cells) || line < wanted);
        if (parser_->cells_seen() > limits.columns_max) {
            throw ProblemError(problem::too_many_columns.because(
                "最多 " + std::to_string(limits.columns_max) + " 列，请检查分隔符",
                "at most " + std::to_string(limits.columns_max) + " columns; check the delimiter"));
        }
        header_ = tidy_header({cells.begin(), cells.end()}, notices_);
        header_line_ = line;
    }

    TextSource text_;
    std::string held_;
    std::optional<CsvParser> parser_;
    bool faulty_ = false;
    RowFault fault_;
};

}  // namespace

std::unique_ptr<TableReader> open_csv(const std::filesystem::path& path, const ReadOptions& options) {
    return std::make_unique<CsvReader>(path, options);
}

}  // namespace pengcheng::formats
