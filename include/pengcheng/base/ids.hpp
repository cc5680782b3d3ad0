#pragma once

#include <string>
#include <string_view>

namespace pengcheng {

/// UUIDv7 (RFC 9562 §5.7), lower-case text: time-ordered, so indexes stay compact. Thread-safe.
std::string new_id();

/// Whether `text` is a UUID in its canonical text form.
bool is_id(std::string_view text);

/// `bytes` random bytes of the operating system as lower-case hexadecimal. Thread-safe.
std::string random_hex(std::size_t bytes);

}  // namespace pengcheng
