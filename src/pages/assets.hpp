#pragma once

#include <string>
#include <vector>

namespace pengcheng::pages {

/// Addresses of one entry of the web build, as the layout links them.
struct Assets {
    std::vector<std::string> styles;
    std::vector<std::string> scripts;
};

/// Pure: from the text of Vite's manifest.json. Styles of shared chunks come before the entry's own.
/// Throws Json::exception for what is not a manifest.
Assets assets_of_manifest(std::string_view manifest, const std::string& entry);

/// The portal's entry in `web_root`. Read once per folder; empty, with a warning in the log, while the front
/// end is not built. Thread-safe.
Assets portal_assets(const std::string& web_root);

}  // namespace pengcheng::pages
