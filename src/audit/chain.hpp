#pragma once

#include "audit/evidence.hpp"
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
    std::string id;
    std::string entry;  ///< its bytes by encode()
};

/// Judges evidence in the order of (chain, seq). A record that does not fit is named when the next one tells
/// how, or by end().
class EvidenceCheck {
public:
    std::optional<Break> next(Link found);
    std::optional<Break> end();

    [[nodiscard]] std::int64_t records() const { return records_; }
    [[nodiscard]] std::int64_t chains() const { return chains_; }

private:
    int chain_ = 0;
    std::int64_t seq_ = 0;
    Digest hash_ = no_digest;
    std::optional<Link> misfit_;
    std::int64_t records_ = 0;
    std::int64_t chains_ = 0;
};

/// The bytes that a checkpoint's signature covers.
std::string signed_text(const Checkpoint& checkpoint);
Checkpoint sign_checkpoint(std::string_view seed, std::int64_t seq, std::string hash, std::string at);
/// Whether `checkpoint` is signed by the key it names and agrees with the chain at its seq.
std::optional<Break> check_checkpoint(const Checkpoint& checkpoint, std::string_view chain_hash);

/// Judges checkpoints in order. Those of another key are believed only before the first of ours.
class CheckpointCheck {
public:
    explicit CheckpointCheck(std::string key) : key_(std::move(key)) {}  ///< hexadecimal
    std::optional<Break> next(const Checkpoint& checkpoint, std::string_view chain_hash);
    [[nodiscard]] std::int64_t ours() const { return ours_; }
    [[nodiscard]] std::int64_t foreign() const { return foreign_; }

private:
    std::string key_;
    std::int64_t ours_ = 0;
    std::int64_t foreign_ = 0;
};

std::string checkpoint_line(const Checkpoint& checkpoint);  ///< one line of checkpoints.jsonl
std::optional<Checkpoint> parse_checkpoint(std::string_view line);

/// Breaks that only the end of the chain shows.
Break tail_cut(std::int64_t seq, std::int64_t last_seq);
Break unsealed_record(std::string id);

}  // namespace pengcheng::audit
