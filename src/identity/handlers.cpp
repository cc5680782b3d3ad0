#include "identity/handlers.hpp"

#include "identity/account_rules.hpp"
#include "identity/problems.hpp"
#include "identity/sessions.hpp"
#include "identity/tokens.hpp"
#include "identity/users.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::string_view cookie_name = "pc_session";

std::string cookie_header(const Runtime& runtime, std::string_view value, std::string_view lifetime) {
    std::string secure = runtime.config.secure_cookie ? "; Secure" : "";
    return std::string(cookie_name) + "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Lax" + secure +
           std::string(lifetime);
}

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

template <class T>
Json list_of(const std::vector<T>& rows) {
    Json items = Json::array();
    for (const T& row : rows) {
        items.push_back(to_json(row));
    }
    return {{"items", std::move(items)}, {"total", rows.size()}};
}

}  // namespace

asio::awaitable<http::Reply> sign_in_route(http::Call call) {
    SignIn input{.username = call.body().at("username").get<std::string>(),
                 .password = call.body().at("password").get<std::string>(),
                 .address = call.who.address,
                 .previous_cookie = call.cookie(cookie_name).value_or("")};
    auto session = co_await sign_in(call.db, call.runtime, call.who, std::move(input));
    if (!session) {
        co_return http::Reply::of(session.error());
    }
    Json body = {{"csrf_token", session->csrf_token}, {"user", to_json(session->user)}};
    http::Reply reply = http::Reply::ok(body);
    reply.header("Set-Cookie", cookie_header(call.runtime, session->token, ""));
    co_return not_stored(std::move(reply));
}

asio::awaitable<http::Reply> session_route(http::Call call) {
    auto user = co_await find_user(call.db, call.who.id);
    if (!user) {
        co_return http::Reply::of(pengcheng::problem::unauthenticated.plain());  // a client system
    }
    Json body = {{"csrf_token", csrf_token_of(call.cookie(cookie_name).value_or(""))},
                 {"user", to_json(*user)}};
    co_return not_stored(http::Reply::ok(body));
}

asio::awaitable<http::Reply> sign_out_route(http::Call call) {
    co_await sign_out(call.db, call.who, call.cookie(cookie_name).value_or(""));
    http::Reply reply = http::Reply::no_content();
    reply.header("Set-Cookie", cookie_header(call.runtime, "", "; Max-Age=0"));
    co_return reply;
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
    auto token = co_await issue_token(call.db, call.runtime.now(), call.who, std::move(*request));
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
    auto rows = co_await clients(call.db, call.who.organization);
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

}  // namespace pengcheng::identity
