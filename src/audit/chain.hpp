#pragma once

#include "audit/checkpoint.hpp"
#include "audit/record.hpp"

#include <pengcheng/audit/sealer.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// The chain, pure: what a seal is and whether a sequence of them holds. Digests and hashes are hexadecimal.
namespace pengcheng::audit {

/// The hash before the first seal.
inline constexpr std::string_view first_hash =
    "0000000000000000000000000000000000000000000000000000000000000000";

struct Seal {
    std::int64_t seq = 0;
    std::string record_id;
    std::string digest;
    std::string prev_hash;
    std::string hash;
};

/// SHA-256 of "prev_hash seq record_id digest", texts with one space between.
std::string seal_hash(const Seal& seal);

/// Judges seals in order, each with its record if it is there. Keeps one hash, so any length will do.
class ChainCheck {
public:
    std::optional<Break> next(const Seal& seal, const Record* record);

    /// Begins after this seal instead of the first.
    void begin_after(std::int64_t seq, std::string hash) { seq_ = seq, hash_ = std::move(hash); }

    [[nodiscard]] std::int64_t seq() const { return seq_; }
    [[nodiscard]] const std::string& hash() const { return hash_; }

private:
    std::int64_t seq_ = 0;
    std::string hash_{first_hash};
};

/// One row of audit.evidence as it is stored.
struct Link {
    int chain = 0;
    std::int64_t seq = 0;
    Digest hash = no_digest;
    const Digest* context = nullptr;  ///< digest of its context; null: it names none
    bool context_missing = false;     ///< it names one that is not there
    bool context_changed = false;     ///< it names one that is not what its id says
    std::string id;
    std::string entry;  ///< its bytes by encode()
};

/// Judges evidence in the order of (chain, seq). A record that does not fit is named when the next one tells
/// how, or by end().
class EvidenceCheck {
public:
    /// `begin`: where what is left of a chain begins, for those of which something was pruned.
    explicit EvidenceCheck(std::map<int, Head> begin = {}) : begin_(std::move(begin)) {}
    std::optional<Break> next(Link found);
    std::optional<Break> end();

    /// Whether the last record waits for the next one to tell what is wrong with it.
    [[nodiscard]] bool doubting() const { return misfit_.has_value(); }
    /// The last record that fits.
    [[nodiscard]] Head head() const { return {.chain = chain_, .seq = seq_, .hash = hash_}; }
    [[nodiscard]] std::int64_t records() const { return records_; }
    [[nodiscard]] std::int64_t chains() const { return chains_; }

private:
    std::map<int, Head> begin_;
    int chain_ = 0;
    std::int64_t seq_ = 0;
    Digest hash_ = no_digest;
    std::optional<Link> misfit_;
    std::int64_t records_ = 0;
    std::int64_t chains_ = 0;
};

Break unsealed_record(std::string id);

}  // namespace pengcheng::audit
