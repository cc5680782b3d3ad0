#pragma once

#include <string_view>

namespace pengcheng::db {

/// Where migration 0120's triggers tell which topic changed.
inline constexpr std::string_view changes_channel = "pengcheng_changes";

/// A notification of any connection of this process. Thread-safe.
void notified(std::string_view channel, std::string_view payload);

}  // namespace pengcheng::db
