#include "http/trace.hpp"

#include <algorithm>

namespace pengcheng::http {

namespace {

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

Trace parse_traceparent(std::string_view header) {
    // 00-<32>-<16>-<2>; a later version may append more after another dash.
    constexpr std::size_t size = 55;
    if (header.size() < size || header[2] != '-' || header[35] != '-' || header[52] != '-') {
        return {};
    }
    std::string_view version = header.substr(0, 2);
    std::string_view id = header.substr(3, 32);
    std::string_view parent = header.substr(36, 16);
    std::string_view flags = header.substr(53, 2);
    bool hex = is_hex(version) && is_hex(id) && is_hex(parent) && is_hex(flags);
    bool longer = header.size() > size;
    if (!hex || version == "ff" || (longer && (version == "00" || header[size] != '-')) || all_zero(id) ||
        all_zero(parent)) {
        return {};
    }
    return {std::string(id), std::string(parent), std::string(flags)};
}

std::string traceparent_of(const Trace& trace, std::string_view request_id) {
    std::string digits;
    for (char c : request_id) {
        if (is_hex({&c, 1})) {
            digits += c;
        }
    }
    digits.resize(32, '1');
    std::string id = trace.empty() ? digits : trace.id;
    return "00-" + id + "-" + digits.substr(16) + "-" + (trace.empty() ? std::string("00") : trace.flags);
}

}  // namespace pengcheng::http
