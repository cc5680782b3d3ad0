#pragma once

#include "audit/checkpoint_file.hpp"

#include <string>
#include <vector>

namespace pengcheng::audit {

/// The signing key and where checkpoints go. Reads the key file: blocking, at start-up.
class Sealing {
public:
    explicit Sealing(const Runtime& runtime);

    /// Links every event that was committed before this call -> how many.
    asio::awaitable<std::int64_t> seal_pending(db::Pool& db) const;
    /// Signs the ends of all chains, unless the last checkpoint says the same, and continues the copies.
    /// Signs nothing over chains that lost what the last one covered: throws ProblemError audit.chain-broken.
    asio::awaitable<Checkpoint> checkpoint(db::Pool& db) const;
    /// Removes whole months of evidence that ended over `keep_months` ago, each with a checkpoint that keeps
    /// the ends of what was removed -> how many months. Throws ProblemError when one does not verify.
    asio::awaitable<int> prune(db::Pool& db, int keep_months) const;

    [[nodiscard]] const std::string& public_key() const { return public_key_; }  ///< hexadecimal
    [[nodiscard]] const std::vector<CheckpointFile>& copies() const { return copies_; }

private:
    asio::awaitable<Checkpoint> sign(db::Transaction& tx, std::vector<Head> heads,
                                     std::vector<Pruned> pruned) const;
    asio::awaitable<void> continue_copies(db::Pool& db) const;
    asio::awaitable<void> prune_month(db::Pool& db, std::string partition) const;

    const Clock& clock_;
    std::string seed_;
    std::string public_key_;
    std::vector<CheckpointFile> copies_;
};

/// The heads of all chains, that of events first.
asio::awaitable<std::vector<Head>> list_heads(db::Transaction& tx);

}  // namespace pengcheng::audit
