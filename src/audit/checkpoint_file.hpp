#pragma once

#include "audit/checkpoint.hpp"

#include <filesystem>
#include <fstream>

namespace pengcheng::audit {

/// `chain.jsonl` in a folder outside the database: a copy of the signed checkpoints. One process writes a
/// folder at a time. Blocking: the sealer's thread and the CLI.
class CheckpointFile {
public:
    explicit CheckpointFile(const std::filesystem::path& folder) : path_(folder / "chain.jsonl") {}

    /// On disk when it returns. A line that a crash left unfinished is removed first.
    void append(const std::vector<Checkpoint>& checkpoints) const;
    /// Bytes of finished lines; 0 when there is no file.
    [[nodiscard]] std::int64_t bytes() const;
    /// The last finished line; nothing when there is none. Throws ProblemError when it cannot be read.
    [[nodiscard]] std::optional<Checkpoint> last() const;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The checkpoints in the first `bytes` of the file, one at a time.
class CheckpointReader {
public:
    CheckpointReader(const CheckpointFile& file, std::int64_t bytes);
    /// The next checkpoint without taking it; nothing at the end. An unreadable line has number -1.
    [[nodiscard]] const std::optional<Checkpoint>& peek() const { return next_; }
    void take();

private:
    std::ifstream stream_;
    std::int64_t left_;
    std::optional<Checkpoint> next_;
};

}  // namespace pengcheng::audit
