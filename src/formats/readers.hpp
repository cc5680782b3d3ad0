#pragma once

#include <pengcheng/formats/table_reader.hpp>

#include <filesystem>
#include <memory>

namespace pengcheng::formats {

std::unique_ptr<TableReader> open_csv(const std::filesystem::path& path, const ReadOptions& options);
std::unique_ptr<TableReader> open_json(const std::filesystem::path& path, const ReadOptions& options);
std::unique_ptr<TableReader> open_xlsx(const std::filesystem::path& path, const ReadOptions& options);

}  // namespace pengcheng::formats
