#include "services/attachments.hpp"
#include "services/cases.hpp"
#include "services/documents.hpp"
#include "services/form.hpp"
#include "services/limits.hpp"
#include "services/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/events/notices.hpp>

namespace pengcheng::services {

namespace {

constexpr db::Statement lock_case_sql{"services.lock_case", R"sql(
    SELECT case_no, item, item_version, item_name, organization, applicant, applicant_name, state, version,
           consent, form_sealed, materials, base.rfc3339(submitted_at) AS submitted_at, received_on,
           promised_days, suspended_days, due_date, due_limit, stopped_on, supplement, decision, rating,
           accepted_by, base.rfc3339(accepted_at) AS accepted_at, decided_by, receipt_digest, request_digest
      FROM services.case_file WHERE case_no = $1 FOR UPDATE
)sql"};

constexpr db::Statement save_case_sql{"services.save_case", R"sql(
    UPDATE services.case_file
       SET state = $2, version = $3::bigint, form_sealed = $4, materials = $5::jsonb,
           suspended_days = $6::int,
           due_date = $7::date, due_limit = $8::int, stopped_on = $9::date, supplement = $10::jsonb,
           decision = $11::jsonb, rating = $12::jsonb, accepted_by = $13, accepted_at = $14::timestamptz,
           decided_by = $15, updated_at = $16::timestamptz
     WHERE case_no = $1
)sql"};

constexpr db::Statement find_definition_sql{"services.find_definition", R"sql(
    SELECT definition FROM services.item_version WHERE code = $1 AND version = $2::int
)sql"};

struct Words {
    std::string_view zh;
    std::string_view en;
};

Words words(Action action) {
    switch (action) {
        case Action::accept:
            return {"您的申请已受理", "Your application was accepted"};
        case Action::supplement:
            return {"请补正材料", "Please hand in what is missing"};
        case Action::answer:
            return {"申请人已补正", "The applicant answered"};
        case Action::refuse:
            return {"您的申请不予受理", "Your application was not accepted"};
        case Action::start_review:
            return {"您的申请正在审查", "Your application is under review"};
        case Action::decide:
            return {"您的申请已作出决定", "Your application was decided"};
        case Action::close:
            return {"您的办件已办结", "Your case was closed"};
        case Action::withdraw:
            return {"申请人已撤回申请", "The applicant withdrew"};
    }
    return {};
}

Problem with_faults(const ProblemType& type, std::vector<FieldError> faults) {
    Problem problem = type.plain();
    problem.errors = std::move(faults);
    return problem;
}

asio::awaitable<Result<Case>> lock(db::Transaction& tx, Step step) {
    auto one = co_await tx.find<Case>(lock_case_sql, step.case_no);
    if (!one) {
        co_return problem::no_case.plain();
    }
    if (step.version && *step.version != one->version) {
        co_return problem::stale.at("/version");
    }
    co_return *one;
}

/// Locks the case and moves its state; nothing is stored before settle().
asio::awaitable<Result<Case>> begin_step(db::Transaction& tx, const Principal& who, Step step,
                                         Action action) {
    auto one = co_await lock(tx, step);
    if (!one) {
        co_return one;
    }
    const bool applicant_acts = action == Action::answer || action == Action::withdraw;
    const bool wrong_side =
        applicant_acts ? one->applicant != who.id : one->applicant == who.id || !may_act(who, *one);
    if (wrong_side) {
        co_return problem::forbidden.plain();
    }
    const State from = state_of(one->state);
    const auto to = next_state(from, action);
    if (!to) {
        const std::string zh{title(from, true)};
        const std::string en{title(from, false)};
        co_return problem::wrong_state.at("/state", "办件当前为“" + zh + "”", "The case stands at: " + en);
    }
    one->state = name(*to);
    co_return one;
}

asio::awaitable<void> save(db::Transaction& tx, const Runtime& runtime, const Case& one) {
    co_await tx.run(save_case_sql, one.case_no, one.state, one.version, one.form_sealed, one.materials,
                    one.suspended_days, one.due_date, one.due_limit, one.stopped_on, one.supplement,
                    one.decision, one.rating, one.accepted_by, one.accepted_at, one.decided_by,
                    to_rfc3339(runtime.now()));
}

asio::awaitable<void> tell_deciders(db::Transaction& tx, Case one) {
    events::Notice notice{.organization = one.organization,
                          .role = "case_officer",
                          .title_zh = "待审查办件：" + one.item_name,
                          .title_en = "Case to review: " + one.item_name,
                          .text_zh = "办件编号 " + one.case_no + "，承诺 " + one.due_date + " 前办结。",
                          .text_en = "Case " + one.case_no + ", promised by " + one.due_date + ".",
                          .link = "/console/services/decide?case=" + one.case_no};
    co_await events::notify(tx, std::move(notice));
}

asio::awaitable<void> tell(db::Transaction& tx, Case one, Action action, std::string note) {
    const Words said = words(action);
    const bool to_staff = action == Action::answer || action == Action::withdraw;
    if (action == Action::accept) {
        co_await tell_deciders(tx, one);
    }
    events::Notice notice{.title_zh = std::string(said.zh) + "：" + one.item_name,
                          .title_en = std::string(said.en) + ": " + one.item_name,
                          .text_zh = "办件编号 " + one.case_no + (note.empty() ? "" : "。" + note),
                          .text_en = "Case " + one.case_no + (note.empty() ? "" : ". " + note)};
    if (to_staff) {
        // Answers come to the window, which accepts; a withdrawn case leaves the department's desk.
        notice.role = action == Action::answer ? "window_staff" : "case_officer";
        notice.organization = action == Action::answer ? "" : one.organization;
        const char* desk = action == Action::answer ? "intake" : "decide";
        notice.link = std::string("/console/services/") + desk + "?case=" + one.case_no;
    } else {
        notice.account = one.applicant;
        notice.link = "/my/cases/" + one.case_no;
    }
    co_await events::notify(tx, std::move(notice));
}

/// Stores the moved case with its event, notice and audit record, and commits.
asio::awaitable<Told> settle(db::Transaction tx, const Runtime& runtime, Principal who, Case one, State from,
                             Action action, std::string note) {
    one.version += 1;
    if (!open(state_of(one.state)) && !one.stopped_on) {
        one.stopped_on = to_text(runtime.today());
    }
    co_await save(tx, runtime, one);
    const bool applicant = who.id == one.applicant;
    CaseEvent event{.actor = who.id,
                    .actor_name = applicant ? one.applicant_name : who.display_name,
                    .body = who.organization,
                    .action = std::string(name(action)),
                    .from_state = std::string(name(from)),
                    .to_state = one.state,
                    .note = note};
    co_await add_event(tx, runtime, one.case_no, std::move(event));
    co_await tell(tx, one, action, std::move(note));
    Json detail{{"from", name(from)}, {"to", one.state}, {"version", one.version}};
    co_await audit::record(tx, who, "services.case." + std::string(name(action)), one.case_no,
                           std::move(detail));
    Told told{.one = one};
    told.body = co_await case_json(tx, runtime, who, one);
    co_await tx.commit();
    co_return told;
}

asio::awaitable<Item> item_of(db::Transaction& tx, const Case& one) {
    Item item{.code = one.item, .version = one.item_version, .organization = one.organization};
    item.definition = co_await tx.one<Json>(find_definition_sql, one.item, one.item_version);
    co_return item;
}

/// Names for what is missing: materials and form fields of the item, each once.
Result<Json> name_missing(const Item& item, const Json& missing) {
    std::map<std::string, std::string> known;
    for (const auto& material : item.definition.at("materials")) {
        known[material.at("code").get<std::string>()] = material.at("name").get<std::string>();
    }
    for (const auto& field : item.definition.at("form").at("fields")) {
        known[field.at("name").get<std::string>()] = field.at("label").get<std::string>();
    }
    Json named = Json::array();
    std::set<std::string> seen;
    int index = 0;
    for (const auto& one : missing) {
        const auto code = one.at("code").get<std::string>();
        if (!known.contains(code) || !seen.insert(code).second) {
            return problem::invalid_input.at("/missing/" + std::to_string(index) + "/code",
                                             "不是本事项的材料或表单字段，或重复",
                                             "is no material or field of this item, or named twice");
        }
        named.push_back({{"code", code}, {"name", known[code]}, {"reason", one.at("reason")}});
        ++index;
    }
    return named;
}

/// The codes asked for that are materials.
std::vector<std::string> asked_materials(const Item& item, const Json& supplement) {
    std::vector<std::string> codes;
    for (const auto& one : supplement.at("missing")) {
        for (const auto& material : item.definition.at("materials")) {
            if (material.at("code") == one.at("code")) {
                codes.push_back(one.at("code").get<std::string>());
            }
        }
    }
    return codes;
}

/// Puts the answered fields into the form: only fields that were asked for, and all of them.
Result<FilledForm> answered_form(const Item& item, const Case& one, FilledForm form, const Json& given,
                                 Day today) {
    std::vector<FieldError> faults;
    std::set<std::string> asked;
    const auto materials = asked_materials(item, one.supplement);
    for (const auto& missing : one.supplement.at("missing")) {
        const auto code = missing.at("code").get<std::string>();
        if (std::find(materials.begin(), materials.end(), code) != materials.end()) {
            continue;
        }
        asked.insert(code);
        if (!given.contains(code)) {
            const auto label = missing.at("name").get<std::string>();
            faults.push_back(
                {"/form/" + code, "required", "请补正“" + label + "”", label + " was asked for"});
        }
    }
    for (const auto& [name, value] : given.items()) {
        if (!asked.contains(name)) {
            faults.push_back({"/form/" + name, "unknown", "此项未要求补正", "This was not asked for"});
            continue;
        }
        form.values[name] = value;
        form.sources.erase(name);
    }
    if (faults.empty()) {
        faults = check_form(item.definition.at("form").at("fields"), form.values, today);
    }
    if (!faults.empty()) {
        return with_faults(problem::incomplete, std::move(faults));
    }
    return form;
}

void replace_materials(Json& kept, const Json& fresh) {
    Json next = Json::array();
    for (const auto& old : kept) {
        const bool replaced = std::any_of(fresh.begin(), fresh.end(),
                                          [&](const Json& one) { return one.at("code") == old.at("code"); });
        if (!replaced) {
            next.push_back(old);
        }
    }
    for (const auto& one : fresh) {
        next.push_back(one);
    }
    kept = std::move(next);
}

}  // namespace

asio::awaitable<Result<Told>> accept(db::Pool& db, const Runtime& runtime, Principal who, Step step) {
    auto tx = co_await db.begin();
    auto one = co_await begin_step(tx, who, step, Action::accept);
    if (!one) {
        co_return one.error();
    }
    one->accepted_by = who.id;
    one->accepted_at = to_rfc3339(runtime.now());
    // The day of acceptance is day 0; the promised limit counts from the next working day.
    one->due_date = to_text(runtime.calendar.due(runtime.today(), one->promised_days));
    one->due_limit = one->promised_days;
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one, State::received, Action::accept,
                              step.note);
}

asio::awaitable<Result<Told>> ask_supplement(db::Pool& db, const Runtime& runtime, Principal who, Step step,
                                             Json missing) {
    auto tx = co_await db.begin();
    auto one = co_await begin_step(tx, who, step, Action::supplement);
    if (!one) {
        co_return one.error();
    }
    if (!one->supplement.is_null()) {
        co_return problem::asked_before.at("/state");
    }
    const Item item = co_await item_of(tx, *one);
    auto named = name_missing(item, missing);
    if (!named) {
        co_return named.error();
    }
    const Day due = runtime.today() + std::chrono::days{supplement_days_max};
    one->supplement = {{"missing", *named},
                       {"note", step.note},
                       {"asked_at", to_rfc3339(runtime.now())},
                       {"due", to_text(due)},
                       {"answered_at", nullptr}};
    one->due_date = to_text(due);
    one->due_limit = runtime.calendar.between(runtime.today(), due);
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one, State::received,
                              Action::supplement, step.note);
}

asio::awaitable<Result<Told>> answer(db::Pool& db, const Runtime& runtime, Principal who, Step step,
                                     Answer given) {
    auto tx = co_await db.begin();
    auto one = co_await begin_step(tx, who, step, Action::answer);
    if (!one) {
        co_return one.error();
    }
    const Item item = co_await item_of(tx, *one);
    auto form = answered_form(item, *one, open_form(runtime, *one), given.form, runtime.today());
    if (!form) {
        co_return form.error();
    }
    auto codes = asked_materials(item, one->supplement);
    if (codes.empty() && !given.materials.empty()) {
        co_return problem::incomplete.at("/materials", "未要求补正材料", "No papers were asked for");
    }
    if (!codes.empty()) {
        auto fresh =
            co_await check_materials(tx, item.definition.at("materials"), given.materials, who.id, codes);
        if (!fresh) {
            co_return fresh.error();
        }
        co_await bind_attachments(tx, one->case_no, *fresh);
        replace_materials(one->materials, *fresh);
    }
    one->form_sealed = seal_form(runtime, one->case_no, *form);
    const Day asked = city_day(parse_time(one->supplement.at("asked_at").get<std::string>()).value());
    const Day back = received_on(runtime.calendar, runtime.now());
    one->suspended_days += suspended_days(runtime.calendar, asked, back);
    one->supplement["answered_at"] = to_rfc3339(runtime.now());
    one->due_limit = accept_days_max + one->suspended_days;
    one->due_date = to_text(runtime.calendar.due(parse_day(one->received_on).value(), one->due_limit));
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one, State::supplement, Action::answer,
                              step.note);
}

asio::awaitable<Result<Told>> refuse(db::Pool& db, const Runtime& runtime, Principal who, Step step) {
    auto tx = co_await db.begin();
    auto one = co_await begin_step(tx, who, step, Action::refuse);
    if (!one) {
        co_return one.error();
    }
    const bool asked = !one->supplement.is_null() && one->supplement.at("answered_at").is_null();
    if (asked && runtime.today() <= parse_day(one->due_date).value()) {
        co_return problem::still_time.at("/state", "补正期限至 " + one->due_date,
                                         "Time to answer ends " + one->due_date);
    }
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one,
                              asked ? State::supplement : State::received, Action::refuse, step.note);
}

asio::awaitable<Result<Told>> start_review(db::Pool& db, const Runtime& runtime, Principal who, Step step) {
    auto tx = co_await db.begin();
    auto one = co_await begin_step(tx, who, step, Action::start_review);
    if (!one) {
        co_return one.error();
    }
    if (one->accepted_by == who.id) {
        co_return problem::same_account.plain();
    }
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one, State::accepted,
                              Action::start_review, step.note);
}

asio::awaitable<Result<Told>> decide(db::Pool& db, const Runtime& runtime, Principal who, Step step,
                                     std::string result) {
    auto tx = co_await db.begin();
    auto before = co_await lock(tx, step);
    if (!before) {
        co_return before.error();
    }
    const State from = state_of(before->state);
    auto one = co_await begin_step(tx, who, step, Action::decide);
    if (!one) {
        co_return one.error();
    }
    if (one->accepted_by == who.id) {
        co_return problem::same_account.plain();
    }
    if (result == "refuse" && trim(step.note).empty()) {
        co_return problem::invalid_input.at("/reason", "不予批准须说明理由", "A refusal needs its reason");
    }
    if (from == State::accepted) {
        CaseEvent review{.actor = who.id,
                         .actor_name = who.display_name,
                         .body = who.organization,
                         .action = std::string(name(Action::start_review)),
                         .from_state = std::string(name(State::accepted)),
                         .to_state = std::string(name(State::review))};
        co_await add_event(tx, runtime, one->case_no, std::move(review));
    }
    one->decided_by = who.id;
    one->decision = {{"result", result}, {"reason", step.note}, {"at", to_rfc3339(runtime.now())}};
    one->decision["digest"] = content_digest(decision_content(*one));
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one, from, Action::decide, step.note);
}

asio::awaitable<Result<Told>> close(db::Pool& db, const Runtime& runtime, Principal who, Step step) {
    auto tx = co_await db.begin();
    auto one = co_await begin_step(tx, who, step, Action::close);
    if (!one) {
        co_return one.error();
    }
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one, State::decided, Action::close,
                              step.note);
}

asio::awaitable<Result<Told>> withdraw(db::Pool& db, const Runtime& runtime, Principal who, Step step) {
    auto tx = co_await db.begin();
    auto before = co_await lock(tx, step);
    if (!before) {
        co_return before.error();
    }
    auto one = co_await begin_step(tx, who, step, Action::withdraw);
    if (!one) {
        co_return one.error();
    }
    co_return co_await settle(std::move(tx), runtime, std::move(who), *one, state_of(before->state),
                              Action::withdraw, step.note);
}

asio::awaitable<Result<Told>> rate(db::Pool& db, const Runtime& runtime, Principal who, Step step,
                                   int stars) {
    auto tx = co_await db.begin();
    auto one = co_await lock(tx, step);
    if (!one) {
        co_return one.error();
    }
    if (one->applicant != who.id) {
        co_return problem::forbidden.plain();
    }
    if (one->decision.is_null()) {
        co_return problem::wrong_state.at("/state", "作出决定后才能评价",
                                          "A case can be rated after the decision");
    }
    if (!one->rating.is_null()) {
        co_return problem::rated_before.plain();
    }
    // 差评须有文字 (facts/reviews.md §1).
    if (stars < 3 && trim(step.note).empty()) {
        co_return problem::invalid_input.at("/comment", "请写明不满意的原因", "Say what was wrong");
    }
    one->rating = {{"stars", stars}, {"comment", step.note}, {"at", to_rfc3339(runtime.now())}};
    one->version += 1;
    co_await save(tx, runtime, *one);
    Json detail{{"stars", stars}};
    co_await audit::record(tx, who, "services.case.review", one->case_no, std::move(detail));
    Told told{.one = *one};
    told.body = co_await case_json(tx, runtime, who, *one);
    co_await tx.commit();
    co_return told;
}

PENGCHENG_STATEMENTS(lock_case_sql, save_case_sql, find_definition_sql);

}  // namespace pengcheng::services
