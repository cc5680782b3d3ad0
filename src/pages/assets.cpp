#include "pages/assets.hpp"

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/log.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

namespace pengcheng::pages {
namespace {

void add_chunk(const Json& manifest, const std::string& key, std::set<std::string>& seen, Assets& out) {
    if (!seen.insert(key).second || !manifest.contains(key)) {
        return;
    }
    const Json& chunk = manifest.at(key);
    for (const auto& import : chunk.value("imports", Json::array())) {
        add_chunk(manifest, import.get<std::string>(), seen, out);
    }
    for (const auto& style : chunk.value("css", Json::array())) {
        std::string address = "/" + style.get<std::string>();
        if (std::find(out.styles.begin(), out.styles.end(), address) == out.styles.end()) {
            out.styles.push_back(std::move(address));
        }
    }
}

}  // namespace

Assets assets_of_manifest(std::string_view manifest, const std::string& entry) {
    Json parsed = Json::parse(manifest);
    Assets out;
    std::set<std::string> seen;
    add_chunk(parsed, entry, seen, out);
    if (parsed.contains(entry)) {
        out.scripts.push_back("/" + parsed.at(entry).at("file").get<std::string>());
    }
    return out;
}

Assets portal_assets(const std::string& web_root) {
    static std::mutex mutex;
    static std::map<std::string, Assets> known;
    std::lock_guard lock(mutex);
    auto found = known.find(web_root);
    if (found != known.end()) {
        return found->second;
    }
    std::ifstream file(std::filesystem::path(web_root) / "manifest.json", std::ios::binary);
    if (!file) {
        log::warn("pages.no_manifest", {{"web_root", web_root}});
        return {};
    }
    std::ostringstream text;
    text << file.rdbuf();
    return known.emplace(web_root, assets_of_manifest(text.str(), "portal/main.ts")).first->second;
}

}  // namespace pengcheng::pages
