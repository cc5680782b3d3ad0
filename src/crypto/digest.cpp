#include "crypto/openssl.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace pengcheng::crypto {

namespace {

/// Before any static thread pool is made, so that OpenSSL's clean-up at exit comes after their threads' ends:
/// what OpenSSL keeps for a thread is freed only while OpenSSL is there.
[[maybe_unused]] const int openssl_is_there = OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);

}  // namespace

std::string sha256(std::string_view bytes) {
    // OpenSSL 3 looks an algorithm up by name at each use, unless it was fetched once; and a context made
    // anew costs as much as a short digest itself.
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const DigestContext context(EVP_MD_CTX_new());
    std::string digest(digest_bytes, '\0');
    require(algorithm != nullptr && context && EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1 &&
                EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                EVP_DigestFinal_ex(context.get(), out(digest), nullptr) == 1,
            "SHA-256");
    return digest;
}

std::string sha256_hex(std::string_view bytes) {
    return to_hex(sha256(bytes));
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string digest(digest_bytes, '\0');
    unsigned int size = 0;
    const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), in(bytes), bytes.size(),
                            out(digest), &size);
    require(done != nullptr && size == digest_bytes, "HMAC");
    return digest;
}

std::string hmac_sha1(std::string_view key, std::string_view bytes) {
    std::string digest(20, '\0');
    unsigned int size = 0;
    const auto* done = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), in(bytes), bytes.size(),
                            out(digest), &size);
    require(done != nullptr && size == digest.size(), "HMAC");
    return digest;
}

std::string blind_index(std::string_view key, std::string_view value) {
    return to_hex(hmac_sha256(key, value));
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    require(RAND_bytes(out(bytes), static_cast<int>(count)) == 1, "random bytes");
    return bytes;
}

bool equal(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

struct Sha256::State {
    DigestContext context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    require(state_->context && EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1,
            "SHA-256");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
    require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "SHA-256");
}

std::string Sha256::digest() const {
    // Finishing spends a context: a copy of it keeps this one open for more.
    DigestContext copy(EVP_MD_CTX_new());
    std::string digest(digest_bytes, '\0');
    require(copy && EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()) == 1, "SHA-256");
    require(EVP_DigestFinal_ex(copy.get(), out(digest), nullptr) == 1, "SHA-256");
    return digest;
}

std::string Sha256::hex() const {
    return to_hex(digest());
}

}  // namespace pengcheng::crypto
