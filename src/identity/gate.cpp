#include "identity/jwt.hpp"
#include "identity/known_callers.hpp"
#include "identity/problems.hpp"
#include "identity/sessions.hpp"
#include "identity/tokens.hpp"
#include "identity/tree.hpp"

#include <pengcheng/db/changes.hpp>
#include <pengcheng/identity/identity.hpp>

namespace pengcheng::identity {

namespace {

asio::awaitable<Result<http::Authenticated>> by_token(db::Pool& db, const Runtime& runtime,
                                                      std::string token) {
    std::uint64_t epoch = db::changes(db::Topic::identity);
    co_await refresh_tree(db);
    auto found = co_await bearer_of(db, runtime.now(), token);
    if (!found) {
        co_return problem::bad_token.because("请到 /oauth/token 重新获取",
                                             "ask for a new one at /oauth/token");
    }
    http::Authenticated caller{.who = std::move(found->who)};
    KnownCallers::by_token().keep(token, caller, found->expires_at, epoch);
    co_return caller;
}

/// A session is looked at again at least this often, so that its time of last use stays true.
constexpr std::chrono::seconds session_known{30};

asio::awaitable<Result<http::Authenticated>> by_cookie(db::Pool& db, const Runtime& runtime,
                                                       std::string cookie) {
    std::uint64_t epoch = db::changes(db::Topic::identity);
    co_await refresh_tree(db);
    auto session = co_await session_of(db, runtime, cookie);
    if (!session) {
        co_return http::Authenticated{};
    }
    KnownCallers::by_session().keep(cookie, *session, runtime.now() + session_known, epoch);
    co_return std::move(*session);
}

}  // namespace

asio::awaitable<Result<http::Authenticated>> authenticate(db::Pool& db, const Runtime& runtime,
                                                          std::string cookie, std::string authorization,
                                                          std::string address) {
    auto token = bearer_token(authorization);
    Result<http::Authenticated> caller = http::Authenticated{};
    if (token || !cookie.empty()) {
        const auto* known = token ? KnownCallers::by_token().find(*token, runtime.now())
                                  : KnownCallers::by_session().find(cookie, runtime.now());
        if (known != nullptr) {
            caller = *known;
        } else if (token) {
            std::string text(*token);
            caller = co_await by_token(db, runtime, std::move(text));
        } else {
            caller = co_await by_cookie(db, runtime, std::move(cookie));
        }
    }
    if (caller) {
        caller->who.address = std::move(address);
    }
    co_return caller;
}

http::Gate gate(const Runtime& runtime) {
    open_keys(runtime);
    permissions();  // a broken table stops the start, not the first request
    http::Gate gate;
    gate.authenticate = [&runtime](db::Pool& db, std::string cookie, std::string authorization,
                                   std::string address) {
        return authenticate(db, runtime, std::move(cookie), std::move(authorization), std::move(address));
    };
    gate.authorize = authorize;
    return gate;
}

}  // namespace pengcheng::identity
