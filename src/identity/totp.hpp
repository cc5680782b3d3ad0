#pragma once

#include <pengcheng/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::identity {

// One-time codes by time (RFC 6238: SHA-1, 30 s, 6 digits, which every authenticator app knows). Pure.

/// RFC 4648 §6 without padding, as apps take it.
std::string base32(std::string_view bytes);

std::string totp_code(std::string_view secret, std::int64_t step);
std::int64_t totp_step(Time at);
/// The step whose code this is, of the present one and its two neighbours, or nothing.
std::optional<std::int64_t> matching_step(std::string_view secret, std::string_view code, Time now);

/// What the QR picture holds: otpauth://totp/ISSUER:NAME?secret=...
std::string otpauth_uri(std::string_view issuer, std::string_view name, std::string_view secret);

/// Ten codes of 50 random bits, "k3fwq-7hxda", for the day the telephone is lost.
std::vector<std::string> make_recovery_codes();
/// A code as typed -> as compared: lower case, without blanks and dashes.
std::string plain_code(std::string_view typed);

}  // namespace pengcheng::identity
