#include "catalogue/editions.hpp"

#include "catalogue/checks.hpp"
#include "catalogue/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/rows_owner.hpp>
#include <pengcheng/catalogue/search_text.hpp>
#include <pengcheng/identity/identity.hpp>

#include <nlohmann/json.hpp>

#include <set>

namespace pengcheng::catalogue {

namespace {

constexpr db::Statement lock_resource_sql{"catalogue.lock_resource", R"sql(
    SELECT ref FROM catalogue.resource WHERE ref = $1 FOR UPDATE
)sql"};

constexpr db::Statement list_editions_sql{"catalogue.list_editions", R"sql(
    SELECT * FROM catalogue.entry WHERE ref = $1 ORDER BY slot DESC  -- 'working' before 'published'
)sql",
                                          db::Lane::shared};

constexpr db::Statement find_published_sql{"catalogue.find_published", R"sql(
    SELECT * FROM catalogue.entry WHERE ref = $1 AND slot = 'published' AND state = 'published'
)sql",
                                           db::Lane::shared};

constexpr db::Statement next_version_sql{"catalogue.next_version", R"sql(
    UPDATE catalogue.resource SET version = version + 1 WHERE ref = $1 RETURNING version
)sql"};

constexpr db::Statement write_edition_sql{"catalogue.write_edition", R"sql(
    INSERT INTO catalogue.edition AS e (ref, slot, organization, provider_name, state, version, content,
                return_reason, edited_by, submitted_by, submitted_by_name,
                grams, title_text, keyword_text, item_text, abstract_text, other_text)
    VALUES ($1, $2, $3, $4, $5, $6::bigint, $7::jsonb, $8, $9, $10, $11, $12::text[], $13, $14, $15, $16, $17)
    ON CONFLICT (ref, slot) DO UPDATE
       SET provider_name = excluded.provider_name, state = excluded.state, version = excluded.version,
           content = excluded.content, return_reason = excluded.return_reason, edited_by = excluded.edited_by,
           submitted_by = excluded.submitted_by, submitted_by_name = excluded.submitted_by_name,
           grams = excluded.grams, title_text = excluded.title_text, keyword_text = excluded.keyword_text,
           item_text = excluded.item_text, abstract_text = excluded.abstract_text,
           other_text = excluded.other_text, updated_at = now()
)sql"};

constexpr db::Statement add_history_sql{"catalogue.add_history", R"sql(
    INSERT INTO catalogue.history (ref, actor, actor_name, action, note, version, content)
    VALUES ($1, $2, $3, $4, $5, $6::bigint, $7::jsonb)
)sql"};

constexpr db::Statement read_edition_sql{"catalogue.read_edition", R"sql(
    SELECT * FROM catalogue.entry WHERE ref = $1 AND slot = $2
)sql"};

constexpr db::Statement set_mounted_sql{"catalogue.set_mounted", R"sql(
    UPDATE catalogue.resource SET record_count = $2::bigint, last_data_time = $3::timestamptz WHERE ref = $1
)sql"};

/// A row of the view catalogue.entry.
struct EntryRow {
    std::string ref, slot, code, organization, provider_name, state, return_reason;
    std::string edited_by, submitted_by, submitted_by_name, created_by, created_by_name;
    std::string created_at, updated_at;
    std::optional<std::string> published_at, last_data_time;
    std::optional<long> record_count;
    long version = 0;
    Json content;
};

constexpr auto describe(db::RowOf<EntryRow>) {
    return db::columns(
        db::column("ref", &EntryRow::ref), db::column("slot", &EntryRow::slot),
        db::column("code", &EntryRow::code), db::column("organization", &EntryRow::organization),
        db::column("provider_name", &EntryRow::provider_name), db::column("state", &EntryRow::state),
        db::column("return_reason", &EntryRow::return_reason), db::column("edited_by", &EntryRow::edited_by),
        db::column("submitted_by", &EntryRow::submitted_by),
        db::column("submitted_by_name", &EntryRow::submitted_by_name),
        db::column("created_by", &EntryRow::created_by),
        db::column("created_by_name", &EntryRow::created_by_name),
        db::column("created_at", &EntryRow::created_at), db::column("updated_at", &EntryRow::updated_at),
        db::column("published_at", &EntryRow::published_at),
        db::column("last_data_time", &EntryRow::last_data_time),
        db::column("record_count", &EntryRow::record_count), db::column("version", &EntryRow::version),
        db::column("content", &EntryRow::content));
}

Edition to_edition(EntryRow row) {
    Edition edition;
    Resource& resource = edition.resource;
    static_cast<ResourceInput&>(resource) = input_from_json(row.content).value();
    for (std::size_t i = 0; i < resource.items.size(); ++i) {
        resource.items[i].no = static_cast<int>(i) + 1;
    }
    resource.organization = std::move(row.organization);
    resource.ref = std::move(row.ref);
    resource.code = std::move(row.code);
    resource.provider_name = std::move(row.provider_name);
    resource.state = std::move(row.state);
    resource.version = row.version;
    resource.return_reason = std::move(row.return_reason);
    resource.created_by = std::move(row.created_by_name);
    resource.submitted_by = std::move(row.submitted_by_name);
    resource.created_at = std::move(row.created_at);
    resource.updated_at = std::move(row.updated_at);
    resource.published_at = row.published_at.value_or("");
    resource.record_count = row.record_count;
    resource.last_data_time = row.last_data_time.value_or("");
    edition.slot = std::move(row.slot);
    edition.created_by = std::move(row.created_by);
    edition.edited_by = std::move(row.edited_by);
    edition.submitted_by = std::move(row.submitted_by);
    return edition;
}

/// Entries in search form, each between marks so that the whole and the beginning can be told.
std::string marked(const std::vector<std::string>& entries) {
    std::string out = "\x1f";
    for (const auto& entry : entries) {
        out += search_form(entry);
        out += '\x1f';
    }
    return out;
}

struct SearchDocument {
    std::vector<std::string> grams;
    std::string title, keywords, items, abstract, other;
};

SearchDocument search_document(const Resource& resource) {
    std::vector<std::string> item_names;
    std::vector<std::string> other{resource.provider_name, resource.code, resource.ref,
                                   std::string(domain_name(resource.domain)), pinyin_initials(resource.name)};
    for (const auto& item : resource.items) {
        item_names.push_back(item.name);
        other.push_back(item.column);
    }
    SearchDocument out{.title = search_form(resource.name),
                       .keywords = marked(resource.keywords),
                       .items = marked(item_names),
                       .abstract = search_form(resource.abstract),
                       .other = marked(other)};
    std::set<std::string> grams;
    for (const auto* text : {&out.title, &out.keywords, &out.items, &out.abstract, &out.other}) {
        auto of_text = grams_of(*text);
        grams.insert(of_text.begin(), of_text.end());
    }
    out.grams.assign(grams.begin(), grams.end());
    return out;
}

template <class Handle>
asio::awaitable<std::optional<Resource>> find_by(Handle& db, db::Statement statement, std::string ref) {
    auto row = co_await db.template find<EntryRow>(statement, std::move(ref));
    if (!row) {
        co_return std::nullopt;
    }
    co_return to_edition(std::move(*row)).resource;
}

}  // namespace

std::string actor_of(const Principal& who) {
    return who.id.empty() ? who.name : who.id;
}

asio::awaitable<std::vector<Edition>> lock_editions(db::Transaction& tx, std::string ref) {
    std::vector<Edition> editions;
    auto locked = co_await tx.find<std::string>(lock_resource_sql, ref);
    if (locked) {
        auto rows = co_await tx.all<EntryRow>(list_editions_sql, ref);
        for (auto& row : rows) {
            editions.push_back(to_edition(std::move(row)));
        }
    }
    co_return editions;
}

asio::awaitable<Result<Edition>> lock_newest(db::Transaction& tx, const Principal& who, std::string ref,
                                             std::int64_t version) {
    auto editions = co_await lock_editions(tx, std::move(ref));
    if (editions.empty() || !sees_drafts(who, editions.front().resource.organization)) {
        co_return problem::no_resource.plain();
    }
    if (editions.front().resource.version != version) {
        co_return pengcheng::problem::stale.at("/version");
    }
    co_return std::move(editions.front());
}

asio::awaitable<void> save(db::Transaction& tx, Edition& edition) {
    Resource& resource = edition.resource;
    resource.version = co_await tx.one<long>(next_version_sql, resource.ref);
    SearchDocument document = search_document(resource);
    Json content = input_to_json(resource);
    co_await tx.run(write_edition_sql, resource.ref, edition.slot, resource.organization,
                    resource.provider_name, resource.state, resource.version, content, resource.return_reason,
                    edition.edited_by, edition.submitted_by, resource.submitted_by, document.grams,
                    document.title, document.keywords, document.items, document.abstract, document.other);
}

asio::awaitable<Resource> note_step(db::Transaction& tx, const Principal& who, const Edition& edition,
                                    std::string_view action, std::string note, bool keep_content) {
    const Resource& resource = edition.resource;
    std::string name = who.display_name.empty() ? who.name : who.display_name;
    std::optional<Json> content;
    if (keep_content) {
        content = input_to_json(resource);
    }
    co_await tx.run(add_history_sql, resource.ref, actor_of(who), name, action, note, resource.version,
                    content);
    Json detail = {{"code", resource.code}, {"state", resource.state}, {"version", resource.version}};
    if (!note.empty()) {
        detail["note"] = note;
    }
    std::string event = "catalogue.resource." + std::string(action);
    co_await audit::record(tx, who, event, resource.ref, std::move(detail));
    auto row = co_await tx.one<EntryRow>(read_edition_sql, resource.ref, edition.slot);
    co_return to_edition(std::move(row)).resource;
}

bool sees_drafts(const Principal& who, const std::string& organization) {
    bool server = who.kind == Principal::Kind::operator_ || who.kind == Principal::Kind::system;
    return server || who.has_role("reviewer") ||
           (!who.organization.empty() && who.organization == organization) ||
           identity::authorize(who, "catalogue.resource.history", true, organization, std::nullopt)
               .has_value();
}

asio::awaitable<std::optional<Resource>> find(db::Pool& db, std::string ref) {
    return find_by(db, list_editions_sql, std::move(ref));
}
asio::awaitable<std::optional<Resource>> find(db::Transaction& tx, std::string ref) {
    return find_by(tx, list_editions_sql, std::move(ref));
}
asio::awaitable<std::optional<Resource>> find_published(db::Pool& db, std::string ref) {
    return find_by(db, find_published_sql, std::move(ref));
}
asio::awaitable<std::optional<Resource>> find_published(db::Transaction& tx, std::string ref) {
    return find_by(tx, find_published_sql, std::move(ref));
}

asio::awaitable<void> set_mounted(db::Transaction& tx, std::string ref, std::int64_t rows, Time at) {
    co_await tx.run(set_mounted_sql, std::move(ref), rows, to_rfc3339(at));
}

constexpr db::Statement resource_owner_sql{"catalogue.find_owner", R"sql(
    SELECT organization, NULL::text AS account FROM catalogue.resource WHERE ref = $1
)sql"};

// The higher grade of the two editions; an entry without one counts as the highest.
constexpr db::Statement resource_rows_owner_sql{"catalogue.find_rows_owner", R"sql(
    SELECT r.organization, NULL::text AS account,
           coalesce((SELECT max((e.content ->> 'grade')::integer) FROM catalogue.edition e
                      WHERE e.ref = r.ref), 4) AS grade
      FROM catalogue.resource r WHERE r.ref = $1
)sql"};

PENGCHENG_STATEMENTS(lock_resource_sql, list_editions_sql, find_published_sql, next_version_sql,
                     write_edition_sql, add_history_sql, read_edition_sql, set_mounted_sql,
                     resource_owner_sql, resource_rows_owner_sql);

}  // namespace pengcheng::catalogue
