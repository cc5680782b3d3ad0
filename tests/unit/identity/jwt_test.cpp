#include "identity/jwt.hpp"

#include "identity/signing_keys.hpp"
#include "identity/tokens.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

namespace pengcheng::identity {
namespace {

const Time now = *parse_time("2026-11-25T10:00:00+08:00");
const std::string seed(32, 's');

std::int64_t seconds(Time at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

KeyRing ring() {
    KeyRing out;
    out.keys.push_back({.kid = "k1",
                        .public_key = crypto::ed25519_public_key(seed),
                        .seed = seed,
                        .created_at = now - std::chrono::days(1),
                        .signs_from = now - std::chrono::days(1)});
    return out;
}

Json header() {
    return {{"alg", "EdDSA"}, {"typ", "at+jwt"}, {"kid", "k1"}};
}
Json claims() {
    return {
        {"sub", "c"}, {"sec", "s"}, {"aud", "pengcheng"}, {"iat", seconds(now)}, {"exp", seconds(now) + 60}};
}

TEST(AccessTokens, HoldWithOurKeyAndTime) {
    auto checked = check_token(sign_jwt(header(), claims(), seed), ring(), now);
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->client_id, "c");
    EXPECT_EQ(checked->secret_id, "s");
    EXPECT_EQ(checked->expires_at, now + std::chrono::seconds(60));
}

TEST(AccessTokens, WithOneFaultDoNotHold) {
    struct Row {
        const char* what;
        Json header;
        Json claims;
    };
    std::vector<Row> rows;
    auto add = [&](const char* what, const Json& in_header, const Json& in_claims) {
        Row row{what, header(), claims()};
        row.header.update(in_header);
        row.claims.update(in_claims);
        rows.push_back(std::move(row));
    };
    Json same = Json::object();
    add("expired", same, {{"exp", seconds(now)}});
    add("no expiry", same, {{"exp", nullptr}});
    add("expiry as text", same, {{"exp", "9999999999"}});
    add("expiry without end", same, {{"exp", 1e300}});
    add("from the future", same, {{"iat", seconds(now) + 3600}});
    add("for somebody else", same, {{"aud", "other"}});
    add("for nobody", same, {{"aud", Json::array()}});
    add("unknown key", {{"kid", "k2"}}, same);
    add("no algorithm", {{"alg", "none"}}, same);
    add("another algorithm", {{"alg", "HS256"}}, same);
    add("an ID token", {{"typ", "JWT"}}, same);
    add("an extension we do not know", {{"crit", {"x"}}}, same);
    for (const Row& row : rows) {
        EXPECT_FALSE(check_token(sign_jwt(row.header, row.claims, seed), ring(), now)) << row.what;
    }
    EXPECT_FALSE(check_token(sign_jwt(header(), claims(), std::string(32, 'x')), ring(), now)) << "other key";
    KeyRing retired = ring();
    retired.keys[0].retired_at = now;
    EXPECT_FALSE(check_token(sign_jwt(header(), claims(), seed), retired, now)) << "retired key";
}

TEST(AccessTokens, HaveOneSpelling) {
    std::string token = sign_jwt(header(), claims(), seed);
    for (const std::string& bad :
         {std::string(), std::string("a"), std::string("a.b"), std::string("a.b.c"), token + "=", token + ".",
          token + " ", token.substr(0, token.size() - 1), "." + token, token.substr(token.find('.')),
          token.substr(0, token.rfind('.') + 1), std::string(20000, 'a')}) {
        EXPECT_FALSE(check_token(bad, ring(), now)) << bad.substr(0, 60);
    }
    // Bits that base64url does not use may not differ.
    for (char last : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
        std::string changed = token;
        changed.back() = last;
        EXPECT_EQ(check_token(changed, ring(), now).has_value(), changed == token) << last;
    }
}

TEST(AccessTokens, AreSignedByTheNewestKeyThatMay) {
    KeyRing keys = ring();
    keys.keys.insert(keys.keys.begin(),
                     {.kid = "k2", .created_at = now, .signs_from = now + std::chrono::minutes(10)});
    EXPECT_EQ(keys.signer(now)->kid, "k1");
    EXPECT_EQ(keys.signer(now + std::chrono::minutes(10))->kid, "k2");
    EXPECT_EQ(jwk_set(keys, now)["keys"].size(), 2U);
    keys.keys[1].retired_at = now + std::chrono::minutes(5);
    EXPECT_EQ(jwk_set(keys, now + std::chrono::minutes(6))["keys"].size(), 1U);
    EXPECT_EQ(jwk_set(keys, now).dump().find("seed"), std::string::npos);
}

TEST(Jws, RefuseAKeyOfAnotherKind) {
    crypto::PublicKey ed25519{.first = crypto::ed25519_public_key(seed)};
    std::string signature = crypto::ed25519_sign(seed, "message");
    EXPECT_TRUE(crypto::verify_jws(ed25519, "EdDSA", "message", signature));
    EXPECT_FALSE(crypto::verify_jws(ed25519, "EdDSA", "massage", signature));
    for (const char* algorithm : {"ES256", "RS256", "PS256", "none", "HS256", ""}) {
        EXPECT_FALSE(crypto::verify_jws(ed25519, algorithm, "message", signature)) << algorithm;
    }
    EXPECT_FALSE(crypto::verify_jws({.kind = crypto::PublicKey::Kind::rsa, .first = "\x03", .second = "\x03"},
                                    "RS256", "message", "s"))
        << "a short RSA key";
    EXPECT_FALSE(crypto::verify_jws({.kind = crypto::PublicKey::Kind::p256, .first = "x", .second = "y"},
                                    "ES256", "message", std::string(64, 'a')));
}

TEST(Jws, HoldTheExamplesOfTheRfc) {
    // RFC 7515, appendices A.2 (RS256) and A.3 (ES256).
    const std::string payload =
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    Json es = {{"kty", "EC"},
               {"crv", "P-256"},
               {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
               {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
    std::string signature = *base64_decode(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    std::string text = "eyJhbGciOiJFUzI1NiJ9" + payload;
    EXPECT_TRUE(crypto::verify_jws(*public_key_of(es), "ES256", text, signature));
    EXPECT_FALSE(crypto::verify_jws(*public_key_of(es), "ES256", text + "x", signature));
    Json rsa = {{"kty", "RSA"},
                {"n",
                 "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
                 "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT"
                 "-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                 "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQ"
                 "OS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
                 "DWNmoudF8NAco9_h9iaGNj"
                 "8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
                {"e", "AQAB"}};
    std::string rs = *base64_decode(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
        "O8W2Fp5jujGbds9uJd"
        "bF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
        "eSN93"
        "83LcOLn6_dO--xi12jzDwusC-"
        "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhW"
        "kWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
    EXPECT_TRUE(crypto::verify_jws(*public_key_of(rsa), "RS256", "eyJhbGciOiJSUzI1NiJ9" + payload, rs));
    EXPECT_FALSE(crypto::verify_jws(*public_key_of(rsa), "PS256", "eyJhbGciOiJSUzI1NiJ9" + payload, rs));
    for (const char* bad :
         {"{}", R"({"kty":"oct","k":"AA"})", R"({"kty":"EC","crv":"P-256","x":"!!","y":"AA"})",
          R"({"kty":"RSA","n":1,"e":"AQAB"})", R"({"kty":"OKP","crv":"X25519","x":"AA"})",
          R"({"kty":"EC","crv":"P-256","use":"enc","x":"AA","y":"AA"})"}) {
        EXPECT_FALSE(public_key_of(Json::parse(bad))) << bad;
    }
}

}  // namespace
}  // namespace pengcheng::identity
