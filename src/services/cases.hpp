#pragma once

#include "services/items.hpp"
#include "services/states.hpp"

#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace pengcheng::services {

/// One case as stored. Json members are null until they happen.
struct Case {
    std::string case_no;
    std::string item;
    int item_version = 0;
    std::string item_name;
    std::string organization;
    std::string applicant;
    std::string applicant_name;
    std::string state;
    std::int64_t version = 1;
    bool consent = false;
    std::string form_sealed;
    Json materials;  ///< [{code, attachment_id, name, kind, bytes}]
    std::string submitted_at;
    std::string received_on;
    int promised_days = 0;
    int suspended_days = 0;  ///< working days that the time to accept does not count
    std::string due_date;
    int due_limit = 0;
    std::optional<std::string> stopped_on;
    Json supplement;
    Json decision;
    Json rating;
    std::optional<std::string> accepted_by;
    std::optional<std::string> accepted_at;
    std::optional<std::string> decided_by;
    std::string receipt_digest;
    std::string request_digest;
};

constexpr auto describe(db::RowOf<Case>) {
    using db::column;
    return db::columns(column("case_no", &Case::case_no), column("item", &Case::item),
                       column("item_version", &Case::item_version), column("item_name", &Case::item_name),
                       column("organization", &Case::organization), column("applicant", &Case::applicant),
                       column("applicant_name", &Case::applicant_name), column("state", &Case::state),
                       column("version", &Case::version), column("consent", &Case::consent),
                       column("form_sealed", &Case::form_sealed), column("materials", &Case::materials),
                       column("submitted_at", &Case::submitted_at), column("received_on", &Case::received_on),
                       column("promised_days", &Case::promised_days),
                       column("suspended_days", &Case::suspended_days), column("due_date", &Case::due_date),
                       column("due_limit", &Case::due_limit), column("stopped_on", &Case::stopped_on),
                       column("supplement", &Case::supplement), column("decision", &Case::decision),
                       column("rating", &Case::rating), column("accepted_by", &Case::accepted_by),
                       column("accepted_at", &Case::accepted_at), column("decided_by", &Case::decided_by),
                       column("receipt_digest", &Case::receipt_digest),
                       column("request_digest", &Case::request_digest));
}

/// What was filled in and where it came from, as sealed into Case::form_sealed.
struct FilledForm {
    Json values;   ///< field -> value
    Json sources;  ///< field -> title of the register that says the same
};
std::string seal_form(const Runtime& runtime, const std::string& case_no, const FilledForm& form);
FilledForm open_form(const Runtime& runtime, const Case& one);

struct NewCase {
    std::string item;
    Json form;
    Json materials;  ///< [{code, attachment_id}]
    bool consent = false;
    std::string idempotency_key;  ///< empty: none
};

/// A case and what the caller is told of it, read before the commit: nothing can fail after it, and no caller
/// hears of a failure where the case has moved.
struct Told {
    Case one;
    Json body;
};

/// Takes in an application. The same key and body again answers the case made before.
asio::awaitable<Result<Told>> create_case(db::Pool& db, const Runtime& runtime, Principal who, NewCase input);

asio::awaitable<std::optional<Case>> find_case(db::Pool& db, std::string case_no);

enum class Box { mine, intake, decide, all };
struct CaseQuery {
    Box box = Box::mine;
    std::string state;
    std::string q;       ///< case number, item or applicant
    std::string before;  ///< case number, cursor
    int limit = 20;
};
asio::awaitable<std::vector<Case>> list_cases(db::Pool& db, const Principal& who, CaseQuery query);

/// The window sees what is to be taken in and what it took in itself; departments see their own.
bool may_read(const Principal& who, const Case& one);

/// Whether `who` is on the handling side: the window for intake, the department for the rest. Routes have
/// checked the role for the act, the state table checks the moment.
bool may_act(const Principal& who, const Case& one);

/// Without the names of organization and state, which case_briefs and case_json add.
Json case_brief(const Runtime& runtime, const Case& one);
asio::awaitable<Json> case_briefs(db::Pool& db, const Runtime& runtime, bool chinese,
                                  std::vector<Case> cases);
asio::awaitable<Json> case_json(db::Pool& db, const Runtime& runtime, Principal who, Case one);
asio::awaitable<Json> case_json(db::Transaction& tx, const Runtime& runtime, Principal who, Case one);

// Transitions: one transaction each, with event, notice and audit. `version` is the If-Match.
struct Step {
    std::string case_no;
    std::optional<std::int64_t> version;
    std::string note;
};
asio::awaitable<Result<Told>> accept(db::Pool& db, const Runtime& runtime, Principal who, Step step);
asio::awaitable<Result<Told>> ask_supplement(db::Pool& db, const Runtime& runtime, Principal who, Step step,
                                             Json missing);
struct Answer {
    Json form;
    Json materials;
};
asio::awaitable<Result<Told>> answer(db::Pool& db, const Runtime& runtime, Principal who, Step step,
                                     Answer given);
asio::awaitable<Result<Told>> refuse(db::Pool& db, const Runtime& runtime, Principal who, Step step);
asio::awaitable<Result<Told>> start_review(db::Pool& db, const Runtime& runtime, Principal who, Step step);
asio::awaitable<Result<Told>> decide(db::Pool& db, const Runtime& runtime, Principal who, Step step,
                                     std::string result);
asio::awaitable<Result<Told>> close(db::Pool& db, const Runtime& runtime, Principal who, Step step);
asio::awaitable<Result<Told>> withdraw(db::Pool& db, const Runtime& runtime, Principal who, Step step);
asio::awaitable<Result<Told>> rate(db::Pool& db, const Runtime& runtime, Principal who, Step step, int stars);

/// What `who` may do with the case now, as action names.
std::vector<std::string> actions(const Principal& who, const Case& one);

/// One step of a case's history.
struct CaseEvent {
    std::string actor;
    std::string actor_name;
    std::string body;  ///< organization code; empty: the applicant
    std::string action;
    std::string from_state;
    std::string to_state;
    std::string note;
};
asio::awaitable<void> add_event(db::Transaction& tx, const Runtime& runtime, std::string case_no,
                                CaseEvent event);

}  // namespace pengcheng::services
