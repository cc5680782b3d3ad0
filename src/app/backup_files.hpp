#pragma once

#include <pengcheng/base/json.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// The file side of backups. A backup is a folder:
///   manifest.json   what it is: format, schema, sizes, digests of the two below
///   database.dump   pg_dump's custom format, of one snapshot
///   files.jsonl     one line a file of var: path, bytes, mode, sha256
///   files/          those files under the same paths
namespace pengcheng::app::backup {

inline constexpr int format = 1;

/// Tells people (stderr) how far a long step has come, at most twice a second.
class Progress {
public:
    enum class Form { none, text, json };
    Progress(Form form, bool chinese) : form_(form), chinese_(chinese) {}

    void stage(std::string name, std::string zh, std::string en, std::uint64_t bytes_total);
    void add(std::uint64_t bytes);

private:
    void tell();

    Form form_;
    bool chinese_;
    std::string name_, zh_, en_;
    std::uint64_t done_ = 0, total_ = 0;
    std::chrono::steady_clock::time_point told_;
};

struct File {
    std::string path;  ///< below the folder
    std::uint64_t bytes = 0;
    unsigned mode = 0600;
    std::string sha256;
};

struct Tree {
    std::vector<File> files;
    std::uint64_t bytes = 0;
    int vanished = 0;  ///< listed, gone when their turn came
};

/// Paths of the files below `folder` that a backup holds, in order: all but the cluster, temporary files,
/// logs and what belongs to the running process. `keys`: with var/keys.
std::vector<std::string> paths_of_var(const std::filesystem::path& var, bool keys);

/// Copies `paths` of one folder into another and notes their digests.
void copy_files(const std::filesystem::path& from, const std::filesystem::path& to,
                const std::vector<std::string>& paths, Tree& tree, Progress& progress);

/// Digest of a file, read in pieces. Throws std::system_error where it cannot be read.
File digest_of(const std::filesystem::path& file, const std::function<void(std::string_view)>& take);

void write_file(const std::filesystem::path& path, const std::string& text);
std::string list_text(const Tree& tree);
/// The files of a backup's list. Throws ProblemError for a line that is none or leads out of the folder.
std::vector<File> read_list(const std::filesystem::path& file);

/// Waits until everything below `folder` lies on its disk.
void flush_disk(const std::filesystem::path& folder);

}  // namespace pengcheng::app::backup
