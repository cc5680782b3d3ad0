#include "crypto/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pengcheng::crypto {

namespace {

namespace fs = std::filesystem;

struct File {
    int descriptor = -1;
    ~File() {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
};

[[noreturn]] void refuse(const fs::path& path, int error) {
    std::string reason = path.string() + ": " + std::strerror(error);
    throw ProblemError(problem::no_key.because(reason, reason));
}

void write_all(int descriptor, std::string_view text, const fs::path& path) {
    while (!text.empty()) {
        ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            refuse(path, errno);
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
}

/// Writes the key aside and links it to its name: a reader sees the whole key or none, and of two makers
/// the first wins.
void make(const fs::path& folder, const fs::path& path) {
    std::error_code ignored;
    if (fs::create_directories(folder, ignored)) {
        fs::permissions(folder, fs::perms::owner_all);
    }
    fs::path aside = path.string() + "." + to_hex(random_bytes(8));
    {
        File file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
        if (file.descriptor < 0) {
            refuse(aside, errno);
        }
        write_all(file.descriptor, to_hex(random_bytes(key_bytes)) + "\n", aside);
        if (::fsync(file.descriptor) != 0) {
            refuse(aside, errno);
        }
    }
    int linked = ::link(aside.c_str(), path.c_str());
    int error = errno;
    ::unlink(aside.c_str());
    if (linked != 0 && error != EEXIST) {
        refuse(path, error);
    }
    File directory{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (directory.descriptor >= 0) {
        ::fsync(directory.descriptor);
    }
}

std::optional<std::string> from_hex(std::string_view text) {
    auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    if (text.size() != 2 * key_bytes) {
        return std::nullopt;
    }
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int high = digit(text[i]);
        int low = digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

}  // namespace

std::string key_file(const fs::path& folder, std::string_view name) {
    fs::path path = folder / (std::string(name) + ".key");
    File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.descriptor < 0 && errno == ENOENT) {
        make(folder, path);
        file.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    }
    if (file.descriptor < 0) {
        refuse(path, errno);
    }
    struct stat status{};
    if (::fstat(file.descriptor, &status) != 0) {
        refuse(path, errno);
    }
    if ((status.st_mode & 0077U) != 0) {
        throw ProblemError(
            problem::loose_key.because(path.string() + "：请先确认密钥未泄露，再执行 chmod 600",
                                       path.string() + ": make sure it has not leaked, then chmod 600"));
    }
    char text[2 * key_bytes + 2];
    ssize_t size = ::read(file.descriptor, text, sizeof text);
    auto key = from_hex(trim(std::string_view(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)))));
    if (!key) {
        throw ProblemError(problem::bad_key.because(
            path.string() + "：应为 64 位十六进制数，请从备份恢复",
            path.string() + ": expected 64 hexadecimal digits; restore it from a backup"));
    }
    return *key;
}

}  // namespace pengcheng::crypto
