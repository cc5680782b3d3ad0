#include <pengcheng/services/routes.hpp>

#include "services/accesses.hpp"
#include "services/cases.hpp"
#include "services/documents.hpp"
#include "services/problems.hpp"
#include "services/route_tables.hpp"
#include "services/schemas.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::services {

extern constexpr db::Statement case_owner_sql{"services.case_owner", R"sql(
    SELECT organization, applicant::text AS account FROM services.case_file WHERE case_no = $1
)sql"};

namespace {

constexpr std::size_t idempotency_key_max = 200;

Step step_of(const http::Call& call, const char* note_member, bool versioned = true) {
    return {.case_no = call.param("case_no"),
            .version = versioned ? std::optional(call.if_match()) : std::nullopt,
            .note = call.body().value(note_member, "")};
}

http::Reply shown(const Result<Told>& told) {
    if (!told) {
        return http::Reply::of(told.error());
    }
    http::Reply reply = http::Reply::ok(told->body);
    reply.etag(told->one.version);
    reply.header("Cache-Control", "private, no-store");
    return reply;
}

asio::awaitable<http::Reply> create_route(http::Call call) {
    const Json& body = call.body();
    NewCase input{.item = body.at("item").get<std::string>(),
                  .form = body.at("form"),
                  .materials = body.value("materials", Json::array()),
                  .consent = body.value("consent", false),
                  .idempotency_key = std::string(call.header("Idempotency-Key"))};
    if (input.idempotency_key.size() > idempotency_key_max) {
        co_return http::Reply::of(problem::invalid_input.at("/idempotency-key", "过长", "is too long"));
    }
    auto made = co_await create_case(call.db, call.runtime, call.who, std::move(input));
    if (!made) {
        co_return http::Reply::of(made.error());
    }
    http::Reply reply = http::Reply::created(made->body, "/api/v1/services/cases/" + made->one.case_no);
    reply.etag(made->one.version);
    co_return reply;
}

asio::awaitable<http::Reply> list_route(http::Call call) {
    const auto asked = call.query("box").value_or(call.who.has_role("citizen") ? "mine" : "all");
    const std::map<std::string, Box> boxes{
        {"mine", Box::mine}, {"intake", Box::intake}, {"decide", Box::decide}, {"all", Box::all}};
    const auto box = boxes.find(asked);
    if (box == boxes.end()) {
        co_return http::Reply::of(problem::invalid_input.at("/box", "应为 mine、intake、decide 或 all",
                                                            "must be mine, intake, decide or all"));
    }
    if (box->second != Box::mine && !call.who.has_role("window_staff") &&
        !call.who.has_role("case_officer")) {
        co_return http::Reply::of(problem::forbidden.plain());
    }
    CaseQuery query{.box = box->second,
                    .state = call.query("state").value_or(""),
                    .q = call.query("q").value_or(""),
                    .before = call.query("cursor").value_or(""),
                    .limit = call.limit(20, 100) + 1};
    const auto limit = static_cast<std::size_t>(query.limit - 1);
    auto cases = co_await list_cases(call.db, call.who, std::move(query));
    Json reply{{"items", Json::array()}};
    if (cases.size() > limit) {
        cases.resize(limit);
        reply["next_cursor"] = cases.back().case_no;
    }
    reply["items"] = co_await case_briefs(call.db, call.runtime, call.who.chinese, std::move(cases));
    co_return http::Reply::ok(reply);
}

asio::awaitable<Result<Case>> readable(http::Call call) {
    auto one = co_await find_case(call.db, call.param("case_no"));
    if (!one) {
        co_return problem::no_case.plain();
    }
    if (!may_read(call.who, *one)) {
        co_return problem::forbidden.plain();
    }
    co_return *one;
}

asio::awaitable<http::Reply> view_route(http::Call call) {
    auto one = co_await readable(call);
    if (!one) {
        co_return http::Reply::of(one.error());
    }
    Told told{.one = *one};
    told.body = co_await case_json(call.db, call.runtime, call.who, *one);
    co_return shown(told);
}

asio::awaitable<http::Reply> accept_route(http::Call call) {
    auto told = co_await accept(call.db, call.runtime, call.who, step_of(call, "note"));
    co_return shown(told);
}

asio::awaitable<http::Reply> supplement_route(http::Call call) {
    Json missing = call.body().at("missing");
    auto told =
        co_await ask_supplement(call.db, call.runtime, call.who, step_of(call, "note"), std::move(missing));
    co_return shown(told);
}

asio::awaitable<http::Reply> answer_route(http::Call call) {
    Answer given{.form = call.body().value("form", Json::object()),
                 .materials = call.body().value("materials", Json::array())};
    auto told =
        co_await answer(call.db, call.runtime, call.who, step_of(call, "note", false), std::move(given));
    co_return shown(told);
}

asio::awaitable<http::Reply> refuse_route(http::Call call) {
    auto told = co_await refuse(call.db, call.runtime, call.who, step_of(call, "reason"));
    co_return shown(told);
}

asio::awaitable<http::Reply> start_review_route(http::Call call) {
    auto told = co_await start_review(call.db, call.runtime, call.who, step_of(call, "note"));
    co_return shown(told);
}

asio::awaitable<http::Reply> decide_route(http::Call call) {
    auto result = call.body().at("result").get<std::string>();
    auto told = co_await decide(call.db, call.runtime, call.who, step_of(call, "reason"), std::move(result));
    co_return shown(told);
}

asio::awaitable<http::Reply> close_route(http::Call call) {
    auto told = co_await close(call.db, call.runtime, call.who, step_of(call, "note"));
    co_return shown(told);
}

asio::awaitable<http::Reply> withdraw_route(http::Call call) {
    auto told = co_await withdraw(call.db, call.runtime, call.who, step_of(call, "reason"));
    co_return shown(told);
}

asio::awaitable<http::Reply> review_route(http::Call call) {
    const int stars = call.body().at("stars").get<int>();
    auto told = co_await rate(call.db, call.runtime, call.who, step_of(call, "comment", false), stars);
    co_return shown(told);
}

asio::awaitable<http::Reply> document_route(http::Call call, std::string kind) {
    auto one = co_await readable(call);
    if (!one) {
        co_return http::Reply::of(one.error());
    }
    if (kind == "decision" && one->decision.is_null()) {
        co_return http::Reply::of(problem::no_document.plain());
    }
    http::Reply reply =
        http::Reply::html(co_await document_html(call.db, call.base_url(), *one, std::move(kind)));
    reply.header("Cache-Control", "private, no-store");
    co_return reply;
}

asio::awaitable<http::Reply> verify_route(http::Call call) {
    const auto& kind = call.param("kind");
    auto one = co_await find_case(call.db, call.param("case_no"));
    const bool known = one && (kind == "receipt" || kind == "decision");
    const bool valid = known && document_agrees(*one, kind, call.query("digest").value_or(""));
    co_return http::Reply::ok({{"case_no", call.param("case_no")}, {"kind", kind}, {"valid", valid}});
}

asio::awaitable<http::Reply> case_accesses_route(http::Call call) {
    audit::AccessFilter filter{.subject = call.who.id,
                               .case_no = call.param("case_no"),
                               .limit = call.limit(20, 100),
                               .before_id = call.query("cursor").value_or("")};
    co_return http::Reply::ok(co_await accesses_json(call.db, std::move(filter)));
}

asio::awaitable<http::Reply> my_accesses_route(http::Call call) {
    audit::AccessFilter filter{
        .subject = call.who.id, .limit = call.limit(20, 100), .before_id = call.query("cursor").value_or("")};
    co_return http::Reply::ok(co_await accesses_json(call.db, std::move(filter)));
}

/// A transition of one case: body in, the whole case out.
http::Route step(std::string_view path, std::string_view permission, const http::Schema& body, bool if_match,
                 std::string_view summary, std::function<asio::awaitable<http::Reply>(http::Call)> run) {
    return {.verb = http::Verb::post,
            .path = path,
            .permission = permission,
            .object = "case_no",
            .owner = &case_owner_sql,
            .body = &body,
            .reply = &schema::case_,
            .if_match = if_match,
            .summary = summary,
            .uses = {&schema::body_name, &schema::form_value, &schema::handed_material},
            .run = std::move(run)};
}

http::Route document(std::string_view path, std::string_view permission, std::string kind,
                     std::string_view summary) {
    auto run = [kind = std::move(kind)](http::Call call) { return document_route(std::move(call), kind); };
    return {.verb = http::Verb::get,
            .path = path,
            .permission = permission,
            .object = "case_no",
            .owner = &case_owner_sql,
            .summary = summary,
            .run = std::move(run)};
}

}  // namespace

http::Routes case_routes() {
    using enum http::Verb;
    return {
        {.verb = post,
         .path = "/api/v1/services/cases",
         .permission = "services.case.create",
         .body = &schema::case_body,
         .reply = &schema::case_,
         .secret = true,  // personal data; the operation keeps the key with its own case
         .summary = "提交申请 / Apply",
         .uses = {&schema::body_name, &schema::form_value, &schema::handed_material},
         .run = create_route},
        {.verb = get,
         .path = "/api/v1/services/cases",
         .permission = "services.case.list",
         .reply = &schema::case_list,
         .summary = "办件列表 / Cases of a box",
         .uses = {&schema::case_brief, &schema::body_name},
         .query = {"box", "state", "q", "cursor", "limit"},
         .run = list_route},
        {.verb = get,
         .path = "/api/v1/services/cases/{case_no}",
         .permission = "services.case.view",
         .object = "case_no",
         .owner = &case_owner_sql,
         .reply = &schema::case_,
         .summary = "办件详情 / One case",
         .uses = {&schema::body_name, &schema::form_value},
         .run = view_route},
        step("/api/v1/services/cases/{case_no}/accept", "services.case.accept", schema::note_body, true,
             "受理 / Accept", accept_route),
        step("/api/v1/services/cases/{case_no}/supplement", "services.case.supplement",
             schema::supplement_body, true, "一次性告知补正 / Ask once for what is missing",
             supplement_route),
        step("/api/v1/services/cases/{case_no}/answer", "services.case.answer", schema::answer_body, false,
             "提交补正 / Hand in what was asked for", answer_route),
        step("/api/v1/services/cases/{case_no}/refuse", "services.case.refuse", schema::reason_body, true,
             "不予受理 / Refuse to accept", refuse_route),
        step("/api/v1/services/cases/{case_no}/start-review", "services.case.start_review", schema::note_body,
             true, "开始审查 / Start the review", start_review_route),
        step("/api/v1/services/cases/{case_no}/decide", "services.case.decide", schema::decide_body, true,
             "作出决定 / Decide", decide_route),
        step("/api/v1/services/cases/{case_no}/close", "services.case.close", schema::note_body, true,
             "办结 / Close after delivery", close_route),
        step("/api/v1/services/cases/{case_no}/withdraw", "services.case.withdraw", schema::reason_body, true,
             "撤回申请 / Withdraw", withdraw_route),
        step("/api/v1/services/cases/{case_no}/review", "services.case.review", schema::review_body, false,
             "评价 / Rate the service", review_route),
        document("/api/v1/services/cases/{case_no}/receipt", "services.case.receipt", "receipt",
                 "收件凭证 / The receipt, printable"),
        document("/api/v1/services/cases/{case_no}/decision", "services.case.decision", "decision",
                 "决定书 / The decision, printable"),
        {.verb = get,
         .path = "/api/v1/services/documents/{kind}/{case_no}",
         .permission = "services.document.verify",
         .reply = &schema::verification,
         .summary = "核验文书 / Check a printed document",
         .query = {"digest"},
         .run = verify_route},
        {.verb = get,
         .path = "/api/v1/services/cases/{case_no}/accesses",
         .permission = "services.case.accesses",
         .object = "case_no",
         .owner = &case_owner_sql,
         .reply = &schema::access_list,
         .summary = "本办件的数据使用 / Data read for this case",
         .query = {"cursor", "limit"},
         .run = case_accesses_route},
        {.verb = get,
         .path = "/api/v1/me/accesses",
         .permission = "services.access.list",
         .reply = &schema::access_list,
         .summary = "谁用了我的数据 / Who read my data",
         .query = {"cursor", "limit"},
         .run = my_accesses_route},
    };
}

http::Routes routes() {
    http::Routes all = item_routes();
    for (auto& more : {objection_routes(), case_routes(), page_routes()}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

PENGCHENG_STATEMENTS(case_owner_sql);

}  // namespace pengcheng::services
