#pragma once

#include <pengcheng/base/json.hpp>

#include <string>
#include <string_view>

namespace pengcheng::packs {

/// One item of a pack file as YAML: a list entry two columns in, members in the order of the kind's schema,
/// small things on one line. read_yaml reads it back as it was.
std::string emit_item(std::string_view kind, const Json& content);

}  // namespace pengcheng::packs
