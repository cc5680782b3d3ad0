#pragma once

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace pengcheng::fuzz {

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// A broken promise is a crash, so that the fuzzer keeps the input.
inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// Bytes under a path, for readers that take files; nothing reaches the disk.
class MemoryFile {
public:
    explicit MemoryFile(std::string_view bytes) : file_(memfd_create("fuzz", MFD_CLOEXEC)) {
        while (!bytes.empty()) {
            ssize_t count = write(file_, bytes.data(), bytes.size());
            if (count < 0) {
                throw std::runtime_error("cannot write a file in memory");
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    ~MemoryFile() { close(file_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

private:
    int file_;
};

}  // namespace pengcheng::fuzz
