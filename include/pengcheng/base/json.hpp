#pragma once

#include <nlohmann/json_fwd.hpp>

#include <pengcheng/base/problem.hpp>

#include <string>
#include <string_view>

namespace pengcheng {

using Json = nlohmann::json;

/// Parses untrusted JSON: whole text, valid UTF-8, nesting at most `depth_max`, no duplicate keys.
Result<Json> parse_json(std::string_view text, int depth_max = 32);

}  // namespace pengcheng
