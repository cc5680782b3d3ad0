#pragma once

#include <string>
#include <string_view>

namespace pengcheng::rows {

/// Puts a value's masked text into `out`. `value` is valid UTF-8.
using TextMask = void (*)(std::string_view value, std::string& out);

/// A mask as a function: for cells that only leave, where mask_expression() would cost PostgreSQL a regular
/// expression or two each. Both give the same text for every value, which a test compares. Nothing for a
/// kind that only SQL has.
TextMask text_mask(std::string_view mask);

}  // namespace pengcheng::rows
