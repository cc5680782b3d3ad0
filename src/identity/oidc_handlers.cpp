#include "identity/handlers.hpp"
#include "identity/oidc.hpp"

#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/http/own_path.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::string_view browser_cookie = "pc_oidc";

std::string browser_header(const Runtime& runtime, std::string_view value, std::string_view age) {
    std::string secure = runtime.config.secure_cookie ? "; Secure" : "";
    return std::string(browser_cookie) + "=" + std::string(value) +
           "; Path=/login/oidc; HttpOnly; SameSite=Lax" + secure + "; Max-Age=" + std::string(age);
}

}  // namespace

asio::awaitable<http::Reply> providers_route(http::Call) {
    Json items = Json::array();
    const OidcConfig& config = identity_config().oidc;
    if (oidc_configured()) {
        items.push_back({{"issuer", config.issuer},
                         {"label", config.label.empty() ? Json() : Json(config.label)},
                         {"url", "/login/oidc"}});
    }
    co_return http::Reply::ok({{"items", std::move(items)}});
}

asio::awaitable<http::Reply> oidc_begin_route(http::Call call) {
    // Another site may send people here to sign in, not to link their account (Fetch Metadata; "none":
    // typed).
    std::string_view from = call.header("Sec-Fetch-Site");
    bool own_page = from.empty() || from == "same-origin" || from == "none";
    bool links = own_page && call.query("link").value_or("") == "1" && call.who.kind == Principal::Kind::user;
    auto start =
        co_await oidc_begin(call.db, call.runtime, http::own_path(call.query("back").value_or(""), ""),
                            links ? call.who.id : std::string());
    if (!start) {
        co_return http::Reply::of(start.error());
    }
    http::Reply reply = http::Reply::redirect(start->location);
    reply.header("Set-Cookie", browser_header(call.runtime, start->browser, "600"));
    reply.header("Cache-Control", "no-store");
    co_return reply;
}

asio::awaitable<http::Reply> oidc_finish_route(http::Call call) {
    OidcAnswer answer{.code = call.query("code").value_or(""),
                      .state = call.query("state").value_or(""),
                      .error = call.query("error").value_or(""),
                      .issuer = call.query("iss").value_or(""),
                      .browser = call.cookie(browser_cookie).value_or("")};
    SignIn input{.address = call.who.address,
                 .user_agent = std::string(call.header("User-Agent")),
                 .previous_cookie = call.cookie("pc_session").value_or("")};
    auto done = co_await oidc_finish(call.db, call.runtime, call.who, std::move(answer), std::move(input));
    if (!done) {
        http::Reply refused = http::Reply::of(done.error());
        refused.header("Set-Cookie", browser_header(call.runtime, "", "0"));
        co_return refused;
    }
    bool citizen = done->session.user.kind == "citizen";
    std::string place = done->back.empty() ? (citizen ? "/my" : "/console/") : done->back;
    http::Reply reply = http::Reply::redirect(place);
    reply.header("Set-Cookie", session_cookie(call.runtime, done->session.token, ""));
    reply.header("Set-Cookie", browser_header(call.runtime, "", "0"));
    reply.header("Cache-Control", "no-store");
    co_return reply;
}

asio::awaitable<http::Reply> unlink_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto done = co_await unlink_outside(tx, call.who);
    if (!done) {
        co_return http::Reply::of(done.error());
    }
    co_await tx.commit();
    co_return http::Reply::no_content();
}

}  // namespace pengcheng::identity
