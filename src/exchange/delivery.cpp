#include "exchange/delivery.hpp"

#include "exchange/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/exchange/grant.hpp>
#include <pengcheng/rows/view.hpp>
#include <pengcheng/store/table.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::exchange {

namespace {

asio::awaitable<http::Reply> refuse_rows(http::Call call, catalogue::Resource resource) {
    audit::Access access;
    access.resource = resource.ref;
    access.owner = resource.organization;
    access.channel = "data-api";
    co_await audit::refused(call.db, call.who, std::move(access), std::string(problem::no_grant.code));
    co_return http::Reply::of(problem::no_grant.because(
        "请先申请,经提供部门同意后再读取", "Ask for it first and read once the provider agrees"));
}

}  // namespace

asio::awaitable<http::Reply> read_rows_route(http::Call call) {
    std::string ref = call.param("ref");
    auto resource = co_await catalogue::find(call.db, ref);
    bool own = resource && !call.who.organization.empty() && resource->organization == call.who.organization;
    if (resource && !own) {
        resource = co_await catalogue::find_published(call.db, ref);
    }
    if (!resource) {
        co_return http::Reply::of(problem::no_resource.plain());
    }
    std::optional<Grant> grant;
    if (!own) {
        grant = co_await active_grant(call.db, call.who.organization, ref);
        if (!grant) {
            co_return co_await refuse_rows(call, std::move(*resource));
        }
    }
    auto table = co_await store::current(call.db, ref);
    if (!table) {
        co_return http::Reply::of(problem::not_mounted.plain());
    }
    rows::View view =
        own ? own_view(std::move(*table), resource->organization) : view_of(*grant, std::move(*table));
    view.file_name = resource->name;
    co_return co_await rows::serve(call, std::move(view));
}

}  // namespace pengcheng::exchange
