// Access tokens, ID tokens, Authorization headers and token forms: bytes that anybody may send.
#include "identity/jwt.hpp"
#include "identity/signing_keys.hpp"
#include "identity/tokens.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <cstdint>
#include <cstdlib>

using namespace pengcheng;

namespace {

const std::string seed(32, 's');
const Time now = *parse_time("2026-11-25T10:00:00+08:00");

const identity::KeyRing& ring() {
    static const identity::KeyRing made = [] {
        identity::KeyRing out;
        out.keys.push_back({.kid = "k1",
                            .public_key = crypto::ed25519_public_key(seed),
                            .seed = seed,
                            .created_at = now,
                            .signs_from = now});
        return out;
    }();
    return made;
}

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void read_as_token(std::string_view text) {
    auto jwt = identity::read_jwt(text);
    if (!jwt) {
        require(!identity::check_token(text, ring(), now));
        return;
    }
    // What was read signs to the same text only by our key: nothing that a stranger sends holds.
    require(text.starts_with(jwt->signed_text));
    static_cast<void>(jwt->is_for("pengcheng"));
    static_cast<void>(jwt->number("exp"));
    if (identity::check_token(text, ring(), now)) {
        require(crypto::ed25519_verify(ring().keys[0].public_key, jwt->signed_text, jwt->signature));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    read_as_token(text);
    std::size_t line = std::min(text.find('\n'), text.size());
    std::string_view header = text.substr(0, line);
    std::string_view rest = line < text.size() ? text.substr(line + 1) : std::string_view();
    if (auto token = identity::bearer_token(header)) {
        read_as_token(*token);
    }
    if (auto request = identity::read_token_request(rest, header)) {
        require(request->grant_type == "client_credentials" && !request->client_id.empty());
    }
    if (auto json = parse_json(rest)) {
        if (auto key = identity::public_key_of(*json)) {
            crypto::verify_jws(*key, "RS256", header, rest);
            crypto::verify_jws(*key, "PS256", header, rest);
            crypto::verify_jws(*key, "ES256", header, header);
            crypto::verify_jws(*key, "EdDSA", header, header);
        }
    }
    return 0;
}
