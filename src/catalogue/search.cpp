#include "catalogue/search.hpp"

#include "catalogue/editions.hpp"
#include "catalogue/problems.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/catalogue/search_text.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::catalogue {

namespace {

// $1 sees all, $2 own organization, then the filters: $3 organization, $4 state, $5 domain, $6 class,
// $7 maker. $8 phrase, $9 terms, $10 grams, $11 $12 the last score and ref of the page before, $13 limit.
// The grams find candidates; the scores confirm each term, so no false hit remains.
constexpr db::Statement search_sql{"catalogue.search_resources", R"sql(
    WITH hit AS MATERIALIZED (
        SELECT e.ref, e.slot, m.score
               + catalogue.term_score(e.title_text, e.keyword_text, e.item_text, e.abstract_text,
                                      e.other_text, $8) AS score
          FROM catalogue.search_candidates($10::text[]) c
          JOIN catalogue.edition e USING (ref, slot)
         CROSS JOIN LATERAL (
               SELECT sum(s) AS score, min(s) AS least
                 FROM (SELECT catalogue.term_score(e.title_text, e.keyword_text, e.item_text, e.abstract_text,
                                                   e.other_text, term) AS s
                         FROM unnest($9::text[]) AS term
                       OFFSET 0) AS each) m  -- OFFSET 0: a score is computed once, not in each aggregate
         WHERE m.least > 0
           AND (e.state = 'published' OR $1::boolean OR e.organization = nullif($2, ''))
           AND ($3 = '' OR e.organization = $3)
           AND ($5 = '' OR e.domain = $5)
           AND ($6 = '' OR e.class = $6)
           AND ($7 = '' OR e.edited_by = $7
                OR EXISTS (SELECT FROM catalogue.resource r WHERE r.ref = e.ref AND r.created_by = $7))
           AND CASE WHEN $4 <> '' THEN e.state = $4
                    ELSE e.slot = 'working'
                      OR NOT ($1::boolean OR e.organization = $2)
                      OR NOT EXISTS (SELECT FROM catalogue.edition w
                                      WHERE w.ref = e.ref AND w.slot = 'working')
               END
    ), page AS MATERIALIZED (
        SELECT ref, slot, score FROM hit
         WHERE $11::bigint IS NULL OR (score, $12::text) < ($11::bigint, ref)
         ORDER BY score DESC, ref
         LIMIT $13::int
    )
    SELECT p.score, p.ref, '' AS changed, (SELECT count(*) FROM hit) AS total, catalogue.brief(n) AS brief
      FROM page p
      JOIN catalogue.entry n USING (ref, slot)
     ORDER BY p.score DESC, p.ref
)sql"};

// The same without words, newest change first; $8 $9 the last time and ref of the page before, $10 limit.
constexpr db::Statement list_sql{"catalogue.list_resources", R"sql(
    WITH page AS MATERIALIZED (
        SELECT e.ref, e.slot, e.updated_at
          FROM catalogue.edition e
         WHERE (e.state = 'published' OR $1::boolean OR e.organization = nullif($2, ''))
           AND ($3 = '' OR e.organization = $3)
           AND ($5 = '' OR e.domain = $5)
           AND ($6 = '' OR e.class = $6)
           AND ($7 = '' OR e.edited_by = $7
                OR EXISTS (SELECT FROM catalogue.resource r WHERE r.ref = e.ref AND r.created_by = $7))
           AND CASE WHEN $4 <> '' THEN e.state = $4
                    ELSE e.slot = 'working'
                      OR NOT ($1::boolean OR e.organization = $2)
                      OR NOT EXISTS (SELECT FROM catalogue.edition w
                                      WHERE w.ref = e.ref AND w.slot = 'working')
               END
           AND ($8::timestamptz IS NULL OR (e.updated_at, e.ref) < ($8::timestamptz, $9))
         ORDER BY e.updated_at DESC, e.ref DESC
         LIMIT $10::int
    )
    SELECT 0::bigint AS score, p.ref, p.updated_at::text AS changed, NULL::bigint AS total,
           catalogue.brief(n) AS brief
      FROM page p
      JOIN catalogue.entry n USING (ref, slot)
     ORDER BY p.updated_at DESC, p.ref DESC
)sql"};

constexpr db::Statement history_sql{"catalogue.list_history", R"sql(
    SELECT coalesce(jsonb_agg(jsonb_build_object('at', base.rfc3339(at), 'actor', actor_name,
                                                 'action', action, 'note', note, 'version', version)
                              ORDER BY id), '[]') AS steps
      FROM catalogue.history
     WHERE ref = $1 AND ($2::boolean OR action IN ('publish', 'retire'))
)sql"};

struct Hit {
    long score = 0;
    std::string ref;
    std::string changed;
    std::optional<long> total;
    Json brief;
};

constexpr auto describe(db::RowOf<Hit>) {
    return db::columns(db::column("score", &Hit::score), db::column("ref", &Hit::ref),
                       db::column("changed", &Hit::changed), db::column("total", &Hit::total),
                       db::column("brief", &Hit::brief));
}

/// Where a page ended: [score, ref] of a search, [time, ref] of a list.
struct Position {
    std::optional<std::string> key;
    std::string ref;
};

std::string cursor_of(const std::string& key, const std::string& ref) {
    return base64url(Json::array({key, ref}).dump());
}

Result<Position> position_of(const std::string& cursor, bool by_score) {
    if (cursor.empty()) {
        return Position{};
    }
    Problem refused =
        pengcheng::problem::invalid_input.at("/cursor", "游标无效，请从第一页重新开始",
                                             "The cursor is not one of ours; begin with the first page");
    auto text = base64_decode(cursor);
    auto value = text ? parse_json(*text) : Result<Json>(refused);
    if (!value || !value->is_array() || value->size() != 2 || !(*value)[0].is_string() ||
        !(*value)[1].is_string()) {
        return refused;
    }
    Position out{(*value)[0].get<std::string>(), (*value)[1].get<std::string>()};
    if (by_score ? !to_int(*out.key) : !parse_time(*out.key)) {
        return refused;
    }
    return out;
}

Json page_of(std::vector<Hit> hits, int limit, bool by_score) {
    Json out = {{"items", Json::array()}, {"next_cursor", nullptr}};
    bool more = hits.size() > static_cast<std::size_t>(limit);
    if (more) {
        hits.pop_back();
        const Hit& last = hits.back();
        out["next_cursor"] = cursor_of(by_score ? std::to_string(last.score) : last.changed, last.ref);
    }
    if (!hits.empty() && hits.front().total) {
        out["total"] = *hits.front().total;
    } else if (by_score && hits.empty()) {
        out["total"] = 0;
    }
    for (auto& hit : hits) {
        out["items"].push_back(std::move(hit.brief));
    }
    return out;
}

}  // namespace

asio::awaitable<Result<Json>> search(db::Pool& db, const Principal& who, SearchInput input) {
    SearchTerms words = search_terms(input.text);
    bool by_score = !words.empty();
    auto position = position_of(input.cursor, by_score);
    if (!position) {
        co_return position.error();
    }
    bool sees_all = who.has_role("reviewer") || who.kind == Principal::Kind::operator_ ||
                    who.kind == Principal::Kind::system;
    std::string maker = input.mine ? actor_of(who) : "";
    std::vector<Hit> hits;
    if (by_score) {
        hits = co_await db.all<Hit>(search_sql, sees_all, who.organization, input.organization, input.state,
                                    input.domain, input.resource_class, maker, words.phrase, words.terms,
                                    words.grams, position->key, position->ref, input.limit + 1);
    } else {
        hits = co_await db.all<Hit>(list_sql, sees_all, who.organization, input.organization, input.state,
                                    input.domain, input.resource_class, maker, position->key, position->ref,
                                    input.limit + 1);
    }
    co_return page_of(std::move(hits), input.limit, by_score);
}

asio::awaitable<Result<Json>> history(db::Pool& db, const Principal& who, std::string ref) {
    auto resource = co_await find(db, ref);
    bool drafts = resource && sees_drafts(who, resource->organization);
    if (resource && !drafts) {
        resource = co_await find_published(db, ref);
    }
    if (!resource) {
        co_return problem::no_resource.plain();
    }
    Json steps = co_await db.one<Json>(history_sql, ref, drafts);
    Json out = {{"items", std::move(steps)}, {"next_cursor", nullptr}};
    co_return out;
}

PENGCHENG_STATEMENTS(search_sql, list_sql, history_sql);

}  // namespace pengcheng::catalogue
