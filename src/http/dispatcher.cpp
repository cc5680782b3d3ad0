#include "http/dispatcher.hpp"

#include "http/finish.hpp"
#include "http/idempotency.hpp"
#include "http/problems.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>

namespace pengcheng::http {

namespace {

/// The query string in order, decoded. Throws ProblemError for a broken escape or bad UTF-8.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text) {
    constexpr std::size_t parameters_max = 500;
    std::vector<std::pair<std::string, std::string>> out;
    if (text.empty()) {
        return out;
    }
    for (std::string_view pair : split(text, '&')) {
        if (pair.empty()) {
            continue;
        }
        std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(equals < pair.size() ? pair.substr(equals + 1) : "", true);
        bool clean = name && value && valid_utf8(*name) && valid_utf8(*value) &&
                     value->find('\0') == std::string::npos;
        if (!clean || out.size() >= parameters_max) {
            throw ProblemError(
                problem::bad_parameter.because("查询串含有无效的百分号转义、非 UTF-8 文字或参数过多",
                                               "bad percent escape, not UTF-8, or too many parameters"));
        }
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return out;
}

std::optional<std::int64_t> parse_version(std::string_view text) {
    text = trim(text);
    if (text.starts_with("W/")) {
        text.remove_prefix(2);
    }
    if (text.size() < 3 || text.front() != '"' || text.back() != '"') {
        return std::nullopt;
    }
    return to_int(text.substr(1, text.size() - 2));
}

Problem of_database(const db::Error& error) {
    if (error.unique_violation()) {
        return pengcheng::problem::conflict.plain();
    }
    if (error.sqlstate() == "57014") {
        return problem::timeout.plain();
    }
    // Out of something (53), or still in another's way after all tries (40: conflict, 55P03: lock).
    bool another_time = error.sqlstate().starts_with("53") || error.sqlstate().starts_with("40") ||
                        error.sqlstate() == "55P03";
    if (error.connection_lost() || another_time) {
        Problem out = problem::not_ready.plain();
        out.retry_after_s = 1;
        return out;
    }
    if (error.sqlstate() == "22021" || error.sqlstate() == "22P05") {
        return problem::bad_request.because("文字中含有不能保存的字符",
                                            "the text holds a character that cannot be stored");
    }
    return pengcheng::problem::internal.plain();
}

bool is_unsafe(std::string_view method) {
    return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

void append_verb(std::string& allow, std::string_view verb) {
    allow.append(allow.empty() ? "" : ", ").append(verb);
}

}  // namespace

Dispatcher::Dispatcher(const Runtime& runtime, Routes routes, Gate gate)
    : runtime_(runtime),
      routes_(std::move(routes)),
      router_(routes_),
      schemas_(routes_),
      gate_(std::move(gate)) {
}

asio::awaitable<Reply> Dispatcher::handle(db::Pool& db, std::shared_ptr<Request> request) const {
    Reply reply;
    try {
        reply = co_await run(db, request);
    } catch (const ProblemError& error) {
        reply = Reply::of(error.problem());
    } catch (const db::Busy&) {
        Problem busy = pengcheng::problem::busy.plain();
        busy.retry_after_s = 1;
        reply = Reply::of(busy);
    } catch (const db::Error& error) {
        Problem found = of_database(error);
        if (found.type->status >= 500) {
            // Of what passes by itself the caller is told to come again.
            auto say = found.retry_after_s > 0 ? log::warn : log::error;
            say("http.database",
                {{"request", request->request_id}, {"path", request->path}, {"error", error.what()}});
        }
        reply = Reply::of(found);
    } catch (const std::exception& error) {
        // A stopped request fails wherever it waited; the session knows why and answers.
        if (!request->stopped) {
            log::error("http.failed",
                       {{"request", request->request_id}, {"path", request->path}, {"error", error.what()}});
        }
        reply = Reply::of(pengcheng::problem::internal.plain());
    }
    if (reply.problem) {
        Headers extra = std::move(reply.headers);
        reply = render(*reply.problem, *request);
        std::move(extra.begin(), extra.end(), std::back_inserter(reply.headers));
    }
    add_cors(*request, reply);
    co_return reply;
}

asio::awaitable<Reply> Dispatcher::run(db::Pool& db, std::shared_ptr<Request> request) const {
    if (request->method == "OPTIONS" && request->path == "*") {
        co_return Reply::no_content().header("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    }
    Match match = router_.find(request->method, request->path);
    if (match.route == nullptr && match.allow.empty()) {
        co_return Reply::of(problem::no_route.because(request->path, request->path));
    }
    if (match.route == nullptr) {
        bool options = request->method == "OPTIONS";
        append_verb(match.allow, "OPTIONS");
        request->allow = match.allow;
        Reply reply = options ? Reply::no_content() : Reply::of(problem::no_method.plain());
        reply.header("Allow", std::move(match.allow));
        co_return reply;
    }
    const Route& route = *match.route;
    request->route = &route;
    request->params = std::move(match.params);
    std::size_t mark = request->target.find('?');
    request->query =
        parse_query(mark == std::string::npos ? "" : std::string_view(request->target).substr(mark + 1));

    std::string cookie = route.no_csrf ? "" : request->cookie("pc_session").value_or("");
    std::string authorization(request->header("Authorization"));
    Authenticated caller;  // anonymous, unless it shows something
    if (!cookie.empty() || !authorization.empty()) {
        auto authenticated =
            co_await gate_.authenticate(db, std::move(cookie), std::move(authorization), request->address);
        if (!authenticated) {
            co_return Reply::of(authenticated.error());
        }
        caller = std::move(*authenticated);
    }
    caller.who.request_id = request->request_id;
    caller.who.address = request->address;
    caller.who.chinese = request->chinese;

    Result<void> admitted{};
    // Nothing to decide: anybody may, and no cookie asks for the CSRF token.
    bool free = route.permission == "public" && route.owner == nullptr && caller.csrf_token.empty();
    if (!free) {
        admitted = co_await admit(db, route, *request, caller);
    }
    if (!admitted) {
        bool page = !request->is_api() && request->is_read();
        if (page && admitted.error().type->status == 401) {
            co_return Reply::redirect("/login?back=" + percent_encode(request->target));
        }
        if (admitted.error().type->status == 403 && gate_.refused) {
            co_await gate_.refused(db, caller.who, std::string(route.permission), request->path);
        }
        co_return Reply::of(admitted.error());
    }
    if (request->has_body || route.body != nullptr || route.if_match ||
        !request->header("If-Match").empty()) {
        co_await read_body(route, *request);
    }
    request->who = std::move(caller.who);
    const Principal& who = request->who;
    std::string key(request->header("Idempotency-Key"));
    bool keep = route.verb == Verb::post && !route.secret && route.body_kind != BodyKind::streamed;
    if (keep && !key.empty() && !who.anonymous()) {
        std::string principal = who.id.empty() ? who.name : who.id;
        auto work = [this, &route, request](db::Pool& marked) {
            return run_once(route, Call(marked, request->who, runtime_, request), request);
        };
        co_return co_await with_idempotency_key(db, std::move(principal), std::move(key), request,
                                                std::move(work));
    }
    co_return co_await run_once(route, Call(db, who, runtime_, request), request);
}

asio::awaitable<Reply> Dispatcher::run_once(const Route& route, Call call,
                                            std::shared_ptr<Request> request) const {
    constexpr int tries_max = 3;
    for (int attempt = 1;; ++attempt) {
        try {
            co_return co_await route.run(call);
        } catch (const db::Error& error) {
            bool conflict =
                error.sqlstate() == "40001" || error.sqlstate() == "40P01" || error.statement_lost();
            bool cut_read = route.verb == Verb::get && error.connection_lost() && attempt == 1;
            if (!(conflict || cut_read) || attempt == tries_max || route.body_kind == BodyKind::streamed) {
                throw;
            }
            log::info("http.retry", {{"request", request->request_id}, {"sqlstate", error.sqlstate()}});
        }
    }
}

asio::awaitable<Result<void>> Dispatcher::admit(db::Pool& db, const Route& route, const Request& request,
                                                const Authenticated& caller) const {
    // The role first: who may do this to no object at all learns nothing about objects.
    auto by_role = gate_.authorize(caller.who, route.permission, false, std::nullopt, std::nullopt, 0);
    if (!by_role) {
        co_return by_role.error();
    }
    if (!caller.csrf_token.empty() && is_unsafe(request.method) &&
        request.header("X-CSRF-Token") != caller.csrf_token) {
        co_return problem::csrf.plain();
    }
    if (route.owner != nullptr) {
        std::vector<db::Param> object{request.params.find(route.object)->second};
        db::Statement owner = *route.owner;
        owner.lane = db::Lane::shared;  // every one is a look-up by key
        db::Rows rows = co_await db.execute(owner, std::move(object));
        if (rows.size() == 0) {
            co_return pengcheng::problem::not_found.plain();
        }
        std::optional<std::string> organization;
        std::optional<std::string> account;
        db::decode(rows.at(0, rows.column("organization")), organization);
        db::decode(rows.at(0, rows.column("account")), account);
        int grade = 0;
        if (int column = rows.column("grade"); column >= 0) {
            db::decode(rows.at(0, column), grade);
        }
        auto by_object = gate_.authorize(caller.who, route.permission, true, organization, account, grade);
        if (!by_object) {
            co_return by_object.error();
        }
    }
    co_return Result<void>{};
}

asio::awaitable<void> Dispatcher::read_body(const Route& route, Request& request) const {
    // Taken as it is, a form would be stored with its envelope.
    if (starts_with_ci(request.header("Content-Type"), "multipart/")) {
        throw ProblemError(problem::no_multipart.plain());
    }
    if (std::string_view text = request.header("If-Match"); !text.empty()) {
        request.version = parse_version(text);
        if (!request.version) {
            throw ProblemError(problem::bad_version.at("/header/If-Match"));
        }
    } else if (route.if_match) {
        throw ProblemError(problem::no_version.at("/header/If-Match"));
    }
    if (route.body_kind == BodyKind::streamed || (!request.has_body && route.body == nullptr)) {
        co_return;
    }
    std::int64_t bytes_max = request.limits->body_bytes_max;
    check_size(request.content_length.value_or(0), bytes_max);
    std::array<char, 16384> piece{};
    while (std::size_t got = co_await request.read_some(piece)) {
        request.raw_body.append(piece.data(), got);
        check_size(static_cast<std::int64_t>(request.raw_body.size()), bytes_max);
    }
    if (route.body == nullptr) {
        co_return;
    }
    std::string_view type = request.header("Content-Type");
    if (!type.empty() && !starts_with_ci(type, "application/json") &&
        !starts_with_ci(type, "application/merge-patch+json")) {
        throw ProblemError(problem::wrong_type.plain());
    }
    auto parsed =
        parse_json(request.raw_body.empty() ? "{}" : request.raw_body, runtime_.config.json_depth_max);
    if (!parsed) {
        throw ProblemError(parsed.error());
    }
    std::vector<FieldError> errors = schemas_.check(route.body->name, *parsed);
    if (!errors.empty()) {
        Problem invalid = pengcheng::problem::invalid_input.plain();
        invalid.errors = std::move(errors);
        throw ProblemError(std::move(invalid));
    }
    request.body = std::move(*parsed);
}

Reply Dispatcher::render(const Problem& problem, const Request& request) const {
    const ProblemType& type = *problem.type;
    std::string_view accept = request.header("Accept");
    if (!request.is_api() && accept.find("text/html") != std::string_view::npos && gate_.error_page) {
        return Reply::html(gate_.error_page(problem, request.chinese), type.status);
    }
    return problem_reply(problem, request);
}

std::size_t Dispatcher::row_of(const Request& request) const {
    if (request.route == nullptr) {
        return routes_.size() + (request.from_files ? 1 : 0);
    }
    return static_cast<std::size_t>(request.route - routes_.data());
}

std::vector<std::string> Dispatcher::row_names() const {
    std::vector<std::string> names;
    names.reserve(routes_.size() + 2);
    for (const Route& route : routes_) {
        names.push_back(std::string(to_text(route.verb)) + " " + std::string(route.path));
    }
    names.emplace_back("none");
    names.emplace_back("files");
    return names;
}

}  // namespace pengcheng::http
