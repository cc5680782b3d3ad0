#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/time.hpp>

#include <string>
#include <vector>

namespace pengcheng::services {

/// Faults of the values a person filled in, by pointer below `at`. `fields` is the item's form, which
/// has passed check_item; a value without a field is refused.
std::vector<FieldError> check_form(const Json& fields, const Json& values, Day today,
                                   const std::string& at = "/form");

/// One value as people read it: option labels, 是/否, lists joined.
std::string shown_value(const Json& field, const Json& value);

}  // namespace pengcheng::services
