#include "identity/oidc.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace pengcheng::identity {
namespace {

const Time now = *parse_time("2026-11-25T10:00:00+08:00");
const std::string seed(32, 'o');
constexpr std::string_view issuer = "https://id.example";
constexpr std::string_view nonce = "n-1";

std::int64_t seconds(Time at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

Json jwk() {
    return {{"kty", "OKP"},   {"crv", "Ed25519"}, {"kid", "k1"},
            {"alg", "EdDSA"}, {"use", "sig"},     {"x", base64url(crypto::ed25519_public_key(seed))}};
}
Json keys() {
    return {{"keys", Json::array({jwk()})}};
}
Json header() {
    return {{"alg", "EdDSA"}, {"kid", "k1"}};
}
Json claims() {
    return {{"iss", issuer},       {"sub", "u-7"},   {"aud", "pengcheng"}, {"exp", seconds(now) + 60},
            {"iat", seconds(now)}, {"nonce", nonce}, {"name", "某人"}};
}

Result<OidcClaims> check(const std::string& token) {
    return check_id_token(token, keys(), issuer, "pengcheng", nonce, now);
}

TEST(IdTokens, HoldWithTheProvidersKeyForUsAndNow) {
    auto checked = check(sign_jwt(header(), claims(), seed));
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->subject, "u-7");
    EXPECT_EQ(checked->claims["name"], "某人");

    Json several = claims();
    several["aud"] = {"pengcheng", "another"};
    several["azp"] = "pengcheng";
    EXPECT_TRUE(check(sign_jwt(header(), several, seed)));
}

TEST(IdTokens, WithOneFaultDoNotHold) {
    struct Row {
        const char* what;
        Json header, claims;
    };
    const std::vector<Row> rows{
        {"another issuer", {}, {{"iss", "https://other.example"}}},
        {"another audience", {}, {{"aud", "another"}}},
        {"several audiences and no authorized party", {}, {{"aud", {"pengcheng", "another"}}}},
        {"another authorized party", {}, {{"azp", "another"}}},
        {"past, beyond the clocks' difference", {}, {{"exp", seconds(now) - 60}}},
        {"no end", {}, {{"exp", nullptr}}},
        {"an end that is no number", {}, {{"exp", "never"}}},
        {"issued in the future", {}, {{"iat", seconds(now) + 61}}},
        {"another nonce", {}, {{"nonce", "n-2"}}},
        {"no nonce", {}, {{"nonce", nullptr}}},
        {"no subject", {}, {{"sub", ""}}},
        {"a subject beyond the standard's length", {}, {{"sub", std::string(256, 's')}}},
        {"an unknown key", {{"kid", "k2"}}, {}},
        {"no algorithm", {{"alg", "none"}}, {}},
        {"an algorithm of shared secrets", {{"alg", "HS256"}}, {}},
        {"an extension that must be known", {{"crit", {"b64"}}}, {}},
    };
    for (const Row& row : rows) {
        Json of_header = header();
        Json of_claims = claims();
        of_header.update(row.header.is_null() ? Json::object() : row.header);
        of_claims.update(row.claims.is_null() ? Json::object() : row.claims);
        auto checked = check(sign_jwt(of_header, of_claims, seed));
        ASSERT_FALSE(checked) << row.what;
        EXPECT_EQ(checked.error().type->code, "identity.oidc-failed") << row.what;
    }
    EXPECT_FALSE(check(sign_jwt(header(), claims(), std::string(32, 'x')))) << "another key";
    EXPECT_FALSE(check("")) << "nothing";
    EXPECT_FALSE(check_id_token(sign_jwt(header(), claims(), seed), Json(), issuer, "pengcheng", nonce, now))
        << "no keys";
}

TEST(IdTokens, WithoutAKeyNameNeedASetOfOneKey) {
    const std::string token = sign_jwt({{"alg", "EdDSA"}}, claims(), seed);
    EXPECT_TRUE(check(token));
    Json two = keys();
    two["keys"].push_back(jwk());
    EXPECT_FALSE(check_id_token(token, two, issuer, "pengcheng", nonce, now));
}

}  // namespace
}  // namespace pengcheng::identity
