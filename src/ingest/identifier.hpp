#pragma once

#include <set>
#include <string>
#include <string_view>

namespace pengcheng::ingest {

/// A column name `^[a-z][a-z0-9_]{0,62}$` for a header: pinyin of Chinese, snake_case of Latin; unlike any
/// in `taken`, to which it is added.
std::string column_identifier(std::string_view header, std::set<std::string>& taken);

}  // namespace pengcheng::ingest
