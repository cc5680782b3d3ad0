#include "formats/byte_source.hpp"

#include "formats/problems.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <cstdio>
#include <cstring>

namespace pengcheng::formats {

namespace {

constexpr std::int64_t ratio_free_bytes = 64 << 20;

class PlainFile final : public ByteSource {
public:
    explicit PlainFile(const std::filesystem::path& path) : file_(std::fopen(path.c_str(), "rb")) {
        if (file_ == nullptr) {
            throw std::runtime_error("cannot open " + path.string() + ": " + std::strerror(errno));
        }
    }
    ~PlainFile() override { std::fclose(file_); }
    PlainFile(const PlainFile&) = delete;
    PlainFile& operator=(const PlainFile&) = delete;

    std::size_t read(char* into, std::size_t size) override {
        std::size_t count = std::fread(into, 1, size, file_);
        if (count == 0 && std::ferror(file_) != 0) {
            throw std::runtime_error("cannot read the file: " + std::string(std::strerror(errno)));
        }
        position_ += static_cast<std::int64_t>(count);
        return count;
    }
    [[nodiscard]] std::int64_t position() const override { return position_; }

private:
    std::FILE* file_;
    std::int64_t position_ = 0;
};

/// With zlib, because libarchive does not look at the checksum at the end of a member.
class GzipFile final : public ByteSource {
public:
    GzipFile(const std::filesystem::path& path, ReadLimits limits)
        : file_(path), limits_(limits), packed_(packed_bytes, '\0') {
        constexpr int gzip_window = 15 + 16;  // +16: with gzip's head and tail
        if (inflateInit2(&stream_, gzip_window) != Z_OK) {
            throw std::runtime_error("zlib cannot start");
        }
    }
    ~GzipFile() override { inflateEnd(&stream_); }
    GzipFile(const GzipFile&) = delete;
    GzipFile& operator=(const GzipFile&) = delete;

    std::size_t read(char* into, std::size_t size) override {
        stream_.next_out = reinterpret_cast<Bytef*>(into);
        stream_.avail_out = static_cast<uInt>(size);
        while (stream_.avail_out == size && !ended_) {
            if (!fill()) {
                fail("the file ends in the middle");
            }
            int state = inflate(&stream_, Z_NO_FLUSH);
            if (state == Z_STREAM_END) {
                next_member();
            } else if (state != Z_OK && state != Z_BUF_ERROR) {
                fail(stream_.msg != nullptr ? stream_.msg : "not gzip");
            }
        }
        std::size_t count = size - stream_.avail_out;
        unpacked_ += static_cast<std::int64_t>(count);
        check_ratio(position(), unpacked_, limits_);
        return count;
    }
    [[nodiscard]] std::int64_t position() const override { return file_.position() - stream_.avail_in; }

private:
    static constexpr std::size_t packed_bytes = 1 << 16;

    /// False at the end of the file.
    bool fill() {
        if (stream_.avail_in == 0) {
            stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
            stream_.avail_in = static_cast<uInt>(file_.read(packed_.data(), packed_.size()));
        }
        return stream_.avail_in > 0;
    }
    /// Members may follow one another; zeros or anything else after the last are padding, as gzip has it.
    void next_member() {
        constexpr Bytef magic = 0x1f;
        ended_ = !fill() || *stream_.next_in != magic;
        if (!ended_) {
            inflateReset(&stream_);
        }
    }
    [[noreturn]] void fail(const std::string& why) const {
        throw ProblemError(problem::broken_archive.because(
            "解压到第 " + std::to_string(stream_.total_out) + " 字节时出错，请重新压缩或直接上传原文件",
            "unpacking failed after " + std::to_string(stream_.total_out) + " bytes (" + why +
                "); pack it again or send the plain file"));
    }

    PlainFile file_;
    ReadLimits limits_;
    std::string packed_;
    z_stream stream_{};
    bool ended_ = false;
    std::int64_t unpacked_ = 0;
};

class ZstdFile final : public ByteSource {
public:
    ZstdFile(const std::filesystem::path& path, ReadLimits limits)
        : archive_(archive_read_new()), limits_(limits) {
        archive_read_support_filter_zstd(archive_);
        archive_read_support_format_raw(archive_);
        archive_entry* entry = nullptr;
        if (archive_read_open_filename(archive_, path.c_str(), 1 << 16) != ARCHIVE_OK ||
            archive_read_next_header(archive_, &entry) != ARCHIVE_OK) {
            std::string reason = text_of_error();
            archive_read_free(archive_);
            throw ProblemError(
                problem::broken_archive.because("压缩数据无法打开", "cannot unpack: " + reason));
        }
    }
    ~ZstdFile() override { archive_read_free(archive_); }
    ZstdFile(const ZstdFile&) = delete;
    ZstdFile& operator=(const ZstdFile&) = delete;

    std::size_t read(char* into, std::size_t size) override {
        la_ssize_t count = archive_read_data(archive_, into, size);
        if (count < 0) {
            throw ProblemError(problem::broken_archive.because(
                "解压到第 " + std::to_string(unpacked_) + " 字节时出错，请重新压缩或直接上传原文件",
                "unpacking failed after " + std::to_string(unpacked_) + " bytes (" + text_of_error() +
                    "); pack it again or send the plain file"));
        }
        unpacked_ += count;
        check_ratio(position(), unpacked_, limits_);
        return static_cast<std::size_t>(count);
    }
    [[nodiscard]] std::int64_t position() const override { return archive_filter_bytes(archive_, -1); }

private:
    std::string text_of_error() {
        const char* text = archive_error_string(archive_);
        return text != nullptr ? text : "unknown";
    }

    archive* archive_;
    ReadLimits limits_;
    std::int64_t unpacked_ = 0;
};

}  // namespace

void check_ratio(std::int64_t packed, std::int64_t unpacked, const ReadLimits& limits) {
    bool out_of_proportion =
        unpacked > ratio_free_bytes && unpacked / std::max<std::int64_t>(packed, 1) > limits.unpack_ratio_max;
    if (unpacked > limits.unpacked_bytes_max || out_of_proportion) {
        throw ProblemError(problem::too_large.because(
            "解压后已超过 " + std::to_string(unpacked >> 20) + " MiB，请拆分后上传",
            "it unpacks to over " + std::to_string(unpacked >> 20) + " MiB; split it"));
    }
}

std::string file_magic(const std::filesystem::path& path, std::size_t size) {
    PlainFile file(path);
    std::string magic(size, '\0');
    magic.resize(file.read(magic.data(), size));
    return magic;
}

namespace {

constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";

}  // namespace

bool is_compressed(std::string_view magic) {
    return magic.starts_with(gzip_magic) || magic.starts_with(zstd_magic);
}

std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& path, const ReadLimits& limits) {
    std::string magic = file_magic(path, 4);
    if (magic.starts_with(gzip_magic)) {
        return std::make_unique<GzipFile>(path, limits);
    }
    if (magic.starts_with(zstd_magic)) {
        return std::make_unique<ZstdFile>(path, limits);
    }
    return std::make_unique<PlainFile>(path);
}

}  // namespace pengcheng::formats
