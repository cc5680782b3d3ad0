#pragma once

#include "audit/chain.hpp"

#include <filesystem>
#include <fstream>

namespace pengcheng::audit {

/// `var/evidence/checkpoints.jsonl`: the copy of signed checkpoints outside the database. Only the holder of
/// the sealing lock writes it. Blocking: the sealer's thread and the CLI.
class CheckpointFile {
public:
    explicit CheckpointFile(const std::filesystem::path& folder) : path_(folder / "checkpoints.jsonl") {}

    /// On disk when it returns. A line that a crash left unfinished is removed first.
    void append(const Checkpoint& checkpoint) const;
    /// Bytes of finished lines; 0 when there is no file.
    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The checkpoints in the first `bytes` of the file, one at a time.
class CheckpointReader {
public:
    CheckpointReader(const CheckpointFile& file, std::int64_t bytes);
    /// The next checkpoint without taking it; nothing at the end. An unreadable line has seq -1.
    [[nodiscard]] const std::optional<Checkpoint>& peek() const { return next_; }
    void take();

private:
    std::ifstream stream_;
    std::int64_t left_;
    std::optional<Checkpoint> next_;
};

}  // namespace pengcheng::audit
