#include "portal/page_parts.hpp"
#include "portal/route_tables.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/http/own_path.hpp>

namespace pengcheng::portal {

namespace {

asio::awaitable<http::Reply> login_page(http::Call call) {
    auto context = pages::context_of(call, "");
    context.title = context.chinese ? "登录" : "Sign in";
    context.index = false;
    std::string back = http::own_path(call.query("back").value_or("/"), "/");
    if (!context.display_name.empty()) {
        co_return http::Reply::redirect(back);
    }
    co_return pages::page("login", Json{{"back", back == "/login" ? "/" : back}}, context);
}

asio::awaitable<http::Reply> register_page(http::Call call) {
    auto context = pages::context_of(call, "");
    context.title = context.chinese ? "个人用户注册" : "Register";
    co_return pages::page("register", Json::object(), context);
}

asio::awaitable<http::Reply> security_page(http::Call call) {
    auto context = pages::context_of(call, "");
    context.title = context.chinese ? "账号安全" : "Account security";
    context.index = false;
    std::string back = http::own_path(call.query("back").value_or("/my"), "/");
    co_return pages::page("security", Json{{"back", back}}, context);
}

/// Language and text size, kept in cookies that hold nothing personal; a plain link, so it needs no script.
asio::awaitable<http::Reply> preferences_page(http::Call call) {
    constexpr std::string_view attributes = "; Path=/; Max-Age=31536000; SameSite=Lax";
    auto reply = http::Reply::redirect(http::own_path(call.query("back").value_or("/"), "/"));
    auto language = call.query("lang").value_or("");
    if (language == "zh" || language == "en") {
        reply.header("Set-Cookie", "pc_lang=" + language + std::string(attributes));
    }
    auto large = call.query("large").value_or("");
    if (large == "0" || large == "1") {
        reply.header("Set-Cookie", "pc_large=" + large + std::string(attributes));
    }
    reply.header("Cache-Control", "no-store");
    co_return reply;
}

}  // namespace

http::Routes page_routes() {
    using enum http::Verb;
    constexpr std::string_view permission = "portal.page.view";
    return {
        {.verb = get, .path = "/", .permission = permission, .summary = "首页 / Home", .run = home_page},
        {.verb = get,
         .path = "/datasets",
         .permission = permission,
         .summary = "开放数据页 / Data sets page",
         .query = {"q", "theme", "organization", "sort", "page"},
         .run = datasets_page},
        {.verb = get,
         .path = "/datasets/{slug}",
         .permission = permission,
         .summary = "数据集页 / Data set page",
         .run = dataset_page},
        {.verb = get,
         .path = "/login",
         .permission = permission,
         .summary = "登录页 / Sign-in page",
         .query = {"back"},
         .run = login_page},
        {.verb = get,
         .path = "/register",
         .permission = permission,
         .summary = "注册页 / Registration page",
         .run = register_page},
        {.verb = get,
         .path = "/my/security",
         .permission = "identity.security.view",
         .summary = "账号安全页 / Account security page",
         .query = {"back"},
         .run = security_page},
        {.verb = get,
         .path = "/preferences",
         .permission = permission,
         .summary = "页面偏好 / Page preferences",
         .query = {"lang", "large", "back"},
         .run = preferences_page},
    };
}

}  // namespace pengcheng::portal
