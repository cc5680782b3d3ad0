#pragma once

#include <pengcheng/rules/check.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Rows of a binary COPY as cells for the row rules. Pure.
namespace pengcheng::quality {

/// How a column comes over the wire; what is not named here is asked for as text.
enum class Wire : std::uint8_t { text, numeric, bigint, date, time, boolean, float8, float4 };
Wire wire_of(std::string_view pg_type);
bool sent_as_text(std::string_view pg_type);  ///< whether the SELECT must turn it into text

/// Walks the whole rows of a piece of the stream; header and trailer are passed over.
class WireRows {
public:
    WireRows(std::string_view bytes, std::span<const Wire> columns);
    /// The next row; views hold until the call after. Throws db::Error for bytes that are no rows.
    bool next();
    [[nodiscard]] const std::vector<rules::Cell>& cells() const { return cells_; }
    [[nodiscard]] std::int64_t number(std::size_t column) const { return numbers_[column]; }

private:
    std::string_view take(std::size_t size);
    std::string_view text_of(std::size_t column, std::string_view bytes);

    std::string_view rest_;
    std::span<const Wire> columns_;
    std::vector<rules::Cell> cells_;
    std::vector<std::int64_t> numbers_;  ///< of bigint columns
    std::vector<std::string> texts_;     ///< by column, of those that come in another form
};

/// A cell as it stands for equality in PostgreSQL: 1.50 is 1.5, and -0 is 0.
std::string_view equality_text(Wire wire, std::string_view text);

}  // namespace pengcheng::quality
