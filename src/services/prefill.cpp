#include "services/prefill.hpp"

#include "services/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/exchange/grant.hpp>
#include <pengcheng/identity/identity.hpp>
#include <pengcheng/rows/view.hpp>
#include <pengcheng/store/table.hpp>

namespace pengcheng::services {

namespace {

constexpr db::Statement add_consent_sql{"services.add_consent", R"sql(
    INSERT INTO services.consent (account, item, case_no, sources, at)
    VALUES ($1::uuid, $2, $3, $4::jsonb, $5::timestamptz)
)sql"};

/// A register's row about the person, or nothing: no grant, nothing stored, no such row, another name.
struct Found {
    std::string ref;
    std::string provider_name;
    Json row;
};

/// What `item`'s department may read of the register: its grant, or its own resource. Masked columns are
/// left out, for a masked value is of no use in a form.
asio::awaitable<std::optional<rows::View>> view_for(db::Pool& db, Item item, std::string provider,
                                                    std::string ref) {
    auto table = co_await store::current(db, ref);
    if (!table) {
        co_return std::nullopt;
    }
    rows::View view;
    if (item.organization == provider) {
        view = exchange::own_view(std::move(*table), item.organization);
        view.access.purpose = item.name;
    } else {
        auto grant = co_await exchange::active_grant(db, item.organization, ref);
        if (!grant) {
            co_return std::nullopt;
        }
        view = exchange::view_of(*grant, std::move(*table));
    }
    std::erase_if(view.fields, [](const rows::Field& field) { return !field.mask.empty(); });
    co_return view;
}

/// Only the holder's name and the columns that the form shows leave the register.
void keep_needed(rows::View& view, const Item& item, const Json& source) {
    std::set<std::string> needed{source.at("holder").get<std::string>()};
    for (const auto& field : item.definition.at("form").at("fields")) {
        if (field.contains("prefill") && field["prefill"]["source"] == source.at("name")) {
            needed.insert(field["prefill"]["column"].get<std::string>());
        }
    }
    std::erase_if(view.fields, [&](const rows::Field& field) { return !needed.contains(field.column); });
}

asio::awaitable<std::optional<Found>> read_source(db::Pool& db, Principal reader, Item item, Json source,
                                                  identity::PersonalProfile person, std::string case_no) {
    Found found;
    auto provider = source.at("provider").get<std::string>();
    auto ref = co_await catalogue::find_ref(db, provider, source.at("resource").get<std::string>());
    if (!ref) {
        co_return std::nullopt;
    }
    auto view = co_await view_for(db, item, provider, *ref);
    if (!view) {
        co_return std::nullopt;
    }
    keep_needed(*view, item, source);
    view->access.channel = "prefill";
    view->access.subject = reader.id;
    view->access.case_no = std::move(case_no);
    const auto key = source.at("key").get<std::string>();
    auto row = co_await rows::look_up(db, reader, std::move(*view), key, person.id_number);
    if (!row) {
        log::warn("services.prefill_refused", {{"resource", *ref}, {"reason", row.error().text(false)}});
        co_return std::nullopt;
    }
    // 实名一致: the register must know the person by the registered name.
    const auto holder = source.at("holder").get<std::string>();
    if (!row->is_object() || row->value(holder, Json()) != Json(person.name)) {
        co_return std::nullopt;
    }
    found.ref = *ref;
    found.provider_name = co_await organization_name(db, provider);
    found.row = std::move(*row);
    co_return found;
}

}  // namespace

Json fit_value(const Json& field, const Json& value) {
    if (value.is_null()) {
        return nullptr;
    }
    const auto text = value.is_string() ? value.get<std::string>() : value.dump();
    const auto& type = field.at("type").get_ref<const std::string&>();
    if (type == "select" || type == "radio") {
        for (const auto& option : field.at("options")) {
            if (option.at("value") == text || option.at("label") == text) {
                return option.at("value");
            }
        }
        return nullptr;
    }
    if (type == "date") {
        const std::string day = text.substr(0, 10);
        return parse_day(day) ? Json(day) : Json();
    }
    if (type == "number") {
        return value.is_number() || to_double(text) ? (value.is_number() ? value : Json(*to_double(text)))
                                                    : Json();
    }
    return type == "checkbox" ? Json() : Json(text);
}

asio::awaitable<Result<Json>> read_prefill(db::Pool& db, Principal who, Item item, std::string case_no) {
    auto person = co_await identity::profile(db, who.id);
    if (!person || person->id_number.empty()) {
        co_return problem::not_real_name.plain();
    }
    // The department reads, for its item; the person is the subject.
    Principal reader = who;
    reader.organization = item.organization;
    Json fields = Json::object();
    for (const auto& source : item.definition.value("sources", Json::array())) {
        auto found = co_await read_source(db, reader, item, source, *person, case_no);
        if (!found) {
            continue;
        }
        for (const auto& field : item.definition.at("form").at("fields")) {
            if (!field.contains("prefill") || field["prefill"]["source"] != source.at("name")) {
                continue;
            }
            const auto column = field["prefill"]["column"].get<std::string>();
            Json value = fit_value(field, found->row.value(column, Json()));
            if (!value.is_null()) {
                fields[field.at("name").get<std::string>()] = {
                    {"value", std::move(value)},
                    {"source",
                     {{"resource", found->ref},
                      {"title", source.at("resource")},
                      {"organization", source.at("provider")},
                      {"organization_name", found->provider_name}}}};
            }
        }
    }
    Json missing = Json::array();
    for (const auto& field : item.definition.at("form").at("fields")) {
        if (field.contains("prefill") && !fields.contains(field.at("name").get<std::string>())) {
            missing.push_back(field.at("name"));
        }
    }
    co_return Json{{"fields", std::move(fields)}, {"missing", std::move(missing)}};
}

asio::awaitable<void> record_consent(db::Transaction& tx, const Principal& who, const Item& item,
                                     std::string case_no, std::string given_at) {
    Json sources = Json::array();
    for (const auto& source : item.definition.value("sources", Json::array())) {
        sources.push_back({{"provider", source.at("provider")}, {"resource", source.at("resource")}});
    }
    co_await tx.run(add_consent_sql, who.id, item.code, case_no, sources, std::move(given_at));
    Json detail{{"case_no", case_no}, {"sources", sources}};
    co_await audit::record(tx, who, "services.consent.give", item.code, std::move(detail));
}

PENGCHENG_STATEMENTS(add_consent_sql);

}  // namespace pengcheng::services
