#include "services/attachments.hpp"
#include "services/case_number.hpp"
#include "services/cases.hpp"
#include "services/documents.hpp"
#include "services/form.hpp"
#include "services/limits.hpp"
#include "services/prefill.hpp"
#include "services/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/events/notices.hpp>
#include <pengcheng/identity/identity.hpp>

namespace pengcheng::services {

namespace {

constexpr db::Statement next_serial_sql{"services.next_serial", R"sql(
    INSERT INTO services.case_serial (region, day, last) VALUES ($1, $2::date, 1)
    ON CONFLICT (region, day) DO UPDATE SET last = case_serial.last + 1
 RETURNING last
)sql"};

constexpr db::Statement find_by_key_sql{"services.find_by_key", R"sql(
    SELECT case_no FROM services.case_file WHERE applicant = $1::uuid AND idempotency_key = $2
)sql"};

constexpr db::Statement add_case_sql{"services.add_case", R"sql(
    INSERT INTO services.case_file (case_no, item, item_version, item_name, organization, applicant,
        applicant_name,
                                    state, consent, form_sealed, materials, submitted_at, received_on,
                                        promised_days,
                                    due_date, due_limit, receipt_digest, idempotency_key, request_digest,
                                        updated_at)
    VALUES ($1, $2, $3::int, $4, $5, $6::uuid, $7, 'received', $8::boolean, $9, $10::jsonb, $11::timestamptz,
            $12::date, $13::int, $14::date, $15::int, $16, NULLIF($17, ''), $18, $11::timestamptz)
)sql"};

Problem with_faults(const ProblemType& type, std::vector<FieldError> faults) {
    Problem problem = type.plain();
    problem.errors = std::move(faults);
    return problem;
}

std::string digest_of(const NewCase& input) {
    const Json asked{{"item", input.item},
                     {"form", input.form},
                     {"materials", input.materials},
                     {"consent", input.consent}};
    return crypto::sha256_hex(asked.dump());
}

/// The case that the same key made before, if any; another body under the key is refused.
asio::awaitable<Result<std::optional<Case>>> made_before(db::Pool& db, std::string account, std::string key,
                                                         std::string digest) {
    auto case_no = co_await db.find<std::string>(find_by_key_sql, std::move(account), std::move(key));
    if (!case_no) {
        co_return std::optional<Case>{};
    }
    auto made = co_await find_case(db, *case_no);
    if (made->request_digest != digest) {
        co_return problem::key_reused.plain();
    }
    co_return made;
}

/// Which of the values a register says too. The reading is tied to the case; that a register does not
/// answer keeps nobody from applying.
asio::awaitable<Json> confirmed_sources(db::Pool& db, Principal who, Item item, std::string case_no,
                                        Json values) {
    Json sources = Json::object();
    auto read = co_await read_prefill(db, std::move(who), item, std::move(case_no));
    if (!read) {
        co_return sources;
    }
    for (const auto& [name, found] : read->at("fields").items()) {
        const auto given = values.find(name);
        if (given != values.end() && *given == found.at("value")) {
            sources[name] = found.at("source").at("organization_name").get<std::string>() + " " +
                            found.at("source").at("title").get<std::string>();
        }
    }
    co_return sources;
}

asio::awaitable<void> tell_of_new_case(db::Transaction& tx, Case made) {
    events::Notice window{
        .role = "window_staff",
        .title_zh = "新的办件：" + made.item_name,
        .title_en = "New case: " + made.item_name,
        .text_zh = "办件编号 " + made.case_no + "，请于 " + made.due_date + " 前作出受理决定。",
        .text_en = "Case " + made.case_no + ": accept or answer by " + made.due_date + ".",
        .link = "/console/services/intake?case=" + made.case_no};
    co_await events::notify(tx, std::move(window));
    events::Notice applicant{.account = made.applicant,
                             .title_zh = "已收到您的申请：" + made.item_name,
                             .title_en = "We received your application: " + made.item_name,
                             .text_zh = "办件编号 " + made.case_no,
                             .text_en = "Case number " + made.case_no,
                             .link = "/my/cases/" + made.case_no};
    co_await events::notify(tx, std::move(applicant));
}

/// The case as it will stand, but for its materials.
asio::awaitable<Case> draw_up(db::Pool& db, const Runtime& runtime, Principal who, Item item) {
    auto organization = co_await identity::organization(db, item.organization);
    const std::string region =
        organization && organization->region.size() == 6 ? organization->region : who.region;
    const Day day = runtime.today();
    const int serial = co_await db.one<int>(next_serial_sql, region, to_text(day));
    const Day received = received_on(runtime.calendar, runtime.now());
    auto profile = co_await identity::profile(db, who.id);
    Case made;
    made.case_no = case_number(region, day, item.organization, serial);
    made.item = item.code;
    made.item_version = item.version;
    made.item_name = item.name;
    made.organization = item.organization;
    made.applicant = who.id;
    made.applicant_name = profile ? profile->name : who.display_name;
    made.state = name(State::received);
    made.submitted_at = to_rfc3339(runtime.now());
    made.received_on = to_text(received);
    made.promised_days = item.definition.at("promised_days").get<int>();
    made.due_limit = accept_days_max;
    made.due_date = to_text(runtime.calendar.due(received, accept_days_max));
    co_return made;
}

asio::awaitable<Result<Told>> store(db::Pool& db, const Runtime& runtime, Principal who, NewCase input,
                                    Item item, Case made) {
    auto tx = co_await db.begin();
    std::vector<std::string> any;
    auto materials =
        co_await check_materials(tx, item.definition.at("materials"), input.materials, who.id, any);
    if (!materials) {
        co_return materials.error();
    }
    made.materials = *materials;
    made.receipt_digest = content_digest(receipt_content(made));
    co_await tx.run(add_case_sql, made.case_no, made.item, made.item_version, made.item_name,
                    made.organization, made.applicant, made.applicant_name, made.consent, made.form_sealed,
                    made.materials, made.submitted_at, made.received_on, made.promised_days, made.due_date,
                    made.due_limit, made.receipt_digest, input.idempotency_key, made.request_digest);
    co_await bind_attachments(tx, made.case_no, made.materials);
    if (input.consent && item.definition.contains("sources")) {
        co_await record_consent(tx, who, item, made.case_no, made.submitted_at);
    }
    CaseEvent event{
        .actor = who.id, .actor_name = made.applicant_name, .action = "submit", .to_state = made.state};
    co_await add_event(tx, runtime, made.case_no, std::move(event));
    co_await tell_of_new_case(tx, made);
    Json detail{{"item", made.item}, {"version", made.item_version}};
    co_await audit::record(tx, who, "services.case.create", made.case_no, std::move(detail));
    Told told{.one = made};
    told.body = co_await case_json(tx, runtime, who, made);
    co_await tx.commit();
    co_return told;
}

asio::awaitable<Told> told_again(db::Pool& db, const Runtime& runtime, Principal who, Case made) {
    Told told{.one = made};
    told.body = co_await case_json(db, runtime, std::move(who), std::move(made));
    co_return told;
}

}  // namespace

asio::awaitable<Result<Told>> create_case(db::Pool& db, const Runtime& runtime, Principal who,
                                          NewCase input) {
    const std::string digest = digest_of(input);
    if (!input.idempotency_key.empty()) {
        auto before = co_await made_before(db, who.id, input.idempotency_key, digest);
        if (!before) {
            co_return before.error();
        }
        if (*before) {
            co_return co_await told_again(db, runtime, who, **before);
        }
    }
    auto item = co_await find_item(db, input.item);
    if (!item) {
        co_return problem::no_item.at("/item");
    }
    if (item->state != "active") {
        co_return problem::paused.at("/item");
    }
    auto faults = check_form(item->definition.at("form").at("fields"), input.form, runtime.today());
    if (!faults.empty()) {
        co_return with_faults(problem::bad_form, std::move(faults));
    }
    Case made = co_await draw_up(db, runtime, who, *item);
    made.consent = input.consent;
    made.request_digest = digest;
    FilledForm form{.values = input.form, .sources = Json::object()};
    if (input.consent) {
        form.sources = co_await confirmed_sources(db, who, *item, made.case_no, input.form);
    }
    made.form_sealed = seal_form(runtime, made.case_no, form);
    std::optional<db::Error> failure;
    try {
        co_return co_await store(db, runtime, who, input, *item, made);
    } catch (const db::Error& error) {
        failure = error;
    }
    if (!failure->unique_violation() || input.idempotency_key.empty()) {
        throw *failure;
    }
    // The same request came twice at once: the other one won.
    auto won = co_await made_before(db, who.id, input.idempotency_key, digest);
    if (!won) {
        co_return won.error();
    }
    co_return co_await told_again(db, runtime, who, won->value());
}

PENGCHENG_STATEMENTS(next_serial_sql, find_by_key_sql, add_case_sql);

}  // namespace pengcheng::services
