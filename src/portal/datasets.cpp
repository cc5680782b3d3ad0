#include "portal/datasets.hpp"

#include <pengcheng/catalogue/search_text.hpp>
#include <pengcheng/portal/proposal.hpp>

namespace pengcheng::portal {

namespace {

// Everything that a list and a page show of a data set; total and sort_key serve the list.
constexpr db::Statement list_sql{"portal.list_datasets", R"sql(
    WITH asked AS (
        SELECT $1::text[] AS grams, $2::text[] AS terms, $3::text AS phrase, $4::text AS theme,
               $5::text AS organization, $6::text AS sort
    ), met AS (
        SELECT d.*, coalesce(p.uses, 0) AS page_uses, coalesce(a.uses, 0) AS api_uses,
               coalesce(w.uses, 0) AS download_uses,
               CASE asked.sort
                   WHEN 'relevance' THEN lpad((
                       (d.title_text = asked.phrase)::int * 400
                       + (strpos(d.title_text, asked.phrase) = 1)::int * 200
                       + (strpos(d.title_text, asked.phrase) > 0)::int * 100
                       + (SELECT count(*) FROM unnest(asked.terms) AS t (term)
                          WHERE strpos(d.title_text, term) > 0)
                   )::text, 4, '0')
                   WHEN 'uses' THEN lpad((coalesce(a.uses, 0) + coalesce(w.uses, 0))::text, 12, '0')
                   ELSE ''
               END || to_char(d.updated_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || d.slug AS sort_key
          FROM asked, portal.dataset AS d
          LEFT JOIN portal.use_total AS p ON p.slug = d.slug AND p.channel = 'page'
          LEFT JOIN portal.use_total AS a ON a.slug = d.slug AND a.channel = 'api'
          LEFT JOIN portal.use_total AS w ON w.slug = d.slug AND w.channel = 'download'
         WHERE d.grams @> asked.grams
           AND NOT EXISTS (SELECT FROM unnest(asked.terms) AS t (term) WHERE strpos(d.search_text, term) = 0)
           AND (asked.theme = '' OR d.theme = asked.theme)
           AND (asked.organization = '' OR d.organization = asked.organization)
    )
    SELECT slug, resource, organization, organization_name, version, title, abstract, open_type, items,
           licence, theme, keywords, update_cycle, region_scope, time_from, time_to, synthetic, source_note,
           contact, base.rfc3339(published_at) AS published_at, base.rfc3339(updated_at) AS updated_at,
           page_uses, api_uses, download_uses, sort_key, (SELECT count(*) FROM met) AS total
      FROM met
     WHERE $7::text = '' OR sort_key COLLATE "C" < $7
     ORDER BY sort_key COLLATE "C" DESC
     LIMIT $8::int OFFSET $9::int
)sql"};

constexpr db::Statement find_sql{"portal.find_dataset", R"sql(
    SELECT d.slug, resource, organization, organization_name, version, title, abstract, open_type, items,
           licence, theme, keywords, update_cycle, region_scope, time_from, time_to, synthetic, source_note,
           contact, base.rfc3339(published_at) AS published_at, base.rfc3339(updated_at) AS updated_at,
           coalesce(p.uses, 0) AS page_uses, coalesce(a.uses, 0) AS api_uses,
           coalesce(w.uses, 0) AS download_uses, '' AS sort_key, 1::bigint AS total
      FROM portal.dataset AS d
      LEFT JOIN portal.use_total AS p ON p.slug = d.slug AND p.channel = 'page'
      LEFT JOIN portal.use_total AS a ON a.slug = d.slug AND a.channel = 'api'
      LEFT JOIN portal.use_total AS w ON w.slug = d.slug AND w.channel = 'download'
     WHERE d.slug = $1
)sql"};

constexpr db::Statement themes_sql{"portal.count_themes", R"sql(
    SELECT theme AS code, '' AS name, count(*) AS count FROM portal.dataset GROUP BY theme ORDER BY theme
)sql"};

constexpr db::Statement organizations_sql{"portal.count_organizations", R"sql(
    SELECT organization AS code, max(organization_name) AS name, count(*) AS count
      FROM portal.dataset GROUP BY organization ORDER BY count(*) DESC, organization
)sql"};

constexpr db::Statement uses_sql{"portal.sum_uses", R"sql(
    SELECT coalesce(sum(uses), 0)::bigint FROM portal.use_total WHERE channel <> 'page'
)sql"};

// A lost count of the last moment before a power cut is bearable; a wait for the disk on each read is not.
constexpr db::Statement count_sql{"portal.count_use", R"sql(
    WITH quick AS MATERIALIZED (
        SELECT set_config('synchronous_commit', 'off', true)
    ), daily AS (
        INSERT INTO portal.use_count (slug, channel, day, uses)
        SELECT $1, $2, $3::date, 1 FROM quick
        ON CONFLICT (slug, channel, day) DO UPDATE SET uses = use_count.uses + 1
    )
    INSERT INTO portal.use_total (slug, channel, uses)
    SELECT $1, $2, 1 FROM quick
    ON CONFLICT (slug, channel) DO UPDATE SET uses = use_total.uses + 1
)sql"};

Json licence_json(const std::string& id, bool chinese) {
    for (const auto& licence : licences()) {
        if (licence.id == id) {
            return {{"id", id},
                    {"name", chinese ? licence.name_zh : licence.name_en},
                    {"url", licence.url},
                    {"text", licence.text_zh}};
        }
    }
    return {{"id", id}, {"name", id}, {"url", ""}, {"text", ""}};
}

}  // namespace

asio::awaitable<std::vector<Dataset>> list_datasets(db::Pool& db, DatasetFilter filter) {
    auto terms = catalogue::search_terms(filter.q);
    if (filter.sort != "uses" && filter.sort != "updated" && filter.sort != "relevance") {
        filter.sort = terms.empty() ? "updated" : "relevance";
    }
    if (terms.empty() && filter.sort == "relevance") {
        filter.sort = "updated";
    }
    co_return co_await db.all<Dataset>(list_sql, terms.grams, terms.terms, terms.phrase, filter.theme,
                                       filter.organization, filter.sort, filter.before, filter.limit,
                                       filter.offset);
}

asio::awaitable<std::optional<Dataset>> find_dataset(db::Pool& db, std::string slug) {
    co_return co_await db.find<Dataset>(find_sql, std::move(slug));
}

asio::awaitable<std::vector<Facet>> count_by_theme(db::Pool& db) {
    co_return co_await db.all<Facet>(themes_sql);
}

asio::awaitable<std::vector<Facet>> count_by_organization(db::Pool& db) {
    co_return co_await db.all<Facet>(organizations_sql);
}

asio::awaitable<std::int64_t> count_uses(db::Pool& db) {
    co_return co_await db.one<std::int64_t>(uses_sql);
}

asio::awaitable<void> count_use(db::Pool& db, std::string slug, std::string channel, Day day) {
    co_await db.run(count_sql, std::move(slug), std::move(channel), to_text(day));
}

Json brief_json(const Dataset& dataset, bool chinese) {
    return {{"slug", dataset.slug},
            {"title", dataset.title},
            {"abstract", dataset.abstract},
            {"organization", {{"code", dataset.organization}, {"name", dataset.organization_name}}},
            {"theme", {{"code", dataset.theme}, {"name", theme_name(dataset.theme, chinese)}}},
            {"open_type", dataset.open_type},
            {"licence", licence_json(dataset.licence, chinese)},
            {"keywords", dataset.keywords},
            {"update_cycle", dataset.update_cycle},
            {"synthetic", dataset.synthetic},
            {"version", dataset.version},
            {"published_at", dataset.published_at},
            {"updated_at", dataset.updated_at},
            {"uses",
             {{"page", dataset.page_uses}, {"api", dataset.api_uses}, {"download", dataset.download_uses}}}};
}

PENGCHENG_STATEMENTS(list_sql, find_sql, themes_sql, organizations_sql, uses_sql, count_sql);

}  // namespace pengcheng::portal
