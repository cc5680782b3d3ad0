#include "quality/fingerprints.hpp"

#include <algorithm>
#include <functional>

namespace pengcheng::quality {

namespace {

/// Order and number of parts count: ("ab", "c") is not ("a", "bc").
std::uint64_t mixed(std::uint64_t print, std::uint64_t part) {
    print ^= part + 0x9E3779B97F4A7C15ULL + (print << 6) + (print >> 2);
    print *= 0xBF58476D1CE4E5B9ULL;
    return print ^ (print >> 29);
}

}  // namespace

bool print_of(const KeyColumns& key, std::span<const rules::Cell> cells, std::span<const Wire> wires,
              std::uint64_t& print) {
    print = key.columns.size();
    for (std::size_t column : key.columns) {
        const rules::Cell& cell = cells[column];
        if (!cell || (cell->empty() && wires[column] == Wire::text)) {
            return false;
        }
        print = mixed(print, std::hash<std::string_view>()(equality_text(wires[column], *cell)));
    }
    return true;
}

std::optional<std::vector<std::int64_t>> suspects(std::vector<Print>& prints, std::size_t suspects_max) {
    std::sort(prints.begin(), prints.end());
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < prints.size(); ++i) {
        bool before = i > 0 && prints[i - 1].key == prints[i].key;
        bool after = i + 1 < prints.size() && prints[i + 1].key == prints[i].key;
        if (before || after) {
            if (out.size() == suspects_max) {
                return std::nullopt;
            }
            out.push_back(prints[i].row_id);
        }
    }
    return out;
}

}  // namespace pengcheng::quality
