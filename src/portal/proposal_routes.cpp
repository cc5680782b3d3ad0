#include "portal/problems.hpp"
#include "portal/proposals.hpp"
#include "portal/route_tables.hpp"
#include "portal/schemas.hpp"

#include <pengcheng/base/ids.hpp>

namespace pengcheng::portal {

namespace {

http::Reply shown(const Proposal& proposal) {
    auto reply = http::Reply::ok(to_json(proposal));
    reply.etag(proposal.version);
    return reply;
}

/// Commits a step that succeeded; a refused one rolls back with its transaction.
asio::awaitable<http::Reply> settle(db::Transaction& tx, Result<Proposal> outcome) {
    if (!outcome) {
        co_return http::Reply::of(outcome.error());
    }
    co_await tx.commit();
    co_return shown(*outcome);
}

asio::awaitable<http::Reply> create_route(http::Call call) {
    auto input = input_from_json(call.body());
    auto tx = co_await call.db.begin();
    auto made = co_await propose(tx, call.who, std::move(input));
    if (!made) {
        co_return http::Reply::of(made.error());
    }
    co_await tx.commit();
    auto reply = http::Reply::created(to_json(*made), "/api/v1/open/proposals/" + made->id);
    reply.etag(made->version);
    co_return reply;
}

asio::awaitable<http::Reply> update_route(http::Call call) {
    auto input = input_from_json(call.body());
    auto tx = co_await call.db.begin();
    auto changed = co_await amend(tx, call.who, call.param("id"), call.if_match(), std::move(input));
    co_return co_await settle(tx, std::move(changed));
}

/// `box`: mine (own department's), review (waiting for the bureau); reviewers see every department's.
asio::awaitable<http::Reply> list_route(http::Call call) {
    constexpr int limit_max = 100;
    std::string box = call.query("box").value_or("");
    bool sees_all = call.who.has_role("reviewer") && box != "mine";
    ProposalFilter filter{.organization = sees_all ? "" : call.who.organization,
                          .state = box == "review" ? "submitted" : call.query("state").value_or(""),
                          .before_id = call.query("cursor").value_or(""),
                          .limit = call.limit(50, limit_max)};
    if (!sees_all && filter.organization.empty()) {
        co_return http::Reply::ok({{"items", Json::array()}, {"next_cursor", nullptr}});
    }
    if (!filter.before_id.empty() && !is_id(filter.before_id)) {
        co_return http::Reply::of(problem::invalid_input.at("/cursor"));
    }
    int limit = filter.limit++;
    auto found = co_await list_proposals(call.db, filter);
    bool more = static_cast<int>(found.size()) > limit;
    if (more) {
        found.pop_back();
    }
    Json items = Json::array();
    for (const auto& proposal : found) {
        items.push_back(to_json(proposal));
    }
    Json next = more ? Json(found.back().id) : Json(nullptr);
    co_return http::Reply::ok({{"items", std::move(items)}, {"next_cursor", std::move(next)}});
}

asio::awaitable<http::Reply> view_route(http::Call call) {
    auto proposal = co_await find_proposal(call.db, call.param("id"));
    co_return proposal ? shown(*proposal) : http::Reply::of(problem::no_proposal.plain());
}

asio::awaitable<http::Reply> check_route(http::Call call) {
    auto proposal = co_await find_proposal(call.db, call.param("id"));
    if (!proposal) {
        co_return http::Reply::of(problem::no_proposal.plain());
    }
    auto points = co_await check(call.db, call.who, *proposal);
    bool passed = true;
    Json checks = Json::array();
    for (const auto& point : points) {
        passed = passed && point.passed;
        checks.push_back({{"code", point.code},
                          {"title", call.who.chinese ? point.title_zh : point.title_en},
                          {"passed", point.passed},
                          {"detail", call.who.chinese ? point.detail_zh : point.detail_en}});
    }
    co_return http::Reply::ok({{"passed", passed}, {"checks", std::move(checks)}});
}

asio::awaitable<http::Reply> submit_route(http::Call call) {
    auto tx = co_await call.db.begin();
    auto changed = co_await submit(tx, call.who, call.param("id"));
    co_return co_await settle(tx, std::move(changed));
}

asio::awaitable<http::Reply> approve_route(http::Call call) {
    auto published = co_await approve(call.db, call.who, call.param("id"));
    co_return published ? shown(*published) : http::Reply::of(published.error());
}

asio::awaitable<http::Reply> return_route(http::Call call) {
    auto tx = co_await call.db.begin();
    std::string reason = call.body().at("reason").get<std::string>();
    auto changed = co_await return_for_mending(tx, call.who, call.param("id"), std::move(reason));
    co_return co_await settle(tx, std::move(changed));
}

}  // namespace

http::Routes proposal_routes() {
    using enum http::Verb;
    constexpr std::string_view one = "/api/v1/open/proposals/{id}";
    return {
        {.verb = post,
         .path = "/api/v1/open/proposals",
         .permission = "portal.proposal.create",
         .body = &proposal_body,
         .reply = &proposal_schema,
         .summary = "申请开放 / Propose to open a resource",
         .uses = {&named_code},
         .run = create_route},
        {.verb = get,
         .path = "/api/v1/open/proposals",
         .permission = "portal.proposal.list",
         .reply = &proposal_list,
         .summary = "开放申请列表 / Proposals",
         .uses = {&proposal_schema, &named_code},
         .query = {"box", "state", "cursor", "limit"},
         .run = list_route},
        {.verb = get,
         .path = one,
         .permission = "portal.proposal.view",
         .object = "id",
         .owner = &proposal_owner_sql,
         .reply = &proposal_schema,
         .summary = "查看开放申请 / One proposal",
         .uses = {&named_code},
         .run = view_route},
        {.verb = put,
         .path = one,
         .permission = "portal.proposal.update",
         .object = "id",
         .owner = &proposal_owner_sql,
         .body = &proposal_body,
         .reply = &proposal_schema,
         .if_match = true,
         .summary = "修改开放申请 / Change a proposal",
         .uses = {&named_code},
         .run = update_route},
        {.verb = get,
         .path = "/api/v1/open/proposals/{id}/check",
         .permission = "portal.proposal.check",
         .object = "id",
         .owner = &proposal_owner_sql,
         .reply = &check_schema,
         .summary = "发布前检查 / Release check",
         .run = check_route},
        {.verb = post,
         .path = "/api/v1/open/proposals/{id}/submit",
         .permission = "portal.proposal.submit",
         .object = "id",
         .owner = &proposal_owner_sql,
         .reply = &proposal_schema,
         .summary = "提交开放申请 / Submit",
         .uses = {&named_code},
         .run = submit_route},
        {.verb = post,
         .path = "/api/v1/open/proposals/{id}/approve",
         .permission = "portal.proposal.approve",
         .object = "id",
         .owner = &proposal_owner_sql,
         .reply = &proposal_schema,
         .summary = "签发并发布 / Sign off and publish",
         .uses = {&named_code},
         .run = approve_route},
        {.verb = post,
         .path = "/api/v1/open/proposals/{id}/return",
         .permission = "portal.proposal.return",
         .object = "id",
         .owner = &proposal_owner_sql,
         .body = &return_body,
         .reply = &proposal_schema,
         .summary = "退回开放申请 / Return",
         .uses = {&named_code},
         .run = return_route},
    };
}

}  // namespace pengcheng::portal
