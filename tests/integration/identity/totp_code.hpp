#pragma once

#include "identity/totp.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace pengcheng::test {

/// The bytes of a base32 secret as the offer shows it.
inline std::string secret_bytes(const std::string& text) {
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
        held = (held << 5U) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((held >> static_cast<unsigned>(bits)) & 0xffU);
        }
    }
    return out;
}

/// The one-time code that the holder's app shows now, or some steps later.
inline std::string code_of(const std::string& secret, int steps_ahead = 0) {
    auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    return identity::totp_code(secret, identity::totp_step(now) + steps_ahead);
}

}  // namespace pengcheng::test
