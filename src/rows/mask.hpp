#pragma once

#include <string>
#include <string_view>

namespace pengcheng::rows {

/// SQL expressions (parameters of the statement) of the two pads of HMAC-SHA-256; empty: no key.
struct KeyPads {
    std::string inner;
    std::string outer;
};

/// mask_sql with a key for `pseudonym`.
std::string mask_expression(std::string_view mask, std::string_view expression, const KeyPads& pads);

/// Whether the two characters are a surname of two, such as 欧阳.
bool is_two_part_surname(std::string_view characters);

/// The 64 bytes `key XOR 0x36..` (inner) or `key XOR 0x5c..` (outer) of RFC 2104, as PostgreSQL's bytea text.
std::string key_pad(std::string_view key, bool inner);

}  // namespace pengcheng::rows
