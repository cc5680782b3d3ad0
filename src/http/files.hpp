#pragma once

#include "http/request.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace pengcheng::http {

/// The built front end, read into memory once at start: hashed assets with their .gz and .br, the console's
/// page and the API browser's. Immutable; shared by all I/O threads; outlives their replies.
class Files {
public:
    explicit Files(const std::filesystem::path& web_root);
    /// The reply for a path, or nothing when no file is served there. Marks the request as answered here.
    [[nodiscard]] std::optional<Reply> find(Request& request) const;

private:
    struct File {
        std::string type, plain, gzip, brotli;
        std::string tag;       ///< of the content, without quotes
        std::string modified;  ///< Last-Modified
    };
    std::map<std::string, File, std::less<>> files_;  ///< by path: "/assets/x.js"
};

}  // namespace pengcheng::http
