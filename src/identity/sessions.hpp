#pragma once

#include <pengcheng/identity/identity.hpp>

#include <string>

namespace pengcheng::identity {

struct SignIn {
    std::string username;
    std::string password;
    std::string address;
    std::string previous_cookie;  ///< ended by the new session, whoever's it was
};
struct SignedIn {
    std::string token;  ///< value of the cookie; stored as its SHA-256
    std::string csrf_token;
    User user;
};

/// A fresh session at each sign-in. An unknown user, a wrong password and a disabled account answer the same
/// and take as long; five wrong tries lock the name, known or not, for 30 s and twice as long after each
/// more.
asio::awaitable<Result<SignedIn>> sign_in(db::Pool& db, const Runtime& runtime, Principal who, SignIn input);
asio::awaitable<void> sign_out(db::Pool& db, const Principal& who, std::string cookie);

/// Whose session it is; nothing when unknown, expired, idle too long, or the account is disabled.
asio::awaitable<std::optional<http::Authenticated>> session_of(db::Pool& db, Time now, std::string cookie);

/// Derived from the cookie: no storage, and it tells nothing about the cookie.
std::string csrf_token_of(std::string_view cookie);

}  // namespace pengcheng::identity
