#include <pengcheng/base/ids.hpp>

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <stdexcept>

#include <sys/random.h>

namespace pengcheng {

namespace {

void fill_random(void* into, std::size_t size) {
    auto* at = static_cast<unsigned char*>(into);
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);
        if (got < 0) {
            throw std::runtime_error("the operating system gives no random bytes");
        }
        at += got;
        size -= static_cast<std::size_t>(got);
    }
}

/// Random bytes of an id: unique, not secret, so a thread fetches them a page at a time.
void take_random(std::array<unsigned char, 16>& into) {
    thread_local std::array<unsigned char, 4096> page;
    thread_local std::size_t left = 0;
    if (left == 0) {
        fill_random(page.data(), page.size());
        left = page.size();
    }
    left -= into.size();
    std::copy_n(page.begin() + static_cast<std::ptrdiff_t>(left), into.size(), into.begin());
}

}  // namespace

std::string new_id() {
    std::array<unsigned char, 16> bytes{};
    take_random(bytes);
    auto now = std::chrono::system_clock::now().time_since_epoch();
    auto ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    for (int i = 0; i < 6; ++i) {
        bytes[static_cast<std::size_t>(i)] = static_cast<unsigned char>(ms >> (8 * (5 - i)));
    }
    bytes[6] = static_cast<unsigned char>(0x70 | (bytes[6] & 0x0f));
    bytes[8] = static_cast<unsigned char>(0x80 | (bytes[8] & 0x3f));
    std::string out(36, '-');
    std::size_t at = 0;
    for (unsigned char byte : bytes) {
        at += at == 8 || at == 13 || at == 18 || at == 23 ? 1 : 0;
        constexpr std::string_view digits = "0123456789abcdef";
        out[at++] = digits[byte >> 4U];
        out[at++] = digits[byte & 0x0fU];
    }
    return out;
}

bool is_id(std::string_view text) {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) {
            return false;
        }
    }
    return true;
}

std::string random_hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    fill_random(raw.data(), raw.size());
    return to_hex(raw);
}

}  // namespace pengcheng
