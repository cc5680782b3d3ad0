#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace pengcheng::identity {

/// A JSON Web Token in compact form (RFC 7519), read but not yet believed.
struct Jwt {
    Json header;
    Json claims;
    std::string signed_text;
    std::string signature;  ///< raw bytes

    /// A string member of the header or the claims, or nothing.
    [[nodiscard]] std::string text(const Json& where, std::string_view name) const;
    /// A whole number of the claims (NumericDate), or nothing.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    [[nodiscard]] std::string algorithm() const { return text(header, "alg"); }
    [[nodiscard]] std::string key_id() const { return text(header, "kid"); }
    /// Whether `aud` (a string or a list) names `audience`.
    [[nodiscard]] bool is_for(std::string_view audience) const;
};

/// Nothing for what is no token: another number of parts, bad base64url, no JSON objects, over 16 KiB, a
/// `crit` header (we know no extension).
std::optional<Jwt> read_jwt(std::string_view token);

/// `header.claims.signature` signed with an Ed25519 seed (RFC 8037).
std::string sign_jwt(const Json& header, const Json& claims, std::string_view seed);

/// One key of a JWK set (RFC 7517), or nothing for a kind we do not check with.
std::optional<crypto::PublicKey> public_key_of(const Json& jwk);

/// The token after "Bearer " (RFC 6750 §2.1), or nothing for another scheme. A view into `authorization`.
std::optional<std::string_view> bearer_token(std::string_view authorization);

}  // namespace pengcheng::identity
