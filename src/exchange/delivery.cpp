#include "exchange/delivery.hpp"

#include "exchange/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/db/changes.hpp>
#include <pengcheng/exchange/grant.hpp>
#include <pengcheng/identity/identity.hpp>
#include <pengcheng/rows/view.hpp>
#include <pengcheng/store/table.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace pengcheng::exchange {

namespace {

using ViewPtr = std::shared_ptr<const rows::View>;

/// How often everything that a caller's view is made of has changed.
std::array<std::uint64_t, 3> ground() {
    return {db::changes(db::Topic::exchange), db::changes(db::Topic::catalogue),
            db::changes(db::Topic::store)};
}

/// Views by organization, grade ceiling and resource, of one I/O thread. An entry serves while nothing it was
/// made of has changed and the grant has not run out.
class Views {
public:
    ViewPtr find(const std::string& key, Time now) {
        auto found = kept_.find(key);
        if (found == kept_.end() || found->second.ground != ground() || found->second.until <= now) {
            return nullptr;
        }
        return found->second.view;
    }
    void keep(std::string key, ViewPtr view, std::array<std::uint64_t, 3> made_on, Time until) {
        if (kept_.size() >= kept_max) {
            kept_.clear();
        }
        kept_[std::move(key)] = {std::move(view), made_on, until};
    }

private:
    struct Entry {
        ViewPtr view;
        std::array<std::uint64_t, 3> ground{};
        Time until;
    };
    static constexpr std::size_t kept_max = 10000;
    std::unordered_map<std::string, Entry> kept_;
};

Views& views() {
    thread_local Views them;
    return them;
}

asio::awaitable<http::Reply> refuse_rows(http::Call call, catalogue::Resource resource) {
    audit::Access access;
    access.resource = resource.ref;
    access.owner = resource.organization;
    access.channel = "data-api";
    co_await audit::refused(call.db, call.who, std::move(access), std::string(problem::no_grant.code));
    co_return http::Reply::of(problem::no_grant.because(
        "请先申请，经提供部门同意后再读取", "Ask for it first and read once the provider agrees"));
}

/// What the provider took out of the entry is there for nobody else, though the table holds it until the next
/// load.
void leave_out_removed(rows::View& view, const catalogue::Resource& resource) {
    std::erase_if(view.fields, [&](const rows::Field& field) {
        return std::none_of(resource.items.begin(), resource.items.end(),
                            [&](const catalogue::Item& one) { return one.column == field.column; });
    });
}

/// Fields above the caller's grade do not exist for them. A mask takes one grade off: what it hides is what
/// the grade is for.
void limit_to_grade(rows::View& view, const catalogue::Resource& resource, int grade_max) {
    auto too_high = [&](const rows::Field& field) {
        auto item = std::find_if(resource.items.begin(), resource.items.end(),
                                 [&](const catalogue::Item& one) { return one.column == field.column; });
        int grade = item == resource.items.end() ? resource.grade : item->grade;
        return grade - (field.mask.empty() ? 0 : 1) > grade_max;
    };
    std::erase_if(view.fields, too_high);
}

asio::awaitable<http::Reply> refuse_grade(http::Call call, catalogue::Resource resource) {
    audit::Access access;
    access.resource = resource.ref;
    access.owner = resource.organization;
    access.channel = "data-api";
    co_await audit::refused(call.db, call.who, std::move(access), std::string(problem::grade_too_high.code));
    co_return http::Reply::of(problem::grade_too_high.plain());
}

/// From the database, and kept for the next call.
asio::awaitable<http::Reply> read_anew(http::Call call, std::string ref, std::string key) {
    auto made_on = ground();
    auto resource = co_await catalogue::find(call.db, ref);
    bool own = resource && !call.who.organization.empty() && resource->organization == call.who.organization;
    if (resource && !own) {
        resource = co_await catalogue::find_published(call.db, ref);
    }
    if (!resource) {
        co_return http::Reply::of(problem::no_resource.plain());
    }
    std::optional<Grant> grant;
    Time until = Time::max();
    if (!own) {
        grant = co_await active_grant(call.db, call.who.organization, ref);
        if (!grant) {
            co_return co_await refuse_rows(call, std::move(*resource));
        }
        until = parse_time(grant->ends_at).value();
    }
    auto table = co_await store::current(call.db, ref);
    if (!table) {
        co_return http::Reply::of(problem::not_mounted.plain());
    }
    rows::View view =
        own ? own_view(std::move(*table), resource->organization) : view_of(*grant, std::move(*table));
    view.file_name = resource->name;
    if (!own) {
        leave_out_removed(view, *resource);
        if (view.fields.empty()) {
            co_return co_await refuse_rows(call, std::move(*resource));
        }
    }
    limit_to_grade(view, *resource, identity::readable_grade(call.who));
    if (view.fields.empty()) {
        co_return co_await refuse_grade(call, std::move(*resource));
    }
    auto shared = std::make_shared<const rows::View>(std::move(view));
    views().keep(std::move(key), shared, made_on, until);
    co_return co_await rows::serve(call, shared);
}

}  // namespace

asio::awaitable<http::Reply> read_rows_route(http::Call call) {
    const std::string& ref = call.param("ref");
    std::string key =
        call.who.organization + "/" + std::to_string(identity::readable_grade(call.who)) + "/" + ref;
    if (ViewPtr view = views().find(key, call.runtime.now())) {
        return rows::serve(call, view);
    }
    return read_anew(call, ref, std::move(key));
}

}  // namespace pengcheng::exchange
