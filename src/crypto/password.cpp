#include "crypto/openssl.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

namespace pengcheng::crypto {

namespace {

// RFC 7914. Other costs than these are refused, so that a stored text cannot ask for unbounded memory.
constexpr std::uint64_t cost = 1U << 15U;
constexpr std::uint64_t block_size = 8;
constexpr std::uint64_t parallel = 1;
constexpr std::uint64_t memory_bytes_max = 64ULL << 20U;
constexpr std::size_t salt_bytes = 16;
constexpr std::string_view prefix = "$scrypt$ln=15,r=8,p=1$";

std::string scrypt(std::string_view password, std::string_view salt) {
    std::string digest(digest_bytes, '\0');
    int done = EVP_PBE_scrypt(password.data(), password.size(), in(salt), salt.size(), cost, block_size,
                              parallel, memory_bytes_max, out(digest), digest.size());
    require(done == 1, "scrypt");
    return digest;
}

}  // namespace

std::string hash_password(std::string_view password) {
    std::string salt = random_bytes(salt_bytes);
    return std::string(prefix) + base64url(salt) + "$" + base64url(scrypt(password, salt));
}

bool verify_password(std::string_view password, std::string_view encoded) {
    std::string salt(salt_bytes, '\0');
    std::string expected;
    if (encoded.starts_with(prefix)) {
        std::string_view rest = encoded.substr(prefix.size());
        std::size_t dollar = std::min(rest.find('$'), rest.size());
        auto stored_salt = base64_decode(rest.substr(0, dollar));
        auto stored_digest = dollar < rest.size() ? base64_decode(rest.substr(dollar + 1)) : std::nullopt;
        if (stored_salt && stored_digest && !stored_salt->empty()) {
            salt = std::move(*stored_salt);
            expected = std::move(*stored_digest);
        }
    }
    return equal(scrypt(password, salt), expected);
}

}  // namespace pengcheng::crypto
