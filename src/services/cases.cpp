#include "services/cases.hpp"

#include "services/form.hpp"
#include "services/limits.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/identity/identity.hpp>

#include <algorithm>

namespace pengcheng::services {

namespace {

constexpr db::Statement find_case_sql{"services.find_case", R"sql(
    SELECT case_no, item, item_version, item_name, organization, applicant, applicant_name, state, version,
           consent, form_sealed, materials, base.rfc3339(submitted_at) AS submitted_at, received_on,
           promised_days, suspended_days, due_date, due_limit, stopped_on, supplement, decision, rating,
           accepted_by, base.rfc3339(accepted_at) AS accepted_at, decided_by, receipt_digest, request_digest
      FROM services.case_file WHERE case_no = $1
)sql"};

// $3 the reader's organization, $4 those whose cases the reader may list; a box is a set of states and an
// owner.
constexpr db::Statement list_cases_sql{"services.list_cases", R"sql(
    SELECT case_no, item, item_version, item_name, organization, applicant, applicant_name, state, version,
           consent, '' AS form_sealed, materials, base.rfc3339(submitted_at) AS submitted_at, received_on,
           promised_days, suspended_days, due_date, due_limit, stopped_on, supplement, decision, rating,
           accepted_by, base.rfc3339(accepted_at) AS accepted_at, decided_by, receipt_digest, request_digest
      FROM services.case_file
     WHERE CASE $1
               WHEN 'mine' THEN applicant = NULLIF($2::text, '')::uuid
               WHEN 'intake' THEN state IN ('received', 'supplement') AND organization = ANY ($4::text[])
               WHEN 'decide' THEN state IN ('accepted', 'review', 'decided') AND organization = $3
               ELSE organization = $3 OR (organization = ANY ($4::text[]) AND (state IN ('received',
                   'supplement') OR accepted_by = $2::text))
           END
       AND ($5 = '' OR state = $5)
       AND ($6 = '' OR strpos(case_no, $6) > 0 OR strpos(item_name, $6) > 0 OR strpos(applicant_name, $6) > 0)
       AND ($7 = '' OR case_no < $7)
     ORDER BY case_no DESC
     LIMIT $8::int
)sql"};

constexpr db::Statement list_events_sql{"services.list_events", R"sql(
    SELECT jsonb_build_object('at', base.rfc3339(at), 'actor', actor_name, 'action', action, 'state',
        to_state,
                              'note', note, 'body', body)
      FROM services.case_event WHERE case_no = $1 ORDER BY id LIMIT 200
)sql"};

constexpr db::Statement add_event_sql{"services.add_event", R"sql(
    INSERT INTO services.case_event (case_no, at, actor, actor_name, body, action, from_state, to_state, note)
    VALUES ($1, $2::timestamptz, $3, $4, $5, $6, $7, $8, $9)
)sql"};

std::string_view name(Box box) {
    switch (box) {
        case Box::mine:
            return "mine";
        case Box::intake:
            return "intake";
        case Box::decide:
            return "decide";
        default:
            return "all";
    }
}

bool handles(const Principal& who, const Case& one) {
    return who.has_role("case_officer") && who.organization == one.organization;
}

/// The comprehensive window takes in for the departments of its own region.
bool at_window(const Principal& who, const Case& one) {
    return who.has_role("window_staff") &&
           identity::authorize(who, "services.case.accept", true, one.organization, one.applicant)
               .has_value();
}

Json form_json(const Item& item, const FilledForm& form) {
    Json shown = Json::array();
    for (const auto& field : item.definition.at("form").at("fields")) {
        const auto& key = field.at("name").get_ref<const std::string&>();
        if (const auto value = form.values.find(key); value != form.values.end()) {
            shown.push_back({{"name", key},
                             {"label", field.at("label")},
                             {"value", shown_value(field, *value)},
                             {"raw", *value},
                             {"source", form.sources.value(key, "")}});
        }
    }
    return shown;
}

Json materials_json(const Item& item, const Case& one) {
    Json shown = Json::array();
    for (const auto& material : one.materials) {
        std::string title;
        for (const auto& declared : item.definition.at("materials")) {
            if (declared.at("code") == material.at("code")) {
                title = declared.at("name").get<std::string>();
            }
        }
        shown.push_back({{"code", material.at("code")},
                         {"name", title},
                         {"attachment_id", material.at("attachment_id")},
                         {"file_name", material.at("name")},
                         {"bytes", material.at("bytes")}});
    }
    return shown;
}

}  // namespace

asio::awaitable<std::optional<Case>> find_case(db::Pool& db, std::string case_no) {
    co_return co_await db.find<Case>(find_case_sql, std::move(case_no));
}

asio::awaitable<std::vector<Case>> list_cases(db::Pool& db, const Principal& who, CaseQuery query) {
    auto listed = identity::listing(who, "services.case.list");
    co_return co_await db.all<Case>(list_cases_sql, name(query.box), who.id, who.organization,
                                    std::move(listed.organizations), std::move(query.state),
                                    std::move(query.q), std::move(query.before), query.limit);
}

asio::awaitable<void> add_event(db::Transaction& tx, const Runtime& runtime, std::string case_no,
                                CaseEvent event) {
    co_await tx.run(add_event_sql, std::move(case_no), to_rfc3339(runtime.now()), event.actor,
                    event.actor_name, event.body, event.action, event.from_state, event.to_state, event.note);
}

bool may_read(const Principal& who, const Case& one) {
    if (who.id == one.applicant || handles(who, one)) {
        return true;
    }
    const State state = state_of(one.state);
    const bool intake = state == State::received || state == State::supplement || state == State::refused;
    return at_window(who, one) && (intake || one.accepted_by == who.id);
}

bool may_act(const Principal& who, const Case& one) {
    return at_window(who, one) || handles(who, one);
}

std::vector<std::string> actions(const Principal& who, const Case& one) {
    const State state = state_of(one.state);
    std::vector<std::string> found;
    const auto offer = [&](Action action, bool allowed) {
        if (allowed && next_state(state, action)) {
            found.emplace_back(services::name(action));
        }
    };
    const bool applicant = who.id == one.applicant;
    const bool intake = !applicant && (at_window(who, one) || handles(who, one));
    const bool decides = !applicant && handles(who, one) && one.accepted_by != who.id;
    offer(Action::accept, !applicant && at_window(who, one));
    offer(Action::supplement, intake && one.supplement.is_null());
    offer(Action::refuse, intake && state == State::received);
    offer(Action::answer, applicant);
    offer(Action::withdraw, applicant);
    offer(Action::start_review, decides);
    offer(Action::decide, decides);
    offer(Action::close, !applicant && handles(who, one));
    if (applicant && !one.decision.is_null() && one.rating.is_null()) {
        found.emplace_back("review");
    }
    return found;
}

asio::awaitable<Json> case_briefs(db::Pool& db, const Runtime& runtime, bool chinese,
                                  std::vector<Case> cases) {
    std::map<std::string, std::string> names;
    Json shown = Json::array();
    for (const auto& one : cases) {
        auto [body, fresh] = names.try_emplace(one.organization);
        if (fresh) {
            body->second = co_await organization_name(db, one.organization);
        }
        Json brief = case_brief(runtime, one);
        brief["organization"] = {{"code", one.organization}, {"name", body->second}};
        brief["state_name"] = title(state_of(one.state), chinese);
        shown.push_back(std::move(brief));
    }
    co_return shown;
}

Json case_brief(const Runtime& runtime, const Case& one) {
    const auto due = parse_day(one.due_date).value();
    const Day clock = one.stopped_on ? parse_day(*one.stopped_on).value() : runtime.today();
    const int left = runtime.calendar.between(clock, due);
    return {{"case_no", one.case_no},
            {"item", {{"code", one.item}, {"name", one.item_name}}},
            {"state", one.state},
            {"applicant", one.applicant_name},
            {"submitted_at", one.submitted_at},
            {"received_on", one.received_on},
            {"due_date", one.due_date},
            {"days_left", left},
            {"light", light(left, one.due_limit)},
            {"provisional", runtime.calendar.provisional(due)},
            {"version", one.version}};
}

namespace {

template <class Db>
asio::awaitable<Json> whole_case(Db& db, const Runtime& runtime, Principal who, Case one) {
    Item item = co_await item_version(db, one.item, one.item_version);
    Json reply = case_brief(runtime, one);
    reply["state_name"] = title(state_of(one.state), who.chinese);
    reply["organization"] = Json{{"code", one.organization}, {"name", ""}};
    reply["organization"]["name"] = co_await organization_name(db, one.organization);
    reply["form"] = form_json(item, open_form(runtime, one));
    reply["materials"] = materials_json(item, one);
    reply["consent"] = one.consent;
    reply["promised_days"] = one.promised_days;
    Json events = Json::array();
    for (auto& event : co_await db.template all<Json>(list_events_sql, one.case_no)) {
        events.push_back(std::move(event));
    }
    reply["events"] = std::move(events);
    reply["supplement"] = one.supplement;
    reply["decision"] = one.decision;
    if (!one.decision.is_null()) {
        reply["decision"].erase("digest");
        reply["decision"]["document_url"] = "/api/v1/services/cases/" + one.case_no + "/decision";
    }
    reply["review"] = one.rating;
    reply["receipt_url"] = "/api/v1/services/cases/" + one.case_no + "/receipt";
    reply["actions"] = actions(who, one);
    co_return reply;
}

}  // namespace

asio::awaitable<Json> case_json(db::Pool& db, const Runtime& runtime, Principal who, Case one) {
    return whole_case(db, runtime, std::move(who), std::move(one));
}

asio::awaitable<Json> case_json(db::Transaction& tx, const Runtime& runtime, Principal who, Case one) {
    return whole_case(tx, runtime, std::move(who), std::move(one));
}

PENGCHENG_STATEMENTS(find_case_sql, list_cases_sql, list_events_sql, add_event_sql);

}  // namespace pengcheng::services
