// Pack files: whatever the bytes, faults or a document; and what is a list of items comes back as it was from
// our own writing.
#include "packs/emit.hpp"
#include "packs/yaml.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace pengcheng;

/// References name the machine's environment, and null and empty text are one to the reader of plain scalars.
bool comes_back(const packs::Document& document) {
    return document.references.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    std::vector<packs::Fault> faults;
    const std::string text(reinterpret_cast<const char*>(bytes), size);
    const auto document = packs::read_yaml(text, "fuzz.yaml", faults);
    if (!faults.empty() || !document.content.is_array() || !comes_back(document)) {
        return 0;
    }
    std::string written;
    for (const auto& item : document.content) {
        if (item.is_object() && !item.empty()) {
            written += packs::emit_item("organizations", item);
        }
    }
    if (written.empty()) {
        return 0;
    }
    const auto again = packs::read_yaml(written, "written.yaml", faults);
    auto wanted = document.content;
    for (auto item = wanted.begin(); item != wanted.end();) {
        item = item->is_object() && !item->empty() ? std::next(item) : wanted.erase(item);
    }
    if (!faults.empty() || again.content != wanted) {
        std::abort();
    }
    return 0;
}
