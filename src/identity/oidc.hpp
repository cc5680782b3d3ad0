#pragma once

#include "identity/jwt.hpp"
#include "identity/sessions.hpp"

#include <pengcheng/identity/identity.hpp>

#include <string>

namespace pengcheng::identity {

/// Whether an outside provider is configured.
bool oidc_configured();

struct OidcStart {
    std::string location;  ///< the provider's page
    std::string browser;   ///< secret of the cookie that must come back with the answer
};
/// Authorization code with PKCE, state and nonce. `account` empty: sign in; otherwise link to that account.
asio::awaitable<Result<OidcStart>> oidc_begin(db::Pool& db, const Runtime& runtime, std::string back,
                                              std::string account);

struct OidcAnswer {
    std::string code, state, error, issuer;  ///< of the query
    std::string browser;                     ///< of the cookie
};
struct OidcSignedIn {
    SignedIn session;
    std::string back;
};
/// Takes the answer once: code for ID token, token checked, account found or linked, session opened. The
/// three administrators sign in here only.
asio::awaitable<Result<OidcSignedIn>> oidc_finish(db::Pool& db, const Runtime& runtime, Principal who,
                                                  OidcAnswer answer, SignIn input);

/// Who the provider says it is.
struct OidcClaims {
    std::string subject;
    Json claims;
};
/// OpenID Connect Core §3.1.3.7, without the `at_hash` that the code flow does not need. Pure.
Result<OidcClaims> check_id_token(std::string_view token, const Json& jwk_set, std::string_view issuer,
                                  std::string_view client_id, std::string_view nonce, Time now);

/// Takes the account's links away.
asio::awaitable<Result<void>> unlink_outside(db::Transaction& tx, const Principal& who);

}  // namespace pengcheng::identity
