#pragma once

#include <pengcheng/identity/identity.hpp>

#include <string>
#include <string_view>

namespace pengcheng::identity {

inline constexpr int token_seconds = 3600;

/// What a client sent to /oauth/token.
struct TokenRequest {
    std::string grant_type;
    std::string client_id;
    std::string secret;
    std::string scope;
    bool by_header = false;  ///< credentials came as HTTP Basic
};

/// RFC 6749 §5.2: these are not problem documents.
struct OauthError {
    int status;
    std::string_view error;
    std::string_view description;
};

/// Reads form and Authorization header (§2.3.1, §4.4.2). Pure.
boost::system::result<TokenRequest, OauthError> read_token_request(std::string_view form,
                                                                   std::string_view authorization);

/// A signed access token (RFC 9068) of `token_seconds`, or nothing when the credentials are wrong; both are
/// audited.
asio::awaitable<std::optional<std::string>> issue_token(db::Pool& db, const Runtime& runtime, Principal who,
                                                        TokenRequest request);

/// What a token of ours says, once its signature, kind, audience and times hold. Pure.
struct TokenClaims {
    std::string client_id;
    std::string secret_id;  ///< of the secret it was given for
    Time expires_at;
};
struct KeyRing;
std::optional<TokenClaims> check_token(std::string_view token, const KeyRing& ring, Time now);

struct Bearer {
    Principal who;
    Time expires_at;
};
/// Whose token it is; nothing when it does not hold, its client is disabled or its secret retired.
asio::awaitable<std::optional<Bearer>> bearer_of(db::Pool& db, Time now, std::string token);

/// RFC 8414.
Json server_metadata(const std::string& base_url);

[[noreturn]] void throw_exception_from_error(const OauthError& error, const boost::source_location& where);

}  // namespace pengcheng::identity
