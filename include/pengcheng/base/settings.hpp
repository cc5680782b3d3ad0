#pragma once

#include <pengcheng/base/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace pengcheng {

/// A setting as it holds, and who said so.
struct Setting {
    std::string name;    ///< "limits.body_bytes_max"
    std::string value;   ///< as text; as it is, so mask it before it is shown where `secret`
    std::string type;    ///< text, number, flag
    std::string source;  ///< default | file | environment
    std::string where;   ///< "/etc/pengcheng.yaml:3", "PENGCHENG_LISTEN", or empty
    bool secret = false;
};

/// Every setting, by name. Throws like Config::load.
std::vector<Setting> effective_settings(const std::filesystem::path& file);

/// JSON Schema of a configuration file, for editors.
Json settings_schema();

}  // namespace pengcheng
