#include "audit/checkpoint_file.hpp"

#include "audit/problems.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace pengcheng::audit {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw std::system_error(errno, std::generic_category(), path.string());
}

/// A line holds one checkpoint, 90 bytes a chain: the last break is within this.
constexpr std::int64_t line_bytes_max = 1 << 20;

std::string end_of(std::ifstream& file, std::int64_t size) {
    std::string tail(static_cast<std::size_t>(std::min(size, line_bytes_max)), '\0');
    file.seekg(size - static_cast<std::int64_t>(tail.size()));
    file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    return tail;
}

}  // namespace

std::int64_t CheckpointFile::bytes() const {
    std::ifstream file(path_, std::ios::binary | std::ios::ate);
    if (!file) {
        return 0;
    }
    std::int64_t size = file.tellg();
    std::string tail = end_of(file, size);
    std::size_t end = tail.rfind('\n');
    std::int64_t from = size - static_cast<std::int64_t>(tail.size());
    return end == std::string::npos ? from : from + static_cast<std::int64_t>(end) + 1;
}

std::optional<Checkpoint> CheckpointFile::last() const {
    std::int64_t whole = bytes();
    if (whole == 0) {
        return std::nullopt;
    }
    std::ifstream file(path_, std::ios::binary);
    std::string tail = end_of(file, whole - 1);
    std::size_t begin = tail.rfind('\n');
    auto found = parse_checkpoint(begin == std::string::npos ? tail : tail.substr(begin + 1));
    if (!found) {
        throw ProblemError(problem::bad_copy.because(
            path_.string() + " 末行无法读取", "the last line of " + path_.string() + " is unreadable"));
    }
    return found;
}

void CheckpointFile::append(const std::vector<Checkpoint>& checkpoints) const {
    if (checkpoints.empty()) {
        return;
    }
    std::filesystem::create_directories(path_.parent_path());
    std::int64_t whole = bytes();
    int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        fail(path_);
    }
    std::string lines;
    for (const Checkpoint& checkpoint : checkpoints) {
        lines += checkpoint_line(checkpoint);
    }
    bool written = ::ftruncate(file, whole) == 0 &&
                   ::pwrite(file, lines.data(), lines.size(), whole) == static_cast<ssize_t>(lines.size()) &&
                   ::fsync(file) == 0;
    int error = errno;
    ::close(file);
    if (!written) {
        errno = error;
        fail(path_);
    }
}

CheckpointReader::CheckpointReader(const CheckpointFile& file, std::int64_t bytes)
    : stream_(file.path(), std::ios::binary), left_(bytes) {
    take();
}

void CheckpointReader::take() {
    next_.reset();
    std::string line;
    if (left_ <= 0 || !std::getline(stream_, line)) {
        return;
    }
    left_ -= static_cast<std::int64_t>(line.size()) + 1;
    next_ = parse_checkpoint(line);
    if (!next_) {
        next_ = Checkpoint{.number = -1};
    }
}

}  // namespace pengcheng::audit
