#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How a workbook's numbers are read. Pure.
namespace pengcheng::formats {

/// What a number format makes of a number.
struct NumberLook {
    enum class Kind : std::uint8_t { number, date, time, date_time, padded };
    Kind kind = Kind::number;
    int digits = 0;  ///< padded: zeros in front up to this width ("000000")
};

NumberLook look_of_builtin(int format_id);
NumberLook look_of_code(std::string_view format_code);

/// The cell as people see it: 2024-05-06, 2024-05-06 08:30:00, 08:30:00, 007, 3.14. `text` is the number as
/// stored; what is not a number comes back as it is.
std::string number_text(std::string_view text, NumberLook look, bool epoch_1904);

/// "BC12" -> 54 (0-based column); -1 when it names no cell.
int column_of(std::string_view reference);

/// Undoes _xHHHH_, Excel's way of writing characters that XML has not.
std::string unescape_excel(std::string_view text);

}  // namespace pengcheng::formats
