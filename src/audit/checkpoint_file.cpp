#include "audit/checkpoint_file.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace pengcheng::audit {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

std::int64_t CheckpointFile::bytes() const {
    std::ifstream file(path_, std::ios::binary | std::ios::ate);
    if (!file) {
        return 0;
    }
    // A line has well under 400 bytes, so the last line break is near the end.
    std::int64_t size = file.tellg();
    std::int64_t from = std::max<std::int64_t>(0, size - 4096);
    std::string tail(static_cast<std::size_t>(size - from), '\0');
    file.seekg(from);
    file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    std::size_t end = tail.rfind('\n');
    return end == std::string::npos ? from : from + static_cast<std::int64_t>(end) + 1;
}

void CheckpointFile::append(const Checkpoint& checkpoint) const {
    std::filesystem::create_directories(path_.parent_path());
    std::int64_t whole = bytes();
    int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        fail(path_);
    }
    std::string line = checkpoint_line(checkpoint);
    bool written = ::ftruncate(file, whole) == 0 &&
                   ::pwrite(file, line.data(), line.size(), whole) == static_cast<ssize_t>(line.size()) &&
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
        next_ = Checkpoint{.seq = -1};
    }
}

}  // namespace pengcheng::audit
