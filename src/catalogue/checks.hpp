#pragma once

#include <pengcheng/catalogue/resource.hpp>

#include <string_view>
#include <vector>

namespace pengcheng::catalogue {

using Faults = std::vector<FieldError>;

/// What the system fills in before it looks: outer spaces off, items numbered, the resource's grade
/// raised to its items' highest (exchange.md §5).
void settle(ResourceInput& input);

/// Rules that even a draft keeps, since tables are made from it: names, columns, types, code values.
Faults form_faults(const ResourceInput& input);

/// Rules before review: the guide's mandatory elements and articles 13 to 15 of the sharing regulation.
Faults completeness_faults(const ResourceInput& input);

/// Whether the entry holds personal information, so that an impact assessment must be on record.
bool holds_personal_information(const ResourceInput& input);

bool known_domain(std::string_view domain);
std::string_view domain_name(std::string_view domain);

}  // namespace pengcheng::catalogue
