#pragma once

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/formats/table_reader.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace pengcheng::formats {

/// A file of a test's own, gone with it.
class File {
public:
    File(const std::string& name, const std::string& bytes)
        : folder_(std::filesystem::temp_directory_path() / ("pengcheng-" + random_hex(8))),
          path_(folder_ / name) {
        std::filesystem::create_directories(folder_);
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ~File() { std::filesystem::remove_all(folder_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::unique_ptr<TableReader> open() const { return open_table(path_); }

private:
    std::filesystem::path folder_;
    std::filesystem::path path_;
};

inline std::vector<std::vector<std::string>> rows_of(TableReader& table) {
    std::vector<std::vector<std::string>> out;
    std::vector<std::string> cells;
    std::int64_t line = 0;
    while (table.next(cells, line)) {
        EXPECT_EQ(table.fault(), nullptr) << "line " << line;
        out.push_back(cells);
    }
    return out;
}

template <class F>
std::string problem_of(F work) {
    try {
        work();
    } catch (const ProblemError& error) {
        return std::string(error.problem().type->code);
    }
    return "";
}

/// The folder of real files; empty where there is none (CI must have it).
inline std::filesystem::path real_files() {
    const char* set = std::getenv("PENGCHENG_TEST_DATA");
    auto beside = std::filesystem::path(PENGCHENG_SOURCE_FOLDER) / "../shared/data";
    std::filesystem::path folder = set != nullptr ? std::filesystem::path(set) : beside;
    if (std::filesystem::exists(folder)) {
        return folder;
    }
    EXPECT_EQ(std::getenv("CI"), nullptr) << "PENGCHENG_TEST_DATA must name the folder of real files";
    return {};
}

}  // namespace pengcheng::formats
