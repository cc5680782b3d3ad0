#include "exchange/masking.hpp"
#include "exchange/problems.hpp"
#include "exchange/request.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/events/notices.hpp>
#include <pengcheng/rows/view.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pengcheng::exchange {

namespace {

std::string actor_of(const Principal& who) {
    return who.id.empty() ? who.name : who.id;
}

std::string shown_name(const Principal& who) {
    return who.display_name.empty() ? who.name : who.display_name;
}

Result<void> check_reason(const std::string& reason) {
    if (trim(reason).empty() || utf8_length(reason) > 500) {
        return problem::no_reason.at("/reason", "请写明理由（500字以内）",
                                     "Say why, in at most 500 characters");
    }
    return {};
}

/// Locks a request that waits for its provider's answer.
asio::awaitable<Result<Request>> lock_waiting(db::Transaction& tx, std::string id) {
    auto request = co_await lock_request(tx, std::move(id));
    if (!request) {
        co_return problem::no_request.plain();
    }
    if (request->state != "provider_review") {
        co_return problem::wrong_state.at("/state", "该申请已办结",
                                          "This request has been answered or withdrawn");
    }
    co_return std::move(*request);
}

Result<void> check_answerer(const Request& request, const Principal& who) {
    bool server = who.kind == Principal::Kind::operator_ || who.kind == Principal::Kind::system;
    if (!server && who.organization != request.provider) {
        return pengcheng::problem::forbidden.because("只有提供部门可以答复", "Only the provider answers");
    }
    if (actor_of(who) == request.account) {
        return problem::own_approval.plain();
    }
    return {};
}

/// The asked items after the provider's answer: some dropped, some masked more, none less.
Result<std::vector<RequestItem>> given_items(const Request& request, const Answer& answer) {
    Problem refused = problem::widening.plain();
    auto asked = [&](const std::string& column) {
        return std::any_of(request.items.begin(), request.items.end(),
                           [&](const RequestItem& item) { return item.column == column; });
    };
    for (const auto& [column, mask] : answer.masks) {
        if (!asked(column)) {
            refused.also("/masks/" + column, "申请中没有该信息项", "This item was not asked for");
        } else if (mask.empty() || !rows::is_mask(mask)) {
            refused.also("/masks/" + column, "没有这种脱敏方式", "There is no such mask");
        }
    }
    for (std::size_t i = 0; i < answer.drop.size(); ++i) {
        if (!asked(answer.drop[i])) {
            refused.also("/drop/" + std::to_string(i), "申请中没有该信息项", "This item was not asked for");
        }
    }
    std::vector<RequestItem> given;
    for (RequestItem item : request.items) {
        if (std::find(answer.drop.begin(), answer.drop.end(), item.column) != answer.drop.end()) {
            continue;
        }
        auto mask = answer.masks.find(item.column);
        if (mask != answer.masks.end()) {
            if (!shows_no_more(item.mask, mask->second)) {
                refused.also("/masks/" + item.column, "脱敏不得比申请的更宽",
                             "This mask shows more than what was asked for");
            }
            item.mask = mask->second;
        }
        given.push_back(std::move(item));
    }
    if (given.empty()) {
        refused.also("/drop", "不能去掉全部信息项；如不同意请拒绝并说明理由",
                     "Not every item can be dropped; refuse with a reason instead");
    }
    if (!refused.errors.empty()) {
        return refused;
    }
    return given;
}

bool same_items(const std::vector<RequestItem>& left, const std::vector<RequestItem>& right) {
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(),
        [](const RequestItem& a, const RequestItem& b) { return a.column == b.column && a.mask == b.mask; });
}

asio::awaitable<void> tell(db::Transaction& tx, const Request& request, bool asker, std::string what_zh,
                           std::string what_en) {
    events::Notice notice;
    if (asker && is_id(request.account)) {
        notice.account = request.account;
    } else {
        notice.organization = asker ? request.organization : request.provider;
        notice.role = asker ? "data_officer" : "provider_officer";
    }
    notice.title_zh = "数据使用申请" + what_zh + "：" + request.resource_name;
    notice.title_en = "Request for data " + what_en + ": " + request.resource_name;
    notice.text_zh = request.answer;
    notice.text_en = request.answer;
    notice.link =
        std::string("/console/exchange/requests?box=") + (asker ? "sent" : "received") + "&id=" + request.id;
    co_await events::notify(tx, std::move(notice));
}

}  // namespace

asio::awaitable<Result<Request>> approve(db::Transaction& tx, const Runtime& runtime, const Principal& who,
                                         std::string id, Answer answer) {
    auto locked = co_await lock_waiting(tx, std::move(id));
    if (!locked) {
        co_return locked.error();
    }
    Request request = std::move(*locked);
    if (auto may = check_answerer(request, who); !may) {
        co_return may.error();
    }
    auto published = co_await catalogue::find_published(tx, request.resource);
    if (!published) {
        co_return problem::wrong_state.because("该资源已下架", "The resource is no longer published");
    }
    auto items = given_items(request, answer);
    if (!items) {
        co_return items.error();
    }
    request.state = same_items(request.items, *items) ? "approved" : "partly_approved";
    request.answer = answer.note;
    request.answered_by_name = shown_name(who);
    request.grant_id = co_await make_grant(tx, runtime, who, request, *items);
    co_await tell(tx, request, true, "已同意", "approved");
    co_return co_await set_answer(tx, who, std::move(request), "approve", true);
}

asio::awaitable<Result<Request>> refuse(db::Transaction& tx, const Principal& who, std::string id,
                                        std::string reason) {
    if (auto given = check_reason(reason); !given) {
        co_return given.error();
    }
    auto locked = co_await lock_waiting(tx, std::move(id));
    if (!locked) {
        co_return locked.error();
    }
    Request request = std::move(*locked);
    if (auto may = check_answerer(request, who); !may) {
        co_return may.error();
    }
    request.state = "refused";
    request.answer = std::move(reason);
    request.answered_by_name = shown_name(who);
    co_await tell(tx, request, true, "未获同意", "refused");
    co_return co_await set_answer(tx, who, std::move(request), "refuse", true);
}

asio::awaitable<Result<Request>> withdraw(db::Transaction& tx, const Principal& who, std::string id,
                                          std::string reason) {
    auto locked = co_await lock_waiting(tx, std::move(id));
    if (!locked) {
        co_return locked.error();
    }
    Request request = std::move(*locked);
    if (who.organization != request.organization) {
        co_return pengcheng::problem::forbidden.because("只有申请部门可以撤回", "Only the asker withdraws");
    }
    request.state = "withdrawn";
    request.answer = std::move(reason);
    request.answered_by_name = shown_name(who);
    co_await tell(tx, request, false, "已撤回", "withdrawn");
    co_return co_await set_answer(tx, who, std::move(request), "withdraw", true);
}

}  // namespace pengcheng::exchange
