#include "services/objections.hpp"

#include "services/limits.hpp"
#include "services/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/events/notices.hpp>
#include <pengcheng/identity/identity.hpp>

namespace pengcheng::services {

extern constexpr db::Statement objection_owner_sql{"services.objection_owner", R"sql(
    SELECT provider AS organization, account::text AS account FROM services.objection
     WHERE id = CASE WHEN $1 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $1::uuid END
)sql"};

namespace {

constexpr db::Statement add_objection_sql{"services.add_objection", R"sql(
    INSERT INTO services.objection (id, account, item, item_name, field, label, resource, resource_name,
                provider, provider_name, shown, right_text, note, due_on)
    VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::date)
)sql"};

constexpr db::Statement find_objection_sql{"services.find_objection", R"sql(
    SELECT *, base.rfc3339(created_at) AS created, base.rfc3339(answered_at) AS answered
      FROM services.objection WHERE id = $1::uuid
)sql"};

constexpr db::Statement lock_objection_sql{"services.lock_objection", R"sql(
    SELECT *, base.rfc3339(created_at) AS created, base.rfc3339(answered_at) AS answered
      FROM services.objection WHERE id = $1::uuid FOR UPDATE
)sql"};

// $1 account or NULL, $2 organization, $3 sees every one, $4 state, $5 last id or NULL, $6 limit
constexpr db::Statement list_objections_sql{"services.list_objections", R"sql(
    SELECT *, base.rfc3339(created_at) AS created, base.rfc3339(answered_at) AS answered
      FROM services.objection
     WHERE CASE WHEN $1::uuid IS NULL THEN $3::boolean OR provider = $2 ELSE account = $1::uuid END
       AND ($4 = '' OR state = $4)
       AND ($5::uuid IS NULL OR id < $5::uuid)
     ORDER BY id DESC
     LIMIT $6::int
)sql"};

constexpr db::Statement answer_objection_sql{"services.answer_objection", R"sql(
    UPDATE services.objection
       SET state = $2, answer = $3, answered_by = $4, answered_at = now(), version = version + 1
     WHERE id = $1::uuid
)sql"};

const Json* form_field(const Item& item, const std::string& name) {
    for (const auto& field : item.definition.at("form").at("fields")) {
        if (field.at("name") == name) {
            return &field;
        }
    }
    return nullptr;
}

/// The register that the field is prefilled from.
std::optional<Json> source_of(const Item& item, const std::string& name) {
    const Json* field = form_field(item, name);
    if (!field || !field->contains("prefill")) {
        return std::nullopt;
    }
    for (const auto& one : item.definition.at("sources")) {
        if (one.at("name") == (*field)["prefill"]["source"]) {
            return one;
        }
    }
    return std::nullopt;
}

asio::awaitable<void> tell_provider(db::Transaction& tx, Objection objection) {
    events::Notice notice{
        .organization = objection.provider,
        .role = "data_officer",
        .title_zh = "数据异议：" + objection.resource_name,
        .title_en = "Objection to data: " + objection.resource_name,
        .text_zh = "办事人认为“" + objection.label + "”有误，请在 " + objection.due_on + " 前核实并答复。",
        .text_en = "An applicant says that " + objection.label + " is wrong; verify and answer by " +
                   objection.due_on + ".",
        .link = "/console/objections?id=" + objection.id};
    co_await events::notify(tx, std::move(notice));
}

asio::awaitable<void> tell_person(db::Transaction& tx, Objection objection, bool mended) {
    events::Notice notice{
        .account = objection.account,
        .title_zh = "数据异议已答复：" + objection.resource_name,
        .title_en = "Your objection was answered: " + objection.resource_name,
        .text_zh = "“" + objection.label + (mended ? "”已更正：" : "”经核实无误：") + objection.answer,
        .text_en = objection.label + (mended ? " was mended: " : " was found right: ") + objection.answer,
        .link = "/my#my-objections"};
    co_await events::notify(tx, std::move(notice));
}

/// Enough of the ID number to tell people of one name apart, without its serial part.
std::string shortened(const std::string& id_number) {
    constexpr std::size_t front = 6;
    constexpr std::size_t back = 4;
    if (id_number.size() < front + back) {
        return "";
    }
    return id_number.substr(0, front) + std::string(id_number.size() - front - back, '*') +
           id_number.substr(id_number.size() - back);
}

}  // namespace

constexpr auto describe(db::RowOf<Objection>) {
    using O = Objection;
    return db::columns(db::column("id", &O::id), db::column("account", &O::account),
                       db::column("item", &O::item), db::column("item_name", &O::item_name),
                       db::column("field", &O::field), db::column("label", &O::label),
                       db::column("resource", &O::resource), db::column("resource_name", &O::resource_name),
                       db::column("provider", &O::provider), db::column("provider_name", &O::provider_name),
                       db::column("shown", &O::shown), db::column("right_text", &O::right),
                       db::column("note", &O::note), db::column("state", &O::state),
                       db::column("due_on", &O::due_on), db::column("answer", &O::answer),
                       db::column("answered_by", &O::answered_by), db::column("answered", &O::answered_at),
                       db::column("created", &O::created_at), db::column("version", &O::version));
}

asio::awaitable<Json> person_json(db::Pool& db, Principal who, Objection objection) {
    if (who.organization.empty() || who.organization != objection.provider) {
        co_return nullptr;
    }
    auto person = co_await identity::profile(db, objection.account);
    if (!person) {
        co_return nullptr;
    }
    co_return Json{{"name", person->name}, {"id_number", shortened(person->id_number)}};
}

Json objection_json(const Runtime& runtime, const Objection& objection, Json person) {
    Json out{{"id", objection.id},
             {"item", {{"code", objection.item}, {"name", objection.item_name}}},
             {"field", objection.field},
             {"label", objection.label},
             {"resource", {{"ref", objection.resource}, {"name", objection.resource_name}}},
             {"provider", {{"code", objection.provider}, {"name", objection.provider_name}}},
             {"person", std::move(person)},
             {"shown", objection.shown},
             {"right", objection.right},
             {"note", objection.note},
             {"state", objection.state},
             {"due_on", objection.due_on},
             {"days_left", nullptr},
             {"answer", objection.answer},
             {"answered_by", objection.answered_by},
             {"answered_at", objection.answered_at ? Json(*objection.answered_at) : Json(nullptr)},
             {"created_at", objection.created_at},
             {"version", objection.version}};
    const auto due = parse_day(objection.due_on);
    if (objection.state == "raised" && due) {
        out["days_left"] = runtime.calendar.between(runtime.today(), *due);
    }
    return out;
}

asio::awaitable<Result<Objection>> object_to(db::Pool& db, const Runtime& runtime, Principal who,
                                             NewObjection input) {
    auto item = co_await find_item(db, input.item);
    if (!item) {
        co_return problem::no_item.plain();
    }
    const auto source = source_of(*item, input.field);
    if (!source) {
        co_return problem::invalid_input.at("/field", "该项不是预填项", "is not a prefilled field");
    }
    Objection made{.id = new_id(), .account = who.id, .item = input.item, .item_name = item->name};
    made.provider = source->at("provider").get<std::string>();
    made.provider_name = co_await organization_name(db, made.provider);
    made.resource_name = source->at("resource").get<std::string>();
    made.resource = (co_await catalogue::find_ref(db, made.provider, made.resource_name)).value_or("");
    made.field = input.field;
    made.label = form_field(*item, input.field)->at("label").get<std::string>();
    made.due_on =
        to_text(runtime.calendar.due(received_on(runtime.calendar, runtime.now()), objection_days_max));
    auto tx = co_await db.begin();
    co_await tx.run(add_objection_sql, made.id, who.id, made.item, made.item_name, made.field, made.label,
                    made.resource, made.resource_name, made.provider, made.provider_name, input.shown,
                    input.right, input.note, made.due_on);
    co_await tell_provider(tx, made);
    Json detail{{"item", made.item}, {"field", made.field}, {"resource", made.resource}};
    co_await audit::record(tx, who, "services.objection.create", made.id, std::move(detail));
    auto stored = co_await tx.one<Objection>(find_objection_sql, made.id);
    co_await tx.commit();
    co_return stored;
}

asio::awaitable<std::vector<Objection>> list_objections(db::Pool& db, const Principal& who,
                                                        ObjectionFilter filter) {
    if (!filter.before.empty() && !is_id(filter.before)) {
        throw ProblemError(problem::invalid_input.at("/cursor", "游标无效，请从第一页重新开始",
                                                     "The cursor is not one of ours; begin again"));
    }
    const auto account = who.has_role("citizen") ? std::optional(who.id) : std::nullopt;
    const auto before = filter.before.empty() ? std::nullopt : std::optional(filter.before);
    co_return co_await db.all<Objection>(list_objections_sql, account, who.organization,
                                         who.has_role("reviewer"), filter.state, before, filter.limit);
}

asio::awaitable<std::optional<Objection>> find_objection(db::Pool& db, std::string id) {
    co_return co_await db.find<Objection>(find_objection_sql, std::move(id));
}

asio::awaitable<Result<Objection>> answer_objection(db::Pool& db, Principal who, ObjectionAnswer answer) {
    const std::string text(trim(answer.text));
    if (text.empty()) {
        const char* pointer = answer.mended ? "/mended" : "/reason";
        co_return problem::invalid_input.at(pointer, "请写明核实结果", "Say what was found");
    }
    auto tx = co_await db.begin();
    auto objection = co_await tx.find<Objection>(lock_objection_sql, answer.id);
    if (!objection) {
        co_return problem::not_found.plain();
    }
    if (objection->state != "raised") {
        co_return problem::answered_before.at("/state");
    }
    if (objection->version != answer.version) {
        co_return problem::stale.at("/version");
    }
    const std::string state = answer.mended ? "corrected" : "confirmed_right";
    co_await tx.run(answer_objection_sql, answer.id, state, text, who.display_name);
    auto answered = co_await tx.one<Objection>(find_objection_sql, answer.id);
    co_await tell_person(tx, answered, answer.mended);
    Json detail{
        {"state", state}, {"resource", answered.resource}, {"field", answered.field}, {"answer", text}};
    co_await audit::record(tx, who, "services.objection.answer", answer.id, std::move(detail));
    co_await tx.commit();
    co_return answered;
}

PENGCHENG_STATEMENTS(objection_owner_sql, add_objection_sql, find_objection_sql, lock_objection_sql,
                     list_objections_sql, answer_objection_sql);

}  // namespace pengcheng::services
