#include "http/files.hpp"

#include <pengcheng/base/log.hpp>

#include <array>
#include <fstream>
#include <sstream>

namespace pengcheng::http {

namespace {

std::string content_type(const std::string& name) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> types{{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".ttf", "font/ttf"},
        {".txt", "text/plain; charset=utf-8"},
        {".geojson", "application/geo+json"},
    }};
    for (const auto& [ending, type] : types) {
        if (name.ends_with(ending)) {
            return std::string(type);
        }
    }
    return "application/octet-stream";
}

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

}  // namespace

Files::Files(const std::filesystem::path& web_root) {
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(web_root, error)) {
        std::string name = "/" + std::filesystem::relative(entry.path(), web_root).string();
        if (!entry.is_regular_file() || name.ends_with("manifest.json")) {
            continue;
        }
        if (name.ends_with(".gz")) {
            files_[name.substr(0, name.size() - 3)].gzip = read(entry.path());
        } else if (name.ends_with(".br")) {
            files_[name.substr(0, name.size() - 3)].brotli = read(entry.path());
        } else {
            File& file = files_[name];
            file.type = content_type(name);
            file.plain = read(entry.path());
        }
    }
    if (files_.empty()) {
        log::warn("web.missing", {{"folder", web_root.string()}, {"remedy", "npm run build in src/web"}});
    }
}

std::optional<Reply> Files::find(const Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") {
        return std::nullopt;
    }
    std::string path = request.path;
    bool page =
        path == "/console" || path.starts_with("/console/") || path == "/api/docs" || path == "/api/docs/";
    if (page && !files_.contains(path)) {
        path = path.starts_with("/console") ? "/console/index.html" : "/docs/index.html";
    }
    auto found = files_.find(path);
    if (found == files_.end()) {
        return std::nullopt;
    }
    const File& file = found->second;
    Reply reply;
    reply.content_type = file.type;
    reply.header("Cache-Control",
                 path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
    reply.header("Vary", "Accept-Encoding");
    std::string_view accepted = request.header("Accept-Encoding");
    if (!file.brotli.empty() && accepted.find("br") != std::string_view::npos) {
        reply.header("Content-Encoding", "br");
        reply.body = file.brotli;
    } else if (!file.gzip.empty() && accepted.find("gzip") != std::string_view::npos) {
        reply.header("Content-Encoding", "gzip");
        reply.body = file.gzip;
    } else {
        reply.body = file.plain;
    }
    return reply;
}

}  // namespace pengcheng::http
