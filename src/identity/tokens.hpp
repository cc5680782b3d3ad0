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

/// A new access token of `token_seconds`, or nothing when the credentials are wrong; both are audited.
asio::awaitable<std::optional<std::string>> issue_token(db::Pool& db, Time now, Principal who,
                                                        TokenRequest request);

/// Whose token it is; nothing when unknown, expired, or the client is disabled.
asio::awaitable<std::optional<Principal>> bearer_of(db::Pool& db, Time now, std::string token);

[[noreturn]] void throw_exception_from_error(const OauthError& error, const boost::source_location& where);

}  // namespace pengcheng::identity
