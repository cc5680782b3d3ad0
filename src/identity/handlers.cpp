#include "identity/handlers.hpp"

#include "identity/account_rules.hpp"
#include "identity/passwords.hpp"
#include "identity/problems.hpp"
#include "identity/second_factor.hpp"
#include "identity/sessions.hpp"
#include "identity/signing_keys.hpp"
#include "identity/tokens.hpp"
#include "identity/users.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::string_view cookie_name = "pc_session";

/// Passwords, tokens and secrets pass here: no cache keeps them.
http::Reply not_stored(http::Reply reply) {
    reply.header("Cache-Control", "no-store");
    return reply;
}

http::Reply oauth_refusal(const OauthError& error, bool by_header) {
    http::Reply reply = http::Reply::ok({{"error", error.error}, {"error_description", error.description}});
    reply.status = error.status;
    if (error.status == 401 && by_header) {
        reply.header("WWW-Authenticate", "Basic realm=\"pengcheng\", charset=\"UTF-8\"");
    }
    return not_stored(std::move(reply));
}

Json session_json(const std::string& csrf_token, const User& user, std::string_view pending) {
    return {{"csrf_token", csrf_token},
            {"user", to_json(user)},
            {"pending", pending.empty() ? Json() : Json(pending)}};
}

Json codes_json(const std::vector<std::string>& codes) {
    return {{"recovery_codes", codes}};
}

std::string own_cookie(const http::Call& call) {
    return call.cookie(cookie_name).value_or("");
}

/// `grade_max` of the body; null is the ceiling of the roles.
std::optional<int> grade_of(const Json& body) {
    const Json& grade = body.at("grade_max");
    return grade.is_null() ? std::nullopt : std::optional<int>(grade.get<int>());
}

template <class T>
Json list_of(const std::vector<T>& rows) {
    Json items = Json::array();
    for (const T& row : rows) {
        items.push_back(to_json(row));
    }
    return {{"items", std::move(items)}, {"total", rows.size()}};
}

}  // namespace

std::string session_cookie(const Runtime& runtime, std::string_view value, std::string_view lifetime) {
    std::string secure = runtime.config.secure_cookie ? "; Secure" : "";
    return std::string(cookie_name) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Lax" + secure +
           std::string(lifetime);
}

asio::awaitable<http::Reply> sign_in_route(http::Call call) {
    SignIn input{.username = call.body().at("username").get<std::string>(),
                 .password = call.body().at("password").get<std::string>(),
                 .code = call.body().value("code", ""),
                 .address = call.who.address,
                 .user_agent = std::string(call.header("User-Agent")),
                 .previous_cookie = call.cookie(cookie_name).value_or("")};
    auto session = co_await sign_in(call.db, call.runtime, call.who, std::move(input));
    if (!session) {
        co_return http::Reply::of(session.error());
    }
    Json body = session_json(session->csrf_token, session->user, session->pending);
    http::Reply reply = http::Reply::ok(body);
    reply.header("Set-Cookie", session_cookie(call.runtime, session->token, ""));
    co_return not_stored(std::move(reply));
}

asio::awaitable<http::Reply> session_route(http::Call call) {
    auto user = co_await find_user(call.db, call.who.id);
    if (!user) {
        co_return http::Reply::of(pengcheng::problem::unauthenticated.plain());  // a client system
    }
    Json body =
        session_json(csrf_token_of(call.cookie(cookie_name).value_or("")), *user, pending_of(call.who));
    co_return not_stored(http::Reply::ok(body));
}

asio::awaitable<http::Reply> sign_out_route(http::Call call) {
    co_await sign_out(call.db, call.who, call.cookie(cookie_name).value_or(""));
    http::Reply reply = http::Reply::no_content();
    reply.header("Set-Cookie", session_cookie(call.runtime, "", "; Max-Age=0"));
    co_return reply;
}

asio::awaitable<http::Reply> my_sessions_route(http::Call call) {
    auto rows = co_await sessions_of(call.db, call.runtime, call.who.id, own_cookie(call));
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> end_my_session_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto ended = co_await end_session(tx, call.who, call.who.id, call.param("id"));
    if (!ended) {
        co_return http::Reply::of(ended.error());
    }
    co_await tx.commit();
    co_return http::Reply::no_content();
}

asio::awaitable<http::Reply> end_my_other_sessions_route(http::Call call) {
    if (call.who.kind != Principal::Kind::user) {
        co_return http::Reply::of(problem::no_user.plain());
    }
    auto tx = co_await call.db.begin();
    auto ended = co_await end_others(tx, call.who, own_cookie(call));
    co_await tx.commit();
    co_return http::Reply::ok({{"ended", ended}});
}

asio::awaitable<http::Reply> user_sessions_route(http::Call call) {
    if (!co_await find_user(call.db, call.param("id"))) {
        co_return http::Reply::of(problem::no_user.plain());
    }
    auto rows = co_await sessions_of(call.db, call.runtime, call.param("id"), own_cookie(call));
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> end_user_sessions_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto ended = co_await end_sessions_of(tx, call.who, call.param("id"));
    if (!ended) {
        co_return http::Reply::of(ended.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok({{"ended", *ended}});
}

asio::awaitable<http::Reply> security_route(http::Call call) {
    auto security = co_await security_of(call.db, call.who);
    co_return security ? http::Reply::ok(to_json(*security)) : http::Reply::of(problem::no_user.plain());
}

asio::awaitable<http::Reply> change_password_route(http::Call call) {
    std::string present = call.body().at("present").get<std::string>();
    std::string next = call.body().at("password").get<std::string>();
    auto changed = co_await change_password(call.db, call.runtime, call.who, std::move(present),
                                            std::move(next), own_cookie(call));
    co_return changed ? http::Reply::no_content() : http::Reply::of(changed.error());
}

asio::awaitable<http::Reply> offer_totp_route(http::Call call) {
    auto offer = co_await offer_totp(call.db, call.who);
    if (!offer) {
        co_return http::Reply::of(offer.error());
    }
    Json body = {{"secret", offer->secret}, {"uri", offer->uri}};
    co_return not_stored(http::Reply::ok(body));
}

asio::awaitable<http::Reply> confirm_totp_route(http::Call call) {
    auto codes = co_await confirm_totp(call.db, call.runtime, call.who,
                                       call.body().at("code").get<std::string>(), own_cookie(call));
    co_return codes ? not_stored(http::Reply::ok(codes_json(*codes))) : http::Reply::of(codes.error());
}

asio::awaitable<http::Reply> remove_totp_route(http::Call call) {
    auto removed =
        co_await remove_totp(call.db, call.runtime, call.who, call.body().at("code").get<std::string>());
    co_return removed ? http::Reply::no_content() : http::Reply::of(removed.error());
}

asio::awaitable<http::Reply> recovery_codes_route(http::Call call) {
    auto codes = co_await renew_recovery_codes(call.db, call.runtime, call.who,
                                               call.body().at("code").get<std::string>());
    co_return codes ? not_stored(http::Reply::ok(codes_json(*codes))) : http::Reply::of(codes.error());
}

asio::awaitable<http::Reply> reset_totp_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto reset = co_await reset_totp(tx, call.who, call.param("id"));
    if (!reset) {
        co_return http::Reply::of(reset.error());
    }
    co_await tx.commit();
    co_return http::Reply::no_content();
}

asio::awaitable<http::Reply> lockouts_route(http::Call call) {
    auto rows = co_await lockouts(call.db, call.runtime.now());
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> end_lockout_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto ended = co_await end_lockout(tx, call.who, call.param("id"));
    if (!ended) {
        co_return http::Reply::of(ended.error());
    }
    co_await tx.commit();
    co_return http::Reply::no_content();
}

asio::awaitable<http::Reply> register_route(http::Call call) {
    const Json& body = call.body();
    NewCitizen input{.username = body.at("username").get<std::string>(),
                     .display_name = body.at("display_name").get<std::string>(),
                     .id_number = body.at("id_number").get<std::string>(),
                     .phone = body.at("phone").get<std::string>(),
                     .password = body.at("password").get<std::string>()};
    auto user = co_await add_citizen(call.db, call.who, std::move(input), call.runtime.today());
    if (!user) {
        co_return http::Reply::of(user.error());
    }
    co_return http::Reply::created(to_json(*user), "/api/v1/me");
}

asio::awaitable<http::Reply> profile_route(http::Call call) {
    auto user = co_await find_user(call.db, call.who.id);
    if (!user) {
        co_return http::Reply::of(problem::no_user.plain());
    }
    auto personal = co_await profile(call.db, call.who.id);
    Json body = {{"user", to_json(*user)}, {"id_number_masked", nullptr}, {"phone_masked", nullptr}};
    if (personal) {
        body["id_number_masked"] = mask_id_number(personal->id_number);
        body["phone_masked"] = mask_phone(personal->phone);
    }
    co_return http::Reply::ok(body);
}

asio::awaitable<http::Reply> organizations_route(http::Call call) {
    auto rows = co_await organizations(call.db);
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> regions_route(http::Call call) {
    auto rows = co_await regions(call.db);
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> token_route(http::Call call) {
    bool basic = starts_with_ci(call.header("Authorization"), "Basic ");
    auto request = read_token_request(call.raw_body(), call.header("Authorization"));
    if (!request) {
        co_return oauth_refusal(request.error(), basic);
    }
    auto token = co_await issue_token(call.db, call.runtime, call.who, std::move(*request));
    if (!token) {
        OauthError refusal{401, "invalid_client",
                           "client_id or client_secret is wrong, or the client is disabled"};
        co_return oauth_refusal(refusal, basic);
    }
    Json body = {
        {"access_token", *token}, {"token_type", "Bearer"}, {"expires_in", token_seconds}, {"scope", "data"}};
    http::Reply reply = http::Reply::ok(body);
    reply.header("Pragma", "no-cache");
    co_return not_stored(std::move(reply));
}

asio::awaitable<http::Reply> clients_route(http::Call call) {
    bool every = listing(call.who, "identity.client.list").every;
    auto rows = co_await clients(call.db, every ? std::string() : call.who.organization);
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> add_client_route(http::Call call) {
    NewClient input{.name = call.body().at("name").get<std::string>(), .organization = call.who.organization};
    auto tx = co_await call.db.begin();
    auto made = co_await add_client(tx, call.who, std::move(input));
    if (!made) {
        co_return http::Reply::of(made.error());
    }
    co_await tx.commit();
    Json body = {{"client_id", made->client.client_id},
                 {"client_secret", made->secret},
                 {"name", made->client.name},
                 {"organization", made->client.organization}};
    co_return not_stored(http::Reply::created(body, "/api/v1/clients"));
}

asio::awaitable<http::Reply> disable_client_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto client = co_await disable_client(tx, call.who, call.param("client_id"));
    if (!client) {
        co_return http::Reply::of(client.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok(to_json(*client));
}

asio::awaitable<http::Reply> users_route(http::Call call) {
    int limit = call.limit(50, 200);
    auto after = base64_decode(call.query("cursor").value_or(""));
    UserFilter filter{.q = call.query("q").value_or(""),
                      .organization = call.query("organization").value_or(""),
                      .after = after && valid_utf8(*after) ? *after : "",
                      .limit = limit + 1};
    auto rows = co_await users(call.db, std::move(filter));
    Json cursor = nullptr;
    if (rows.size() > static_cast<std::size_t>(limit)) {
        rows.pop_back();
        cursor = base64url(rows.back().username);
    }
    Json body = list_of(rows);
    body.erase("total");
    body["next_cursor"] = std::move(cursor);
    co_return http::Reply::ok(body);
}

asio::awaitable<http::Reply> add_user_route(http::Call call) {
    const Json& body = call.body();
    NewUser input{.username = body.at("username").get<std::string>(),
                  .display_name = body.at("display_name").get<std::string>(),
                  .password = body.at("password").get<std::string>()};
    if (body.contains("organization") && body.at("organization").is_string()) {
        input.organization = body.at("organization").get<std::string>();
    }
    auto user = co_await add_user(call.db, call.who, std::move(input));
    if (!user) {
        co_return http::Reply::of(user.error());
    }
    co_return http::Reply::created(to_json(*user), "/api/v1/users");
}

asio::awaitable<http::Reply> roles_route(http::Call call) {
    auto roles = call.body().at("roles").get<std::vector<std::string>>();
    auto tx = co_await call.db.begin();
    auto user = co_await set_roles(tx, call.who, call.param("id"), std::move(roles));
    if (!user) {
        co_return http::Reply::of(user.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok(to_json(*user));
}

asio::awaitable<http::Reply> disable_user_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto user = co_await set_user_state(tx, call.who, call.param("id"), false);
    if (!user) {
        co_return http::Reply::of(user.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok(to_json(*user));
}

asio::awaitable<http::Reply> enable_user_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto user = co_await set_user_state(tx, call.who, call.param("id"), true);
    if (!user) {
        co_return http::Reply::of(user.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok(to_json(*user));
}

asio::awaitable<http::Reply> user_grade_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto user = co_await set_grade(tx, call.who, call.param("id"), grade_of(call.body()));
    if (!user) {
        co_return http::Reply::of(user.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok(to_json(*user));
}

asio::awaitable<http::Reply> client_grade_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto client = co_await set_client_grade(tx, call.who, call.param("client_id"), grade_of(call.body()));
    if (!client) {
        co_return http::Reply::of(client.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok(to_json(*client));
}

asio::awaitable<http::Reply> secrets_route(http::Call call) {
    auto rows = co_await client_secrets(call.db, call.param("client_id"));
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> add_secret_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto made = co_await add_secret(tx, call.who, call.param("client_id"));
    if (!made) {
        co_return http::Reply::of(made.error());
    }
    co_await tx.commit();
    Json body = {
        {"id", made->made.id}, {"client_secret", made->secret}, {"created_at", made->made.created_at}};
    co_return not_stored(http::Reply::created(
        body, "/api/v1/clients/" + percent_encode(call.param("client_id")) + "/secrets"));
}

asio::awaitable<http::Reply> retire_secret_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto retired =
        co_await retire_secret(tx, call.who, call.runtime.now(), call.param("client_id"), call.param("id"));
    if (!retired) {
        co_return http::Reply::of(retired.error());
    }
    co_await tx.commit();
    co_return http::Reply::ok(to_json(*retired));
}

asio::awaitable<http::Reply> signing_keys_route(http::Call call) {
    auto rows = co_await signing_keys(call.db, call.runtime.now());
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> rotate_key_route(http::Call call) {
    auto tx = co_await call.db.begin();
    bool at_once = call.body().value("at_once", false);
    auto rows = co_await rotate_signing_key(tx, call.runtime.now(), call.who, at_once);
    co_await tx.commit();
    co_return http::Reply::ok(list_of(rows));
}

asio::awaitable<http::Reply> jwks_route(http::Call call) {
    auto ring = co_await signing_ring(call.db, call.runtime);
    http::Reply reply = http::Reply::ok(jwk_set(*ring, call.runtime.now()));
    reply.header("Cache-Control", "public, max-age=300");
    co_return reply;
}

asio::awaitable<http::Reply> metadata_route(http::Call call) {
    http::Reply reply = http::Reply::ok(server_metadata(call.runtime.config.base_url()));
    reply.header("Cache-Control", "public, max-age=300");
    co_return reply;
}

}  // namespace pengcheng::identity
