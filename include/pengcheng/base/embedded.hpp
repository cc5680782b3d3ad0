#pragma once

#include <cstddef>
#include <string_view>

namespace pengcheng {

/// A file of the source tree built into the program by cmake/embed.cmake.
struct Embedded {
    std::string_view name;
    std::string_view text;
};

}  // namespace pengcheng
