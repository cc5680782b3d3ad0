#pragma once

#include <filesystem>
#include <string>

namespace pengcheng::packs {

/// Digest of a folder's files without reading them as YAML; empty where references or a missing folder make
/// it tell nothing.
std::string digest_of_folder(const std::filesystem::path& folder);
/// A pack is called as its folder.
std::string name_of_folder(const std::filesystem::path& folder);

}  // namespace pengcheng::packs
