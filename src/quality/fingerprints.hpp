#pragma once

#include "quality/wire_rows.hpp"

#include <pengcheng/rules/check.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Uniqueness in memory: a 64-bit fingerprint of each key on the pass over the rows that the row rules make
/// anyway. Rows with equal keys have equal fingerprints, so only rows of a fingerprint seen twice can fail;
/// SQL then compares those few exactly.
namespace pengcheng::quality {

/// The key of a set rule: where its columns stand among the wire's.
struct KeyColumns {
    std::size_t rule = 0;  ///< index into the rules
    std::vector<std::size_t> columns;
};

struct Print {
    std::uint64_t key = 0;
    std::int64_t row_id = 0;
    bool operator<(const Print& other) const { return key < other.key; }
};

/// All prints of a run together; set rules beyond are SQL's.
constexpr std::size_t prints_bytes_max = 64 << 20;

/// The print of a row's key. False when a part of it is empty: such a row repeats none.
bool print_of(const KeyColumns& key, std::span<const rules::Cell> cells, std::span<const Wire> wires,
              std::uint64_t& print);

/// Row ids whose print occurs more than once, or nothing when there are over `suspects_max`. Sorts `prints`.
std::optional<std::vector<std::int64_t>> suspects(std::vector<Print>& prints, std::size_t suspects_max);

}  // namespace pengcheng::quality
