#include "crypto/openssl.hpp"

#include <pengcheng/crypto/crypto.hpp>

namespace pengcheng::crypto {

namespace {

constexpr std::size_t signature_bytes = 64;

Key private_key(std::string_view seed) {
    Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, in(seed), seed.size()));
    require(key != nullptr, "Ed25519 private key");
    return key;
}

}  // namespace

std::string ed25519_public_key(std::string_view seed) {
    Key key = private_key(seed);
    std::string bytes(key_bytes, '\0');
    std::size_t size = bytes.size();
    require(EVP_PKEY_get_raw_public_key(key.get(), out(bytes), &size) == 1, "Ed25519 public key");
    return bytes;
}

std::string ed25519_sign(std::string_view seed, std::string_view message) {
    Key key = private_key(seed);
    DigestContext context(EVP_MD_CTX_new());
    std::string signature(signature_bytes, '\0');
    std::size_t size = signature.size();
    require(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1,
            "Ed25519 sign");
    require(EVP_DigestSign(context.get(), out(signature), &size, in(message), message.size()) == 1,
            "Ed25519 sign");
    return signature;
}

bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature) {
    Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, in(public_key), public_key.size()));
    DigestContext context(EVP_MD_CTX_new());
    bool good =
        key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), in(signature), signature.size(), in(message), message.size()) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace pengcheng::crypto
