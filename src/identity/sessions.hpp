#pragma once

#include <pengcheng/identity/identity.hpp>

#include <string>

namespace pengcheng::identity {

struct SignIn {
    std::string username;
    std::string password;
    std::string code;  ///< one-time or recovery code, where the account has a second factor
    std::string address;
    std::string user_agent;
    std::string previous_cookie;  ///< ended by the new session, whoever's it was
};
struct SignedIn {
    std::string token;  ///< value of the cookie; stored as its SHA-256
    std::string csrf_token;
    User user;
    std::string pending;  ///< what must be done first: "password", "totp", or nothing
};

/// A fresh session at each sign-in. An unknown user, a wrong password and a disabled account answer the same
/// and take as long. With a second factor in force: identity.code-needed (401) until the code comes too.
asio::awaitable<Result<SignedIn>> sign_in(db::Pool& db, const Runtime& runtime, Principal who, SignIn input);
/// The session of an account that another provider has proven (`method` "oidc").
asio::awaitable<Result<SignedIn>> open_session(db::Transaction& tx, const Runtime& runtime, Principal who,
                                               std::string account, std::string method, SignIn input);
asio::awaitable<void> sign_out(db::Pool& db, const Principal& who, std::string cookie);

/// Whose session it is; nothing when unknown, expired, idle too long, or the account is disabled.
asio::awaitable<std::optional<http::Authenticated>> session_of(db::Pool& db, const Runtime& runtime,
                                                               std::string cookie);

/// Ends the account's sessions but the one of `cookie` (empty: all). Every process forgets them at once.
asio::awaitable<std::int64_t> end_other_sessions(db::Transaction& tx, std::string account,
                                                 std::string cookie);

struct SessionEntry {
    std::string id;
    std::string created_at, last_seen_at;  ///< RFC 3339; last seen to the minute
    std::string address, user_agent, method;
    bool current = false;
};
Json to_json(const SessionEntry& entry);
asio::awaitable<std::vector<SessionEntry>> sessions_of(db::Pool& db, const Runtime& runtime,
                                                       std::string account, std::string cookie);
/// One session of `account`.
asio::awaitable<Result<void>> end_session(db::Transaction& tx, const Principal& who, std::string account,
                                          std::string session_id);
/// The caller's own but the one of `cookie`; audited.
asio::awaitable<std::int64_t> end_others(db::Transaction& tx, const Principal& who, std::string cookie);
asio::awaitable<Result<std::int64_t>> end_sessions_of(db::Transaction& tx, const Principal& who,
                                                      std::string account);

/// The Set-Cookie line of a session; `lifetime` like "; Max-Age=0".
std::string session_cookie(const Runtime& runtime, std::string_view value, std::string_view lifetime);

/// Derived from the cookie: no storage, and it tells nothing about the cookie.
std::string csrf_token_of(std::string_view cookie);

/// Route ownership of a session: $1 = id.
extern const db::Statement session_owner_sql;

}  // namespace pengcheng::identity
