#include "crypto/openssl.hpp"

#include <pengcheng/crypto/crypto.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace pengcheng::crypto {

namespace {

using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using Ecdsa = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;
constexpr std::size_t coordinate_bytes = 32;

Number number(std::string_view bytes) {
    return Number(BN_bin2bn(in(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key key_of(const char* type, OSSL_PARAM_BLD* builder) {
    Params params(OSSL_PARAM_BLD_to_param(builder));
    KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return nullptr;
    }
    return Key(key);
}

Key rsa_key(const PublicKey& key) {
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    Number modulus = number(key.first);
    Number exponent = number(key.second);
    int bits = modulus ? BN_num_bits(modulus.get()) : 0;
    if (!builder || !exponent || bits < rsa_bits_min || bits > rsa_bits_max ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
        return nullptr;
    }
    return key_of("RSA", builder.get());
}

Key p256_key(const PublicKey& key) {
    if (key.first.size() != coordinate_bytes || key.second.size() != coordinate_bytes) {
        return nullptr;
    }
    std::string point = "\x04" + key.first + key.second;
    ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
        return nullptr;
    }
    return key_of("EC", builder.get());
}

/// JWS writes r and s side by side; OpenSSL reads DER. Empty for another length.
std::string der_of(std::string_view pair) {
    Ecdsa parts(ECDSA_SIG_new());
    if (pair.size() != 2 * coordinate_bytes || !parts) {
        return {};
    }
    Number r = number(pair.substr(0, coordinate_bytes));
    Number s = number(pair.substr(coordinate_bytes));
    if (!r || !s || ECDSA_SIG_set0(parts.get(), r.get(), s.get()) != 1) {
        return {};
    }
    (void)r.release();
    (void)s.release();
    unsigned char* bytes = nullptr;
    int size = i2d_ECDSA_SIG(parts.get(), &bytes);
    std::string der = size > 0 ? std::string(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size))
                               : std::string();
    OPENSSL_free(bytes);
    return der;
}

bool verify_sha256(EVP_PKEY* key, bool pss, std::string_view message, std::string_view signature) {
    DigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* inner = nullptr;
    if (key == nullptr || !context ||
        EVP_DigestVerifyInit(context.get(), &inner, EVP_sha256(), nullptr, key) != 1) {
        return false;
    }
    if (pss && (EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) != 1 ||
                EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST) != 1)) {
        return false;
    }
    return EVP_DigestVerify(context.get(), in(signature), signature.size(), in(message), message.size()) == 1;
}

}  // namespace

bool verify_jws(const PublicKey& key, std::string_view algorithm, std::string_view message,
                std::string_view signature) {
    bool good = false;
    if (algorithm == "EdDSA" && key.kind == PublicKey::Kind::ed25519) {
        good = key.first.size() == key_bytes && ed25519_verify(key.first, message, signature);
    } else if (algorithm == "ES256" && key.kind == PublicKey::Kind::p256) {
        std::string der = der_of(signature);
        good = !der.empty() && verify_sha256(p256_key(key).get(), false, message, der);
    } else if ((algorithm == "RS256" || algorithm == "PS256") && key.kind == PublicKey::Kind::rsa) {
        good = verify_sha256(rsa_key(key).get(), algorithm == "PS256", message, signature);
    }
    ERR_clear_error();
    return good;
}

}  // namespace pengcheng::crypto
