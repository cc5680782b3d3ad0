#pragma once

#include <pengcheng/base/problem.hpp>
#include <pengcheng/catalogue/resource.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace pengcheng::catalogue {

/// 前段码 of a new entry: its classification where given, else made by the city's own numbering
/// (catalogue.md §3): theme 2 + domain + 001, department 3 + kind of organization + its number. A base
/// library must be named, since nothing else tells which of the six it is.
Result<std::string> front_of(const ResourceInput& input, std::string_view organization,
                             std::string_view organization_kind);

/// `<front>/<sequence, six digits or more>`.
std::string code_of(std::string_view front, std::int64_t sequence);

/// The code without its slash, for paths and names.
std::string ref_of(std::string_view code);

}  // namespace pengcheng::catalogue
