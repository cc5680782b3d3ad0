#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/formats/table_reader.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What a file's columns are, told from names and values. Proposals only: people have the last word.
namespace pengcheng::ingest {

struct Guess {
    catalogue::Item item;
    bool unique = false;  ///< no value twice among the rows looked at
    std::vector<std::string> samples;
};

/// Gathers the cells of every column; guesses() at any time. Bounded memory.
class Inference {
public:
    Inference(std::vector<std::string> names, Day today);
    ~Inference();
    void add(const std::vector<std::string>& cells);
    /// One column at most is marked as key.
    [[nodiscard]] std::vector<Guess> guesses() const;
    [[nodiscard]] std::int64_t rows() const { return rows_; }

private:
    struct Column;
    std::vector<Column> columns_;
    Day today_;
    std::int64_t rows_ = 0;
};

struct Inspection {
    std::string format, encoding, delimiter, sheet;
    std::vector<formats::Sheet> sheets;
    std::int64_t header_row = 1;
    std::int64_t row_count = 0;
    bool row_count_estimated = false;
    std::vector<Guess> items;
    std::vector<std::vector<std::string>> sample_rows;
    std::vector<formats::Notice> notices;
};

/// Looks into a file: all of it up to some hundred MiB, else its start. Blocking.
/// Throws ProblemError where it cannot be read.
Inspection inspect(const std::filesystem::path& path, formats::ReadOptions options, Day today);

/// The column that rejects files carry and loads leave out.
inline constexpr std::string_view reason_column = "问题原因";

}  // namespace pengcheng::ingest
