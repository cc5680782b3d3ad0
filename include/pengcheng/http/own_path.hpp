#pragma once

#include <string>
#include <string_view>

namespace pengcheng::http {

/// A path of this server that a link asked to come back to, or `otherwise`. Browsers drop tabs and line ends
/// from an address and read \ as /, so "/<tab>/evil.example" would lead to another server.
std::string own_path(std::string_view wanted, std::string_view otherwise);

}  // namespace pengcheng::http
