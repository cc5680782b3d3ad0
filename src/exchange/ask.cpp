#include "exchange/limits.hpp"
#include "exchange/masking.hpp"
#include "exchange/problems.hpp"
#include "exchange/request.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/events/notices.hpp>
#include <pengcheng/identity/identity.hpp>
#include <pengcheng/rows/view.hpp>
#include <pengcheng/store/table.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace pengcheng::exchange {

namespace {

constexpr int months_max = 36;

/// The use as article 20 wants it said, and the term.
Result<void> check_use(const RequestInput& input) {
    Problem refused = problem::invalid.plain();
    auto need = [&](std::string_view pointer, const std::string& text, const char* zh, const char* en) {
        if (trim(text).empty()) {
            refused.also(pointer, std::string("请填写") + zh + "（政务数据共享条例第二十条）",
                         std::string("Say ") + en + " (sharing regulation, art. 20)");
        } else if (utf8_length(text) > 500) {
            refused.also(pointer, "不得超过500个字符", "Keep this to 500 characters");
        }
    };
    need("/basis", input.basis, "使用依据", "on what legal basis");
    need("/scene", input.scene, "使用场景", "in what scene it is used");
    need("/scope", input.scope, "使用范围", "within what scope");
    need("/purpose", input.purpose, "用途", "for what purpose");
    if (input.mode != "api" && input.mode != "database" && input.mode != "file") {
        refused.also("/mode", "共享方式应为 api、database 或 file", "The mode is api, database or file");
    }
    if (input.months < 1 || input.months > months_max) {
        refused.also("/months", "使用时限应为1至36个月", "The term is 1 to 36 months");
    }
    if (!refused.errors.empty()) {
        return refused;
    }
    return {};
}

asio::awaitable<Result<void>> check_filter(db::Transaction& tx, const RequestInput& input) {
    if (input.row_filter.empty()) {
        co_return Result<void>();
    }
    auto table = co_await store::current(tx, input.resource);
    if (!table) {
        co_return problem::invalid.at("/row_filter", "该资源尚未挂接数据，暂不能限定行",
                                      "No rows are stored yet, so they cannot be limited");
    }
    auto checked = rows::check_row_filter(*table, input.row_filter);
    if (!checked) {
        co_return problem::invalid.at("/row_filter", checked.error().text(true), checked.error().text(false));
    }
    co_return Result<void>();
}

asio::awaitable<void> tell_provider(db::Transaction& tx, const Request& request) {
    events::Notice notice;
    notice.organization = request.provider;
    notice.role = "provider_officer";
    notice.title_zh = "收到数据使用申请：" + request.resource_name;
    notice.title_en = "Request for data: " + request.resource_name;
    notice.text_zh = request.organization_name + "申请使用，请于" + request.due_on + "前答复";
    notice.text_en = request.organization_name + " asks for it; answer by " + request.due_on;
    notice.link = "/console/exchange/requests?box=received&id=" + request.id;
    co_await events::notify(tx, std::move(notice));
}

Request drafted(const Runtime& runtime, const Principal& who, const catalogue::Resource& resource,
                const RequestInput& input, int limit_days) {
    Request request;
    request.id = new_id();
    request.resource = resource.ref;
    request.resource_name = resource.name;
    request.provider = resource.organization;
    request.provider_name = resource.provider_name;
    request.organization = who.organization;
    request.account = who.id.empty() ? who.name : who.id;
    request.account_name = who.display_name.empty() ? who.name : who.display_name;
    request.row_filter = input.row_filter;
    request.basis = input.basis;
    request.scene = input.scene;
    request.scope = input.scope;
    request.purpose = input.purpose;
    request.mode = input.mode;
    request.months = input.months;
    request.limit_days = limit_days;
    request.received_on = to_text(runtime.today());
    request.due_on = to_text(runtime.calendar.due(runtime.today(), limit_days));
    return request;
}

}  // namespace

Result<std::vector<RequestItem>> resolve_items(const catalogue::Resource& resource,
                                               const std::vector<AskedItem>& asked) {
    Problem refused = problem::invalid.plain();
    std::vector<RequestItem> items;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const AskedItem& want = asked[i];
        std::string at = "/items/" + std::to_string(i);
        auto item =
            std::find_if(resource.items.begin(), resource.items.end(),
                         [&](const catalogue::Item& candidate) { return candidate.column == want.column; });
        if (item == resource.items.end()) {
            refused.also(at + "/column", "该资源没有信息项“" + want.column + "”",
                         "The resource has no item \"" + want.column + "\"");
            continue;
        }
        if (!seen.insert(want.column).second) {
            refused.also(at + "/column", "信息项重复", "This item is asked for twice");
        }
        if (item->share_type == "denied" && resource.share_type != "denied") {
            refused.also(at + "/column", "该信息项不予共享，请去掉后再申请",
                         "This item is not shared; leave it out");
        }
        std::string usual = default_mask(resource, *item);
        if (want.mask == "plain" && !usual.empty() && trim(want.reason).empty()) {
            refused.also(at + "/reason", "敏感信息项默认脱敏；申请明文请说明理由",
                         "This item is masked by default; say why it is needed plain");
        }
        if (!want.mask.empty() && want.mask != "plain" && !rows::is_mask(want.mask)) {
            refused.also(at + "/mask", "没有这种脱敏方式", "There is no such mask");
        }
        std::string mask = want.mask.empty() ? usual : want.mask == "plain" ? std::string() : want.mask;
        items.push_back({.column = item->column, .name = item->name, .mask = mask, .reason = want.reason});
    }
    if (asked.empty()) {
        refused.also("/items", "请选择要申请的信息项", "Choose the items to ask for");
    }
    if (!refused.errors.empty()) {
        return refused;
    }
    return items;
}

Way way_of(const catalogue::Resource& resource, const std::vector<RequestItem>& items) {
    if (resource.share_type == "denied") {
        return Way::refused;
    }
    if (resource.share_type != "unconditional") {
        return Way::by_provider;
    }
    for (const auto& wanted : items) {
        auto item =
            std::find_if(resource.items.begin(), resource.items.end(),
                         [&](const catalogue::Item& candidate) { return candidate.column == wanted.column; });
        bool conditional = !item->share_type.empty() && item->share_type != "unconditional";
        if (conditional || !shows_no_more(default_mask(resource, *item), wanted.mask)) {
            return Way::by_provider;
        }
    }
    return Way::at_once;
}

asio::awaitable<Result<Request>> ask(db::Transaction& tx, const Runtime& runtime, const Principal& who,
                                     RequestInput input) {
    auto resource = co_await catalogue::find_published(tx, input.resource);
    if (!resource) {
        co_return problem::no_resource.at("/resource");
    }
    auto asker = co_await identity::organization(tx, who.organization);
    if (!asker) {
        co_return pengcheng::problem::forbidden.because("只有部门可以申请共享",
                                                        "Only departments ask for sharing");
    }
    if (resource->organization == who.organization) {
        co_return problem::own_resource.at("/resource");
    }
    if (auto use = check_use(input); !use) {
        co_return use.error();
    }
    auto items = resolve_items(*resource, input.items);
    if (!items) {
        co_return items.error();
    }
    if (auto filter = co_await check_filter(tx, input); !filter) {
        co_return filter.error();
    }
    Way way = way_of(*resource, *items);
    Request request =
        drafted(runtime, who, *resource, input, way == Way::at_once ? unconditional_days : conditional_days);
    request.organization_name = asker->name;
    request.items = std::move(*items);
    request.state = "provider_review";
    bool added = co_await add_request(tx, request);
    if (!added) {
        co_return problem::already_asked.at("/resource", "请等候答复，或先撤回在办申请",
                                            "Wait for the answer, or withdraw the open request first");
    }
    if (way == Way::refused) {
        request.state = "refused";
        request.by_rule = true;
        request.answer = "不予共享，依据：" + resource->share_condition;
    } else if (way == Way::at_once) {
        request.state = "approved";
        request.by_rule = true;
        request.answer = "无条件共享，按规则即时授权";
        request.grant_id = co_await make_grant(tx, runtime, who, request, request.items);
    } else {
        co_await tell_provider(tx, request);
    }
    bool answered = way != Way::by_provider;
    co_return co_await set_answer(tx, who, std::move(request), "create", answered);
}

}  // namespace pengcheng::exchange
