#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/packs/packs.hpp>

#include <map>
#include <string>

namespace pengcheng::packs {

struct Mark {
    int line = 1;
    int column = 1;
};

/// A YAML document as JSON that remembers its places.
struct Document {
    Json content;
    std::map<std::string, Mark> marks;              ///< JSON pointer -> place, from 1
    std::map<std::string, std::string> references;  ///< JSON pointer -> reference as written

    /// The place of `pointer`, or of the nearest one above it.
    [[nodiscard]] Mark mark_of(std::string pointer) const;
};

/// Plain scalars become numbers, true, false and null as YAML 1.2's core schema says; quoted ones stay
/// text. References are replaced by what they name. A key given twice, an alias bomb, nesting without end, a
/// reference that names nothing or a secret written out is a fault.
Document read_yaml(const std::string& text, const std::string& file, std::vector<Fault>& faults);

/// Whether `text` reads back as itself without quotes.
bool reads_as_itself(const std::string& text);

}  // namespace pengcheng::packs
