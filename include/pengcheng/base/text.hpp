#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng {

std::string_view trim(std::string_view text);
std::string lower_ascii(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// The parts of a string that ends with the expression would outlive it.
template <std::same_as<std::string> Temporary>
std::vector<std::string_view> split(Temporary&& text, char separator) = delete;
std::string join(const std::vector<std::string>& parts, std::string_view separator);
bool starts_with_ci(std::string_view text, std::string_view prefix);

std::string to_hex(std::string_view bytes);
std::string base64url(std::string_view bytes);                    ///< no padding
std::optional<std::string> base64_decode(std::string_view text);  ///< both alphabets, padding optional
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
std::string percent_encode(std::string_view text);  ///< RFC 3986 unreserved kept
std::string html_escape(std::string_view text);
std::string sql_identifier(std::string_view name);  ///< "quoted", quotes doubled

bool valid_utf8(std::string_view text);
std::size_t utf8_length(std::string_view text);  ///< code points; invalid bytes count one
std::string utf8_prefix(std::string_view text, std::size_t code_points);  ///< cut on a code point boundary

/// The whole text as a number, or nothing.
std::optional<std::int64_t> to_int(std::string_view text);
std::optional<double> to_double(std::string_view text);

/// Appends `text` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace pengcheng
