#pragma once

#include <pengcheng/packs/packs.hpp>

namespace pengcheng::packs {

/// Every place in which `to` differs from `from`.
std::vector<Field> differences(const Json& from, const Json& to);

}  // namespace pengcheng::packs
