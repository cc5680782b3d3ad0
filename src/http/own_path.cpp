#include <pengcheng/http/own_path.hpp>

#include <algorithm>

namespace pengcheng::http {

std::string own_path(std::string_view wanted, std::string_view otherwise) {
    const bool plain = std::none_of(wanted.begin(), wanted.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\';
    });
    const bool own = plain && wanted.starts_with('/') && !wanted.starts_with("//");
    return std::string(own ? wanted : otherwise);
}

}  // namespace pengcheng::http
