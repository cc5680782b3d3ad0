#include "http/files.hpp"

#include "http/coding.hpp"
#include "http/conditional.hpp"
#include "http/finish.hpp"
#include "http/problems.hpp"

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

/// FNV-1a: tells one build's file from another's, nothing more.
std::string tag_of(std::string_view content) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (char c : content) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return std::to_string(hash) + "-" + std::to_string(content.size());
}

std::string modified_of(const std::filesystem::path& file) {
    auto at = std::chrono::file_clock::to_sys(std::filesystem::last_write_time(file));
    return to_http_date(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
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
            file.tag = tag_of(file.plain);
            file.modified = modified_of(entry.path());
        }
    }
    if (files_.empty()) {
        log::warn("web.missing", {{"folder", web_root.string()}, {"remedy", "npm run build in src/web"}});
    }
}

std::optional<Reply> Files::find(Request& request) const {
    std::string_view path = request.path;
    bool page =
        path == "/console" || path.starts_with("/console/") || path == "/api/docs" || path == "/api/docs/";
    auto found = files_.find(path);
    if (page && found == files_.end()) {
        path = path.starts_with("/console") ? "/console/index.html" : "/docs/index.html";
        found = files_.find(path);
    }
    if (found == files_.end()) {
        return std::nullopt;
    }
    request.from_files = true;
    if (!request.is_read()) {
        request.allow = "GET, HEAD, OPTIONS";
        Reply reply = request.method == "OPTIONS" ? Reply::no_content()
                                                  : problem_reply(problem::no_method.plain(), request);
        reply.header("Allow", request.allow);
        return reply;
    }
    const File& file = found->second;
    Reply reply;
    reply.content_type = file.type;
    reply.ranges = true;
    reply.header("Cache-Control",
                 path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
    reply.header("Vary", "Accept-Encoding");
    reply.header("Last-Modified", file.modified);
    std::vector<Coding> offered;
    if (!file.brotli.empty()) {
        offered.push_back(Coding::brotli);
    }
    if (!file.gzip.empty()) {
        offered.push_back(Coding::gzip);
    }
    // A range is of the plain bytes: parts of a coded form help nobody who asks for parts.
    bool part = !request.header("Range").empty();
    Coding coding = part ? Coding::identity : choose_coding(request.header("Accept-Encoding"), offered);
    reply.lasting = coding == Coding::brotli ? file.brotli : coding == Coding::gzip ? file.gzip : file.plain;
    std::string tag = file.tag;
    if (coding != Coding::identity) {
        reply.header("Content-Encoding", std::string(to_text(coding)));
        tag += "-" + std::string(to_text(coding));
    }
    reply.header("ETag", "\"" + tag + "\"");
    return reply;
}

}  // namespace pengcheng::http
