#include "identity/totp.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <cstdio>

namespace pengcheng::identity {

namespace {

constexpr std::chrono::seconds period{30};
constexpr std::int64_t steps_aside = 1;
constexpr int recovery_codes = 10;
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

std::string base32(std::string_view bytes) {
    std::string out;
    std::uint32_t held = 0;
    int bits = 0;
    for (char byte : bytes) {
        held = (held << 8U) | static_cast<unsigned char>(byte);
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out += base32_alphabet[(held >> static_cast<unsigned>(bits)) & 31U];
        }
    }
    if (bits > 0) {
        out += base32_alphabet[(held << static_cast<unsigned>(5 - bits)) & 31U];
    }
    return out;
}

std::string totp_code(std::string_view secret, std::int64_t step) {
    std::string counter(8, '\0');
    for (int i = 7; i >= 0; --i, step >>= 8) {
        counter[static_cast<std::size_t>(i)] = static_cast<char>(step & 0xff);
    }
    std::string digest = crypto::hmac_sha1(secret, counter);
    auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(digest[i]));
    };
    std::size_t at = byte(19) & 15U;
    std::uint32_t number =
        ((byte(at) & 0x7fU) << 24U) | (byte(at + 1) << 16U) | (byte(at + 2) << 8U) | byte(at + 3);
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%06u", number % 1000000U);
    return std::string(text.data(), 6);
}

std::int64_t totp_step(Time at) {
    return at.time_since_epoch() / period;
}

std::optional<std::int64_t> matching_step(std::string_view secret, std::string_view code, Time now) {
    std::int64_t present = totp_step(now);
    std::optional<std::int64_t> found;
    for (std::int64_t step = present - steps_aside; step <= present + steps_aside; ++step) {
        if (crypto::equal(totp_code(secret, step), code)) {
            found = step;
        }
    }
    return found;
}

std::string otpauth_uri(std::string_view issuer, std::string_view name, std::string_view secret) {
    std::string label = percent_encode(issuer) + ":" + percent_encode(name);
    return "otpauth://totp/" + label + "?secret=" + base32(secret) + "&issuer=" + percent_encode(issuer) +
           "&algorithm=SHA1&digits=6&period=30";
}

std::vector<std::string> make_recovery_codes() {
    std::vector<std::string> codes;
    for (int i = 0; i < recovery_codes; ++i) {
        std::string code = lower_ascii(base32(crypto::random_bytes(7))).substr(0, 10);
        codes.push_back(code.substr(0, 5) + "-" + code.substr(5));
    }
    return codes;
}

std::string plain_code(std::string_view typed) {
    std::string out;
    for (char c : lower_ascii(typed)) {
        if (c != ' ' && c != '-') {
            out += c;
        }
    }
    return out;
}

}  // namespace pengcheng::identity
