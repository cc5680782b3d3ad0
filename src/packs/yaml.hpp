#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/packs/packs.hpp>

#include <map>
#include <optional>
#include <string>

namespace pengcheng::packs {

/// A YAML document as JSON that remembers its lines.
struct Document {
    Json content;
    std::map<std::string, int> lines;  ///< JSON pointer -> line, from 1

    /// The line of `pointer`, or of the nearest place above it.
    [[nodiscard]] int line_of(std::string pointer) const;
};

/// Plain scalars become numbers, true, false and null as YAML 1.2's core schema says; quoted ones stay
/// text. A key given twice, an alias bomb or nesting without end is a fault.
Document read_yaml(const std::string& text, const std::string& file, std::vector<Fault>& faults);

}  // namespace pengcheng::packs
