#pragma once

#include <pengcheng/base/time.hpp>

#include <string>
#include <string_view>

namespace pengcheng::services {

/// ISO/IEC 7064 MOD 37,36 over `0-9A-Z`; NUL for any other character.
char check_character(std::string_view text);

/// 24 characters: region 6, YYYYMMDD, organization 3, serial of the day 6, check 1.
std::string case_number(std::string_view region, Day day, std::string_view organization, int serial);

bool is_case_number(std::string_view text);

}  // namespace pengcheng::services
