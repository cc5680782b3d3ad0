#pragma once

#include <pengcheng/catalogue/resource.hpp>

#include <string>
#include <string_view>

namespace pengcheng::exchange {

/// Whether others get an item masked unless they ask for it plain, with a reason that the provider accepts:
/// marked sensitive, grade 3 or higher, an identifier of a person, or a person's name, address or phone.
bool is_sensitive(const catalogue::Resource& resource, const catalogue::Item& item);

/// The item's own mask, else the usual one of its element, else `hide`; empty for an item that is not
/// sensitive and names no mask.
std::string default_mask(const catalogue::Resource& resource, const catalogue::Item& item);

/// Whether `given` shows no more than `asked`. Empty is plain. Known chains only; anything may become `hide`.
bool shows_no_more(std::string_view asked, std::string_view given);

}  // namespace pengcheng::exchange
