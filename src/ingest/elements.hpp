#pragma once

#include <pengcheng/base/time.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace pengcheng::ingest {

/// A standard data element, by what its columns are called and what its values pass.
struct Element {
    std::string_view name;  ///< id_number, ... ; empty: only sensitive, no check known
    std::span<const std::string_view> words;
    bool (*passes)(std::string_view value, Day today);  ///< null: told by name alone
    int grade;
    bool sensitive;
    bool by_value;  ///< values alone tell it, whatever the column is called
};

std::span<const Element> elements();

/// Whether the lower-case header holds one of the words; Latin words must stand alone (xm, not xmas).
bool named(std::string_view header, const Element& element);

}  // namespace pengcheng::ingest
