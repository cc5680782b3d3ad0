#include "services/accesses.hpp"
#include "services/cases.hpp"
#include "services/objections.hpp"
#include "services/problems.hpp"
#include "services/route_tables.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/events/notices.hpp>
#include <pengcheng/pages/pages.hpp>

namespace pengcheng::services {

namespace {

constexpr int page_size = 20;
constexpr int my_size = 50;

http::Reply to_sign_in(const http::Call& call) {
    return http::Reply::redirect("/login?back=" + percent_encode(call.target()));
}

std::string item_type(const std::string& code, bool chinese) {
    static const std::map<std::string, std::pair<std::string, std::string>> names{
        {"01", {"行政许可", "Permit"}},         {"05", {"行政给付", "Benefit"}},
        {"07", {"行政确认", "Confirmation"}},   {"08", {"行政奖励", "Award"}},
        {"09", {"行政裁决", "Ruling"}},         {"10", {"其他行政权力", "Other"}},
        {"20", {"公共服务", "Public service"}},
    };
    const auto found = names.find(code);
    if (found == names.end()) {
        return code;
    }
    return chinese ? found->second.first : found->second.second;
}

/// What the list and the guide both say about an item.
asio::awaitable<Json> item_card(db::Pool& db, Item item, bool chinese) {
    Json view = co_await item_brief(db, item);
    view["url"] = "/services/" + item.code;
    view["type_name"] = item_type(item.definition.at("type").get<std::string>(), chinese);
    view["legal"] = item.subject == "legal";
    view["at_once"] = item.definition.at("promised_days") == 0;
    view["no_visit"] = item.definition.value("visits", 0) == 0;
    view["paused"] = item.state == "paused";
    co_return view;
}

asio::awaitable<http::Reply> list_page(http::Call call) {
    auto context = pages::context_of(call, call.who.chinese ? "政务服务" : "Services",
                                     "徐州市政务服务事项：办事指南、在线申请、进度查询。");
    const std::string q = utf8_prefix(call.query("q").value_or(""), 100);
    context.section = "services";
    context.query = q;
    auto items = co_await list_items(call.db, q, call.query("organization").value_or(""),
                                     call.query("cursor").value_or(""), page_size + 1);
    Json view{{"q", q}, {"items", Json::array()}, {"next", ""}};
    if (items.size() > page_size) {
        items.pop_back();
        view["next"] = "/services?q=" + percent_encode(q) + "&cursor=" + items.back().code;
    }
    for (auto& item : items) {
        view["items"].push_back(co_await item_card(call.db, std::move(item), context.chinese));
    }
    view["none"] = view["items"].empty();
    co_return pages::page("services_list", view, context);
}

Json material_rows(const Json& materials) {
    Json rows = Json::array();
    for (const auto& material : materials) {
        std::vector<std::string> kinds;
        for (const auto& kind : material.at("accept")) {
            kinds.push_back(kind == "jpg" ? "JPG" : kind == "png" ? "PNG" : kind == "ofd" ? "OFD" : "PDF");
        }
        const auto bytes = material.at("max_bytes").get<std::int64_t>();
        rows.push_back({{"name", material.at("name")},
                        {"required", material.at("required")},
                        {"note", material.at("note")},
                        {"accept", join(kinds, "、")},
                        {"size", std::to_string(std::max<std::int64_t>(1, bytes >> 20)) + " MB"}});
    }
    return rows;
}

Json prefill_rows(const Json& fields) {
    std::map<std::string, std::vector<std::string>> by_source;
    for (const auto& field : fields) {
        if (field.contains("prefill")) {
            by_source[field["prefill"]["title"].get<std::string>()].push_back(
                field.at("label").get<std::string>());
        }
    }
    Json rows = Json::array();
    for (const auto& [title, labels] : by_source) {
        rows.push_back({{"title", title}, {"labels", join(labels, "、")}});
    }
    return rows;
}

Json government_service(const Json& item, const std::string& url) {
    return {{"@context", "https://schema.org"},
            {"@type", "GovernmentService"},
            {"name", item.at("name")},
            {"identifier", item.at("code")},
            {"url", url},
            {"serviceType", item.at("type_name")},
            {"provider", {{"@type", "GovernmentOrganization"}, {"name", item.at("organization").at("name")}}},
            {"areaServed", {{"@type", "City"}, {"name", "徐州市"}}}};
}

asio::awaitable<http::Reply> guide_page(http::Call call) {
    auto item = co_await find_item(call.db, call.param("code"));
    auto context = pages::context_of(call, item ? item->name : "");
    context.section = "services";
    if (!item) {
        co_return pages::error_page(problem::no_item.plain(), context);
    }
    Json view = co_await item_json(call.db, *item);
    view.update(co_await item_card(call.db, *item, context.chinese));
    view["material_rows"] = material_rows(view["materials"]);
    view["prefill_rows"] = prefill_rows(view["form"]["fields"]);
    view["apply_url"] = "/services/" + item->code + "/apply";
    context.description = item->name + "（" + view["organization"]["name"].get<std::string>() +
                          "）：受理条件、申请材料、办理流程、承诺时限和在线申请。";
    context.linked_data = government_service(view, context.canonical);
    co_return pages::page("services_guide", view, context);
}

asio::awaitable<http::Reply> apply_page(http::Call call) {
    if (call.who.anonymous()) {
        co_return to_sign_in(call);
    }
    auto item = co_await find_item(call.db, call.param("code"));
    auto context = pages::context_of(call, item ? item->name : "");
    context.section = "services";
    context.index = false;
    if (!item) {
        co_return pages::error_page(problem::no_item.plain(), context);
    }
    Json view = co_await item_card(call.db, *item, context.chinese);
    view["citizen"] = call.who.has_role("citizen");
    view["active"] = item->state == "active";
    co_return pages::page("services_apply", view, context);
}

Json case_rows(Json briefs) {
    for (auto& one : briefs) {
        one["url"] = "/my/cases/" + one["case_no"].get<std::string>();
        one["submitted_on"] = pages::day_of(one["submitted_at"].get<std::string>());
        const State state = state_of(one["state"].get<std::string>());
        one["running"] = open(state);
        one["late"] = open(state) && one["light"] == "overdue";
        one["waits_for_me"] = state == State::supplement;
    }
    return briefs;
}

Json notice_rows(const std::vector<events::ReceivedNotice>& notices) {
    Json rows = Json::array();
    for (const auto& notice : notices) {
        rows.push_back({{"on", pages::day_of(notice.at)},
                        {"title", notice.title},
                        {"text", notice.text},
                        {"link", notice.link},
                        {"unread", !notice.read}});
    }
    return rows;
}

asio::awaitable<Json> objection_rows(db::Pool& db, const Runtime& runtime, const Principal& who) {
    ObjectionFilter filter{.limit = page_size};
    Json rows = Json::array();
    for (auto& objection : co_await list_objections(db, who, std::move(filter))) {
        const bool answered = objection.state != "raised";
        Json row = objection_json(runtime, objection, nullptr);
        row["on"] = pages::day_of(row["created_at"].get<std::string>());
        row["answered"] = answered;
        row["corrected"] = row["state"] == "corrected";
        row["answered_on"] = answered ? pages::day_of(row["answered_at"].get<std::string>()) : "";
        rows.push_back(std::move(row));
    }
    co_return rows;
}

Json access_rows(Json accesses) {
    for (auto& one : accesses["items"]) {
        const auto at = one["at"].get<std::string>();
        one["time"] = at.size() >= 16 ? at.substr(0, 10) + " " + at.substr(11, 5) : at;
        one["field_names"] = join(one["field_names"].get<std::vector<std::string>>(), "、");
    }
    return accesses["items"];
}

asio::awaitable<http::Reply> my_page(http::Call call) {
    if (call.who.anonymous()) {
        co_return to_sign_in(call);
    }
    auto context = pages::context_of(call, call.who.chinese ? "我的办件" : "My page");
    context.section = "my";
    context.index = false;
    CaseQuery query{.box = Box::mine, .before = call.query("cursor").value_or(""), .limit = my_size};
    auto cases = co_await list_cases(call.db, call.who, std::move(query));
    const std::string next = cases.size() == my_size ? "/my?cursor=" + cases.back().case_no : "";
    Json briefs = co_await case_briefs(call.db, call.runtime, context.chinese, std::move(cases));
    audit::AccessFilter filter{.subject = call.who.id, .limit = page_size};
    Json accesses = co_await accesses_json(call.db, std::move(filter));
    auto notices = co_await events::notices_of(call.db, call.who, "", page_size);
    Json objections = Json::array();
    if (call.who.has_role("citizen")) {
        objections = co_await objection_rows(call.db, call.runtime, call.who);
    }
    Json view{{"name", call.who.display_name},         {"citizen", call.who.has_role("citizen")},
              {"cases", case_rows(std::move(briefs))}, {"next", next},
              {"notices", notice_rows(notices)},       {"accesses", access_rows(std::move(accesses))},
              {"objections", std::move(objections)}};
    for (const char* list : {"cases", "notices", "accesses", "objections"}) {
        view["no_" + std::string(list)] = view[list].empty();
    }
    co_return pages::page("services_my", view, context);
}

std::string action_name(const std::string& action, bool chinese) {
    static const std::map<std::string, std::pair<std::string, std::string>> names{
        {"submit", {"提交申请", "Applied"}},
        {"accept", {"受理", "Accepted"}},
        {"supplement", {"补正告知", "Asked for more"}},
        {"answer", {"提交补正", "Answered"}},
        {"refuse", {"不予受理", "Refused to accept"}},
        {"start_review", {"开始审查", "Review started"}},
        {"decide", {"作出决定", "Decided"}},
        {"close", {"办结", "Closed"}},
        {"withdraw", {"撤回申请", "Withdrawn"}},
    };
    const auto found = names.find(action);
    if (found == names.end()) {
        return action;
    }
    return chinese ? found->second.first : found->second.second;
}

void add_timeline(Json& view, bool chinese) {
    for (auto& event : view["events"]) {
        const auto at = event["at"].get<std::string>();
        event["time"] = at.substr(0, 10) + " " + at.substr(11, 5);
        event["action_name"] = action_name(event["action"].get<std::string>(), chinese);
    }
    const auto can = [&](const char* action) {
        return std::find(view["actions"].begin(), view["actions"].end(), Json(action)) !=
               view["actions"].end();
    };
    view["may_answer"] = can("answer");
    view["may_withdraw"] = can("withdraw");
    view["may_rate"] = can("review");
    view["running"] = open(state_of(view["state"].get<std::string>()));
    view["late"] = view["running"] && view["light"] == "overdue";
    if (view["decision"].is_object()) {
        view["granted"] = view["decision"]["result"] == "grant";
        view["decided_on"] = pages::day_of(view["decision"]["at"].get<std::string>());
    }
    if (view["review"].is_object()) {
        view["stars_text"] = std::to_string(view["review"]["stars"].get<int>()) + " / 5";
    }
}

asio::awaitable<http::Reply> case_page(http::Call call) {
    if (call.who.anonymous()) {
        co_return to_sign_in(call);
    }
    auto context = pages::context_of(call, call.who.chinese ? "办件进度" : "Case");
    context.section = "my";
    context.index = false;
    auto one = co_await find_case(call.db, call.param("case_no"));
    // Somebody else's case looks like none: the number says nothing about its owner.
    if (!one || one->applicant != call.who.id) {
        co_return pages::error_page(problem::no_case.plain(), context);
    }
    Json view = co_await case_json(call.db, call.runtime, call.who, *one);
    add_timeline(view, context.chinese);
    audit::AccessFilter filter{.subject = call.who.id, .case_no = one->case_no, .limit = page_size};
    view["accesses"] = access_rows(co_await accesses_json(call.db, std::move(filter)));
    view["no_accesses"] = view["accesses"].empty();
    view["item_url"] = "/services/" + one->item;
    co_return pages::page("services_case", view, context);
}

http::Route page_route(std::string_view path, std::string_view summary,
                       std::function<asio::awaitable<http::Reply>(http::Call)> run) {
    return {.verb = http::Verb::get,
            .path = path,
            .permission = "public",
            .summary = summary,
            .run = std::move(run)};
}

}  // namespace

http::Routes page_routes() {
    http::Routes pages{
        page_route("/services", "事项列表页 / Page of service items", list_page),
        page_route("/services/{code}", "办事指南页 / Guide page", guide_page),
        page_route("/services/{code}/apply", "申请页 / Application page", apply_page),
        page_route("/my", "我的页面 / My page", my_page),
        page_route("/my/cases/{case_no}", "办件页 / Page of one case", case_page),
    };
    pages.front().query = {"q", "organization", "cursor"};
    return pages;
}

}  // namespace pengcheng::services
