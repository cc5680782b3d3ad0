#include <pengcheng/base/text.hpp>
#include <pengcheng/pages/pages.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pengcheng::pages {

JsonText::JsonText(const Json& value)
    : text(value.is_null() ? "" : value.dump(-1, ' ', false, Json::error_handler_t::replace)) {
}

PageContext context_of(const http::Call& call, std::string title, std::string description) {
    PageContext context;
    context.title = std::move(title);
    context.description = std::move(description);
    auto language = call.cookie("pc_lang");
    context.chinese = language ? *language != "en" : call.who.chinese;
    context.large = call.cookie("pc_large") == "1";
    context.path = std::string(call.target());
    context.base_url = call.base_url();
    context.canonical = context.base_url + std::string(call.path());
    context.web_root = call.runtime.config.web_root.string();
    if (call.who.kind == Principal::Kind::user) {
        context.display_name = call.who.display_name.empty() ? call.who.name : call.who.display_name;
        // Labels beside the roles ("grade:1") make nobody a member of staff.
        context.staff = std::any_of(
            call.who.roles.begin(), call.who.roles.end(),
            [](const std::string& role) { return role != "citizen" && role.find(':') == std::string::npos; });
    }
    return context;
}

http::Reply page(std::string_view name, const Json& view, const PageContext& context, int status) {
    auto reply = http::Reply::html(render(name, view, context), status);
    reply.header("Cache-Control", context.display_name.empty() ? "no-cache" : "private, no-store");
    reply.header("Vary", "Cookie, Accept-Language");
    return reply;
}

namespace {

std::string render_error(const Problem& problem, PageContext context) {
    const auto& type = problem.type ? *problem.type : problem::internal;
    context.index = false;
    context.title = std::string(context.chinese ? type.title_zh : type.title_en);
    Json view{
        {"status", type.status},
        {"title", context.title},
        {"detail", context.chinese ? problem.detail_zh : problem.detail_en},
        {"sign_in", type.status == 401},
        {"missing", type.status == 404},
        {"retry", type.status >= 500},
        {"back", percent_encode(context.path.empty() ? "/" : context.path)},
        {"errors", Json::array()},
    };
    for (const auto& error : problem.errors) {
        view["errors"].push_back({{"detail", context.chinese ? error.detail_zh : error.detail_en}});
    }
    return render("error", view, context);
}

}  // namespace

http::Reply error_page(const Problem& problem, const PageContext& context) {
    int status = problem.type ? problem.type->status : 500;
    auto reply = http::Reply::html(render_error(problem, context), status);
    reply.header("Cache-Control", "no-store");
    return reply;
}

std::string error_html(const Problem& problem, bool chinese, const Config& config) {
    PageContext context;
    context.chinese = chinese;
    context.base_url = config.base_url();
    context.web_root = config.web_root.string();
    return render_error(problem, std::move(context));
}

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string day_of(std::string_view time) {
    return std::string(time.substr(0, 10));
}

}  // namespace pengcheng::pages
