#pragma once

#include "audit/lane.hpp"

#include <pengcheng/audit/sealer.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Checkpoints, pure: what is signed, and whether a sequence of them holds.
namespace pengcheng::audit {

/// A stretch of a chain that was removed by policy. Its end is where what is left begins.
struct Pruned {
    int chain = 0;
    std::int64_t first = 0, last = 0;
    Digest before = no_digest, hash = no_digest;  ///< of the record before the first; of the last
};

/// What a checkpoint says, one line each:
/// "pengcheng-checkpoint-2", "number N", "at TIME", "before HASH", then "head CHAIN SEQ HASH" of every chain
/// in ascending order and "pruned CHAIN FIRST LAST BEFORE HASH" where it records a pruning.
struct Statement {
    std::int64_t number = 0;
    std::string at;             ///< RFC 3339
    Digest before = no_digest;  ///< SHA-256 of the body of the one before
    std::vector<Head> heads;
    std::vector<Pruned> pruned;
};
std::string body_of(const Statement& statement);
std::optional<Statement> parse_body(std::string_view body);
Digest hash_of(const Checkpoint& checkpoint);

Checkpoint sign_checkpoint(std::string_view seed, const Statement& statement);
bool signature_holds(const Checkpoint& checkpoint);

std::string checkpoint_line(const Checkpoint& checkpoint);  ///< one line of a copy, with its line break
std::optional<Checkpoint> parse_checkpoint(std::string_view line);

/// What checkpoints say of each chain, in ascending order of seq: 40 bytes for each that a checkpoint found
/// longer.
struct SeenHead {
    std::int64_t seq = 0;
    Digest hash = no_digest;
};
using Heads = std::map<int, std::vector<SeenHead>>;

/// Judges checkpoints in order of their numbers. Those of another key are believed only before the first of
/// ours: a database restored elsewhere.
class CheckpointCheck {
public:
    explicit CheckpointCheck(std::string key) : key_(std::move(key)) {}  ///< hexadecimal
    /// The first one may stand in the middle of the sequence, as the anchor of an export.
    void begin_at(std::int64_t number) { last_ = number - 1, anchored_ = true; }
    std::optional<Break> next(const Checkpoint& checkpoint);

    [[nodiscard]] const Heads& heads() const { return heads_; }
    /// Where what is left of each chain begins.
    [[nodiscard]] const std::map<int, Head>& pruned() const { return pruned_; }
    [[nodiscard]] std::int64_t ours() const { return ours_; }
    [[nodiscard]] std::int64_t foreign() const { return foreign_; }
    [[nodiscard]] std::int64_t last() const { return last_; }
    /// The hash of a checkpoint seen; nothing for other numbers.
    [[nodiscard]] std::optional<Digest> hash(std::int64_t number) const;

private:
    std::optional<Break> take_heads(const Statement& said);
    std::optional<Break> take_pruned(const Statement& said);

    std::string key_;
    std::int64_t last_ = 0;
    bool anchored_ = false;
    std::int64_t first_ = 1;
    std::vector<Digest> hashes_;
    Heads heads_;
    std::map<int, Head> pruned_;
    std::int64_t ours_ = 0;
    std::int64_t foreign_ = 0;
};

/// Holds chains against what checkpoints say of them. Lifetime: within that of the CheckpointCheck.
class HeadWatch {
public:
    /// `begin`: where the records begin, for chains of which not all are there.
    HeadWatch(const CheckpointCheck& checkpoints, std::map<int, Head> begin)
        : checkpoints_(checkpoints), begin_(std::move(begin)) {}
    /// A record that fits its chain, in ascending order of seq.
    std::optional<Break> at(int chain, std::int64_t seq, const Digest& hash);
    /// After all records: is there less of a chain than a checkpoint knows?
    [[nodiscard]] std::optional<Break> end() const;

private:
    struct Place {
        std::size_t next = 0;  ///< in the chain's heads
        std::int64_t seq = 0;
    };
    const CheckpointCheck& checkpoints_;
    std::map<int, Head> begin_;
    std::map<int, Place> places_;
};

Break broken_checkpoint(std::int64_t number, std::string_view zh, std::string_view en);
/// A checkpoint knows `seq` of the chain, the chain ends at `last`.
Break tail_cut(int chain, std::int64_t seq, std::int64_t last);
Break rewritten(int chain, std::int64_t seq);

}  // namespace pengcheng::audit
