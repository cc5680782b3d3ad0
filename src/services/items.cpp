#include "services/items.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/identity/identity.hpp>
#include <pengcheng/services/services.hpp>

namespace pengcheng::services {

namespace {

constexpr db::Statement find_item_sql{"services.find_item", R"sql(
    SELECT i.code, i.version, i.organization, i.name, i.subject, i.state, v.definition
      FROM services.item i JOIN services.item_version v USING (code, version)
     WHERE i.code = $1 AND i.state <> 'retired'
)sql"};

constexpr db::Statement find_item_version_sql{"services.find_item_version", R"sql(
    SELECT i.code, v.version, i.organization, v.definition ->> 'name' AS name, i.subject, i.state,
        v.definition
      FROM services.item i JOIN services.item_version v USING (code)
     WHERE i.code = $1 AND v.version = $2::int
)sql"};

constexpr db::Statement list_items_sql{"services.list_items", R"sql(
    SELECT i.code, i.version, i.organization, i.name, i.subject, i.state, v.definition
      FROM services.item i JOIN services.item_version v USING (code, version)
     WHERE i.state <> 'retired' AND i.code > $3 AND ($2 = '' OR i.organization = $2)
       AND NOT EXISTS (SELECT FROM unnest($1::text[]) word WHERE strpos(i.search_text, word) = 0)
     ORDER BY i.code
     LIMIT $4::int
)sql"};

constexpr db::Statement lock_item_sql{"services.lock_item", R"sql(
    SELECT i.code, i.version, i.organization, i.name, i.subject, i.state, v.definition
      FROM services.item i JOIN services.item_version v USING (code, version)
     WHERE i.code = $1 FOR UPDATE OF i
)sql"};

constexpr db::Statement put_item_sql{"services.put_item", R"sql(
    INSERT INTO services.item (code, organization, name, subject, state, search_text, version)
    VALUES ($1, $2, $3, $4, $5, $6, 1)
    ON CONFLICT (code) DO UPDATE
       SET organization = $2, name = $3, subject = $4, state = $5, search_text = $6,
           version = item.version + 1
 RETURNING version
)sql"};

constexpr db::Statement add_version_sql{"services.add_item_version", R"sql(
    INSERT INTO services.item_version (code, version, definition) VALUES ($1, $2::int, $3::jsonb)
)sql"};

std::string search_text(const Json& definition) {
    std::string text = definition.at("name").get<std::string>();
    for (const char* key : {"keywords", "conditions"}) {
        for (const auto& word : definition.value(key, Json::array())) {
            text += '\n' + word.get<std::string>();
        }
    }
    text +=
        '\n' + definition.at("code").get<std::string>() + '\n' + definition.at("result").get<std::string>();
    return lower_ascii(text);
}

const Json* source_of(const Json& definition, const std::string& name) {
    const auto sources = definition.find("sources");
    if (sources == definition.end()) {
        return nullptr;
    }
    for (const auto& source : *sources) {
        if (source.at("name") == name) {
            return &source;
        }
    }
    return nullptr;
}

asio::awaitable<Json> field_json(db::Pool& db, Json definition, Json field) {
    if (!field.contains("prefill")) {
        co_return field;
    }
    const Json* source = source_of(definition, field["prefill"]["source"].get<std::string>());
    auto provider = source->at("provider").get<std::string>();
    auto title = source->at("resource").get<std::string>();
    auto ref = co_await catalogue::find_ref(db, provider, title);
    field["prefill"] = {{"resource", ref.value_or("")},
                        {"column", field["prefill"]["column"]},
                        {"title", title},
                        {"organization", provider}};
    co_return field;
}

}  // namespace

asio::awaitable<std::optional<Item>> find_item(db::Pool& db, std::string code) {
    co_return co_await db.find<Item>(find_item_sql, std::move(code));
}

asio::awaitable<Item> item_version(db::Pool& db, std::string code, int version) {
    co_return co_await db.one<Item>(find_item_version_sql, std::move(code), version);
}

asio::awaitable<Item> item_version(db::Transaction& tx, std::string code, int version) {
    co_return co_await tx.one<Item>(find_item_version_sql, std::move(code), version);
}

asio::awaitable<std::vector<Item>> list_items(db::Pool& db, std::string q, std::string organization,
                                              std::string after, int limit) {
    std::vector<std::string> words;
    const std::string lowered = lower_ascii(q);
    for (auto word : split(lowered, ' ')) {
        if (!word.empty()) {
            words.emplace_back(word);
        }
    }
    co_return co_await db.all<Item>(list_items_sql, words, std::move(organization), std::move(after), limit);
}

asio::awaitable<std::string> organization_name(db::Pool& db, std::string code) {
    auto organization = co_await identity::organization(db, code);
    co_return organization ? organization->name : code;
}

asio::awaitable<std::string> organization_name(db::Transaction& tx, std::string code) {
    auto organization = co_await identity::organization(tx, code);
    co_return organization ? organization->name : code;
}

asio::awaitable<Json> item_brief(db::Pool& db, Item item) {
    auto name = co_await organization_name(db, item.organization);
    const auto& d = item.definition;
    co_return Json{{"code", item.code},
                   {"name", item.name},
                   {"organization", {{"code", item.organization}, {"name", name}}},
                   {"type", d.at("type")},
                   {"subject", item.subject},
                   {"promised_days", d.at("promised_days")},
                   {"visits", d.value("visits", 0)},
                   {"state", item.state}};
}

asio::awaitable<Json> item_json(db::Pool& db, Item item) {
    Json reply = co_await item_brief(db, item);
    const Json& d = item.definition;
    for (const char* key : {"basic_code", "statutory_days", "basis", "materials", "fee", "place", "hours",
                            "phone", "complaint_phone", "result"}) {
        reply[key] = d.at(key);
    }
    for (const char* key : {"conditions", "flow", "questions"}) {
        reply[key] = d.value(key, Json::array());
    }
    for (auto& material : reply["materials"]) {
        material["required"] = material.value("required", false);
        material["note"] = material.value("note", "");
        material["accept"] = material.value("accept", Json::array({"pdf"}));
        material["max_bytes"] = material.value("max_bytes", 20 << 20);
    }
    Json fields = Json::array();
    for (const auto& field : d.at("form").at("fields")) {
        Json shown = co_await field_json(db, d, field);
        shown["required"] = shown.value("required", false);
        fields.push_back(std::move(shown));
    }
    reply["version"] = item.version;
    reply["form"] = {{"version", item.version}, {"fields", std::move(fields)}};
    co_return reply;
}

asio::awaitable<Put> compare_item(db::Transaction& tx, Json definition) {
    auto current = co_await tx.find<Item>(lock_item_sql, definition.at("code").get<std::string>());
    if (!current) {
        co_return Put::added;
    }
    co_return current->definition == definition ? Put::unchanged : Put::changed;
}

asio::awaitable<Put> put_item(db::Transaction& tx, Principal who, Json definition) {
    const Put put = co_await compare_item(tx, definition);
    if (put == Put::unchanged) {
        co_return put;
    }
    auto code = definition.at("code").get<std::string>();
    auto version = co_await tx.one<int>(put_item_sql, code, definition.at("organization").get<std::string>(),
                                        definition.at("name").get<std::string>(),
                                        definition.at("subject").get<std::string>(),
                                        definition.value("state", "active"), search_text(definition));
    co_await tx.run(add_version_sql, code, version, definition);
    Json detail{{"version", version}};
    co_await audit::record(tx, who, "services.item.publish", code, std::move(detail));
    co_return put;
}

PENGCHENG_STATEMENTS(find_item_sql, find_item_version_sql, list_items_sql, lock_item_sql, put_item_sql,
                     add_version_sql);

}  // namespace pengcheng::services
