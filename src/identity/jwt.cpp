#include "identity/jwt.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::size_t token_bytes_max = 16 * 1024;
constexpr int json_depth_max = 8;

/// base64url without padding and without the other alphabet: one text for one value, so that no second
/// spelling of a token passes.
std::optional<std::string> decode_part(std::string_view part) {
    if (part.find_first_of("+/=") != std::string_view::npos) {
        return std::nullopt;
    }
    auto bytes = base64_decode(part);
    return bytes && base64url(*bytes) == part ? bytes : std::nullopt;
}

std::optional<Json> decode_object(std::string_view part) {
    auto text = decode_part(part);
    if (!text) {
        return std::nullopt;
    }
    auto json = parse_json(*text, json_depth_max);
    if (!json || !json->is_object()) {
        return std::nullopt;
    }
    return std::move(*json);
}

std::optional<std::string> member_bytes(const Json& jwk, const char* name) {
    auto found = jwk.find(name);
    return found != jwk.end() && found->is_string() ? decode_part(found->get_ref<const std::string&>())
                                                    : std::nullopt;
}

}  // namespace

std::string Jwt::text(const Json& where, std::string_view name) const {
    auto found = where.find(name);
    return found != where.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> Jwt::number(std::string_view name) const {
    // Seconds since 1970 up to the year 9999; anything else would overflow in sums.
    constexpr std::int64_t latest = 253402300799;
    auto found = claims.find(name);
    if (found == claims.end() || !found->is_number()) {
        return std::nullopt;
    }
    double value = found->get<double>();
    if (!(value >= 0 && value <= static_cast<double>(latest))) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
}

bool Jwt::is_for(std::string_view audience) const {
    auto found = claims.find("aud");
    if (found == claims.end()) {
        return false;
    }
    if (found->is_array()) {
        return std::any_of(found->begin(), found->end(), [&](const Json& one) { return one == audience; });
    }
    return *found == audience;
}

std::optional<Jwt> read_jwt(std::string_view token) {
    if (token.size() > token_bytes_max) {
        return std::nullopt;
    }
    std::vector<std::string_view> parts = split(token, '.');
    if (parts.size() != 3) {
        return std::nullopt;
    }
    auto header = decode_object(parts[0]);
    auto claims = decode_object(parts[1]);
    auto signature = decode_part(parts[2]);
    if (!header || !claims || !signature || signature->empty() || header->contains("crit")) {
        return std::nullopt;
    }
    return Jwt{.header = std::move(*header),
               .claims = std::move(*claims),
               .signed_text = std::string(token.substr(0, parts[0].size() + 1 + parts[1].size())),
               .signature = std::move(*signature)};
}

std::string sign_jwt(const Json& header, const Json& claims, std::string_view seed) {
    std::string text = base64url(header.dump()) + "." + base64url(claims.dump());
    return text + "." + base64url(crypto::ed25519_sign(seed, text));
}

std::optional<crypto::PublicKey> public_key_of(const Json& jwk) {
    using Kind = crypto::PublicKey::Kind;
    if (!jwk.is_object()) {
        return std::nullopt;
    }
    std::string type = jwk.value("kty", Json()).is_string() ? jwk.at("kty").get<std::string>() : "";
    std::string curve = jwk.value("crv", Json()).is_string() ? jwk.at("crv").get<std::string>() : "";
    if (jwk.value("use", Json("sig")) != "sig") {
        return std::nullopt;
    }
    bool rsa = type == "RSA";
    bool p256 = type == "EC" && curve == "P-256";
    bool ed25519 = type == "OKP" && curve == "Ed25519";
    auto first = member_bytes(jwk, rsa ? "n" : "x");
    auto second = ed25519 ? std::optional<std::string>("") : member_bytes(jwk, rsa ? "e" : "y");
    if (!(rsa || p256 || ed25519) || !first || !second) {
        return std::nullopt;
    }
    return crypto::PublicKey{.kind = rsa    ? Kind::rsa
                                     : p256 ? Kind::p256
                                            : Kind::ed25519,
                             .first = std::move(*first),
                             .second = std::move(*second)};
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (!starts_with_ci(authorization, scheme)) {
        return std::nullopt;
    }
    return trim(authorization.substr(scheme.size()));
}

}  // namespace pengcheng::identity
