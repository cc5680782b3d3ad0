#include "app/backup_files.hpp"

#include "app/program.hpp"

#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <fstream>
#include <iostream>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pengcheng::app::backup {

namespace fs = std::filesystem;

namespace {

constexpr ProblemType bad_list{"app.bad-backup", 500, "The backup is not whole", "备份不完整"};
constexpr std::size_t piece_bytes = 1 << 20;
constexpr int depth_max = 16;

/// What lies in var and is no part of a backup.
bool left_out(const std::string& name, bool keys) {
    static const std::set<std::string> names{"pg", "tmp", "backups", "screenshots"};
    return names.contains(name) || name.starts_with("server.") || name.starts_with("before-restore-") ||
           name.starts_with("restoring-") || (name == "keys" && !keys);
}

std::string readable(std::uint64_t bytes) {
    return bytes < (10ULL << 20) ? std::to_string(bytes >> 10) + " KiB"
                                 : std::to_string(bytes >> 20) + " MiB";
}

void write_all(int to, std::string_view bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const ssize_t wrote = ::write(to, bytes.data(), bytes.size());
        if (wrote < 0) {
            throw std::system_error(errno, std::generic_category(), path.string());
        }
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

void collect(const fs::path& folder, const std::string& prefix, int depth, std::vector<std::string>& paths) {
    if (depth > depth_max) {
        return;
    }
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string path = prefix + entry.path().filename().string();
        std::error_code gone;
        if (entry.is_directory(gone)) {
            collect(entry.path(), path + "/", depth + 1, paths);
        } else if (entry.is_regular_file(gone)) {
            paths.push_back(path);
        }
    }
}

}  // namespace

void Progress::stage(std::string name, std::string zh, std::string en, std::uint64_t bytes_total) {
    name_ = std::move(name);
    zh_ = std::move(zh);
    en_ = std::move(en);
    done_ = 0;
    total_ = bytes_total;
    told_ = {};
    tell();
}

void Progress::add(std::uint64_t bytes) {
    done_ += bytes;
    tell();
}

void Progress::tell() {
    const auto now = std::chrono::steady_clock::now();
    if (form_ == Form::none || now - told_ < std::chrono::milliseconds(500)) {
        return;
    }
    told_ = now;
    if (form_ == Form::json) {
        std::cerr << Json{{"stage", name_}, {"bytes", done_}, {"bytes_total", total_}}.dump() << '\n';
        return;
    }
    std::cerr << (chinese_ ? zh_ : en_) << "  " << readable(done_);
    if (total_ > 0) {
        std::cerr << " / " << readable(total_);
    }
    std::cerr << '\n';
}

std::vector<std::string> paths_of_var(const fs::path& var, bool keys) {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(var)) {
        const std::string name = entry.path().filename();
        if (left_out(name, keys)) {
            continue;
        }
        if (entry.is_directory()) {
            collect(entry.path(), name + "/", 1, paths);
        } else if (entry.is_regular_file()) {
            paths.push_back(name);
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

File digest_of(const fs::path& path, const std::function<void(std::string_view)>& take) {
    const Descriptor in(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (in.number() < 0 || fstat(in.number(), &status) != 0) {
        throw std::system_error(errno, std::generic_category(), path.string());
    }
    File file{.mode = status.st_mode & 0777U};
    crypto::Sha256 digest;
    std::vector<char> piece(piece_bytes);
    for (;;) {
        const ssize_t got = ::read(in.number(), piece.data(), piece.size());
        if (got < 0) {
            throw std::system_error(errno, std::generic_category(), path.string());
        }
        if (got == 0) {
            break;
        }
        const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
        digest.update(bytes);
        file.bytes += bytes.size();
        take(bytes);
    }
    file.sha256 = digest.hex();
    return file;
}

void copy_files(const fs::path& from, const fs::path& to, const std::vector<std::string>& paths, Tree& tree,
                Progress& progress) {
    for (const std::string& path : paths) {
        const fs::path target = to / path;
        fs::create_directories(target.parent_path());
        const Descriptor out(open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (out.number() < 0) {
            throw std::system_error(errno, std::generic_category(), target.string());
        }
        if (!fs::exists(from / path)) {
            // An upload that its load has used up since it was listed.
            fs::remove(target);
            tree.vanished += 1;
            continue;
        }
        File file = digest_of(from / path, [&](std::string_view bytes) {
            write_all(out.number(), bytes, target);
            progress.add(bytes.size());
        });
        fchmod(out.number(), file.mode);
        file.path = path;
        tree.bytes += file.bytes;
        tree.files.push_back(std::move(file));
    }
}

void write_file(const fs::path& path, const std::string& text) {
    const Descriptor out(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (out.number() < 0) {
        throw std::system_error(errno, std::generic_category(), path.string());
    }
    write_all(out.number(), text, path);
}

std::string list_text(const Tree& tree) {
    std::string text;
    for (const File& file : tree.files) {
        text += Json{{"path", file.path}, {"bytes", file.bytes}, {"mode", file.mode}, {"sha256", file.sha256}}
                    .dump() +
                "\n";
    }
    return text;
}

std::vector<File> read_list(const fs::path& path) {
    std::vector<File> files;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        const Json entry = Json::parse(line, nullptr, false);
        const bool whole = entry.is_object() && entry.contains("path") && entry["path"].is_string() &&
                           entry.contains("bytes") && entry["bytes"].is_number_unsigned() &&
                           entry.contains("mode") && entry["mode"].is_number_unsigned() &&
                           entry.contains("sha256") && entry["sha256"].is_string();
        const fs::path below = whole ? fs::path(entry["path"].get<std::string>()) : fs::path();
        if (!whole || below.empty() || below.is_absolute() || below != below.lexically_normal() ||
            *below.begin() == "..") {
            throw ProblemError(bad_list.because(
                "files.jsonl 第 " + std::to_string(files.size() + 1) + " 行不正确",
                "line " + std::to_string(files.size() + 1) + " of files.jsonl is not right"));
        }
        files.push_back({.path = below.string(),
                         .bytes = entry["bytes"].get<std::uint64_t>(),
                         .mode = entry["mode"].get<unsigned>() & 0700U,
                         .sha256 = entry["sha256"].get<std::string>()});
    }
    return files;
}

void flush_disk(const fs::path& folder) {
    const Descriptor handle(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (handle.number() < 0 || syncfs(handle.number()) != 0) {
        throw std::system_error(errno, std::generic_category(), folder.string());
    }
}

}  // namespace pengcheng::app::backup
