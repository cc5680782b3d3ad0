#include "identity/problems.hpp"
#include "identity/sessions.hpp"
#include "identity/tokens.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/identity/identity.hpp>

namespace pengcheng::identity {

asio::awaitable<Result<http::Authenticated>> authenticate(db::Pool& db, const Runtime& runtime,
                                                          std::string cookie, std::string authorization,
                                                          std::string address) {
    constexpr std::string_view scheme = "Bearer ";
    http::Authenticated caller;
    if (starts_with_ci(authorization, scheme)) {
        std::string token(trim(std::string_view(authorization).substr(scheme.size())));
        auto who = co_await bearer_of(db, runtime.now(), std::move(token));
        if (!who) {
            co_return problem::bad_token.because("请到 /oauth/token 重新获取",
                                                 "ask for a new one at /oauth/token");
        }
        caller.who = std::move(*who);
    } else if (!cookie.empty()) {
        auto session = co_await session_of(db, runtime.now(), std::move(cookie));
        if (session) {
            caller = std::move(*session);
        }
    }
    caller.who.address = std::move(address);
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
