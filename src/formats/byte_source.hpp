#pragma once

#include <pengcheng/formats/table_reader.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace pengcheng::formats {

/// Bytes of a file, unpacked where it is gzip or zstd. Blocking.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Up to `size` bytes; 0 at the end. Throws ProblemError for a damaged or oversized archive.
    virtual std::size_t read(char* into, std::size_t size) = 0;
    /// Bytes taken from the file on disk.
    [[nodiscard]] virtual std::int64_t position() const = 0;
};

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path, const ReadLimits& limits);
/// The first bytes as they lie on disk.
std::string file_magic(const std::filesystem::path& path, std::size_t size);
bool is_compressed(std::string_view magic);
/// Refuses output out of all proportion to what was read.
void check_ratio(std::int64_t packed, std::int64_t unpacked, const ReadLimits& limits);

}  // namespace pengcheng::formats
