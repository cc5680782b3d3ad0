#include "crypto/openssl.hpp"

#include <pengcheng/crypto/crypto.hpp>

namespace pengcheng::crypto {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

void require_key(std::string_view key) {
    if (key.size() != key_bytes) {
        throw std::invalid_argument("crypto: a key has 32 bytes");
    }
}

}  // namespace

std::string seal(std::string_view key, std::string_view plain, std::string_view bound) {
    require_key(key);
    std::string sealed = random_bytes(nonce_bytes);
    sealed.resize(nonce_bytes + plain.size() + tag_bytes);
    CipherContext context(EVP_CIPHER_CTX_new());
    int size = 0;
    require(
        context && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key), out(sealed)) == 1,
        "seal");
    require(EVP_EncryptUpdate(context.get(), nullptr, &size, in(bound), static_cast<int>(bound.size())) == 1,
            "seal");
    require(EVP_EncryptUpdate(context.get(), out(sealed) + nonce_bytes, &size, in(plain),
                              static_cast<int>(plain.size())) == 1,
            "seal");
    require(EVP_EncryptFinal_ex(context.get(), out(sealed) + nonce_bytes + size, &size) == 1, "seal");
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                                out(sealed) + nonce_bytes + plain.size()) == 1,
            "seal");
    return sealed;
}

std::optional<std::string> open(std::string_view key, std::string_view sealed, std::string_view bound) {
    require_key(key);
    if (sealed.size() < nonce_bytes + tag_bytes) {
        return std::nullopt;
    }
    std::string_view text = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
    std::string tag(sealed.substr(sealed.size() - tag_bytes));
    std::string plain(text.size(), '\0');
    CipherContext context(EVP_CIPHER_CTX_new());
    int size = 0;
    require(
        context && EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key), in(sealed)) == 1,
        "open");
    require(EVP_DecryptUpdate(context.get(), nullptr, &size, in(bound), static_cast<int>(bound.size())) == 1,
            "open");
    require(EVP_DecryptUpdate(context.get(), out(plain), &size, in(text), static_cast<int>(text.size())) == 1,
            "open");
    require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, out(tag)) == 1, "open");
    if (EVP_DecryptFinal_ex(context.get(), out(plain) + size, &size) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    return plain;
}

}  // namespace pengcheng::crypto
