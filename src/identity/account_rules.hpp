#pragma once

#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::identity {

// Pure checks of what people type. Each refusal carries the JSON pointer of the field.

/// The name as stored: lower case, `^[a-z][a-z0-9_.-]{2,31}$`.
Result<std::string> check_username(std::string_view text);
/// At least 10 characters, at most 128 bytes, without the user name, and none of the passwords tried first.
Result<void> check_password(std::string_view password, std::string_view username);
/// 18 characters by GB 11643-1999 with a true birth date not after `today` -> with an upper-case X.
Result<std::string> check_id_number(std::string_view text, Day today);
/// A mobile number of the mainland.
Result<std::string> check_phone(std::string_view text);
/// At most one administrator's role and none beside it; business roles only within an organization.
/// -> sorted, each once.
Result<std::vector<std::string>> normalise_roles(std::vector<std::string> roles, bool has_organization);

std::string mask_id_number(std::string_view id_number);  ///< 320302********0010
std::string mask_phone(std::string_view phone);          ///< 138****0000

}  // namespace pengcheng::identity
