#pragma once

#include "audit/checkpoint_file.hpp"

#include <string>

namespace pengcheng::audit {

/// The signing key and where checkpoints go. Reads the key file: blocking, at start-up.
class Sealing {
public:
    explicit Sealing(const Runtime& runtime);

    /// Links every record that was committed before this call -> how many.
    asio::awaitable<std::int64_t> seal_pending(db::Pool& db) const;
    /// Signs the end of the chain, unless a checkpoint is there already.
    asio::awaitable<Checkpoint> checkpoint(db::Pool& db) const;

    [[nodiscard]] const std::string& public_key() const { return public_key_; }  ///< hexadecimal
    [[nodiscard]] const CheckpointFile& file() const { return file_; }

private:
    const Clock& clock_;
    std::string seed_;
    std::string public_key_;
    CheckpointFile file_;
};

}  // namespace pengcheng::audit
