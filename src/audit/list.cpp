#include <pengcheng/audit/audit.hpp>
#include <pengcheng/audit/sealer.hpp>

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/time.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

// Beside the type, where argument-dependent look-up finds it.
static constexpr auto describe(db::RowOf<AccessRecord>) {
    return db::columns(
        db::column("id", &AccessRecord::id), db::column("at", &AccessRecord::at),
        db::column("principal", &AccessRecord::principal),
        db::column("organization", &AccessRecord::organization),
        db::column("resource", &AccessRecord::resource), db::column("grant", &AccessRecord::grant),
        db::column("channel", &AccessRecord::channel), db::column("purpose", &AccessRecord::purpose),
        db::column("outcome", &AccessRecord::outcome), db::column("case_no", &AccessRecord::case_no),
        db::column("fields", &AccessRecord::fields), db::column("rows", &AccessRecord::rows));
}

namespace {

// Newest evidence without a search for who or what: the end of each chain. With one: the end of each context
// that fits, so that a busy resource is never read whole. Events, and accesses of before evidence had chains
// of its own, lie in audit.record.
// $1 event or access, $2 object, $3 principal, $4 id of the last record seen, $5 limit, $6 from, $7 to.
constexpr db::Statement list_records_sql{"audit.list_records", R"sql(
    WITH evidence AS (
        SELECT e.* FROM audit.chain k CROSS JOIN LATERAL (
               SELECT * FROM audit.evidence e
                WHERE e.chain = k.id AND ($4::uuid IS NULL OR e.id < $4::uuid)
                  AND ($6::timestamptz IS NULL OR e.at >= $6::timestamptz)
                  AND ($7::timestamptz IS NULL OR e.at < $7::timestamptz)
                ORDER BY e.seq DESC LIMIT $5::int) e
         WHERE $1 <> 'event' AND $2 = '' AND $3 = ''
        UNION ALL
        SELECT e.* FROM audit.context c CROSS JOIN LATERAL (
               SELECT * FROM audit.evidence e
                WHERE e.context = c.id AND ($4::uuid IS NULL OR e.id < $4::uuid)
                  AND ($6::timestamptz IS NULL OR e.at >= $6::timestamptz)
                  AND ($7::timestamptz IS NULL OR e.at < $7::timestamptz)
                ORDER BY e.id DESC LIMIT $5::int) e
         WHERE $1 <> 'event' AND ($2 <> '' OR $3 <> '')
           AND ($2 = '' OR c.resource = $2) AND ($3 = '' OR c.principal = $3)),
    found AS (
        SELECT e.id, e.at, CASE e.kind WHEN 1 THEN 'access' WHEN 2 THEN 'access-opened'
                                       WHEN 3 THEN 'access-closed' ELSE 'refused' END AS kind,
               coalesce(c.principal, '') AS principal, coalesce(c.organization, '') AS organization,
               coalesce('rows.' || c.channel, 'rows.closed') AS action, coalesce(c.resource, '') AS object,
               NULL::text AS detail, coalesce(c.channel, '') AS channel, coalesce(c.grant_id, '') AS grant_id,
               coalesce(c.purpose, '') AS purpose, coalesce(array_to_string(c.fields, ', '), '') AS fields,
               e.filter, e.case_no, e.opened, e.row_count, e.outcome, coalesce(c.address, '') AS address
          FROM evidence e LEFT JOIN audit.context c ON c.id = e.context
        UNION ALL
        SELECT id, at, kind, principal, organization, action, object, detail::text, channel, grant_id,
               purpose, array_to_string(fields, ', '), filter, case_no, opened, row_count, outcome, address
          FROM audit.record
         WHERE ($1 = '' OR (kind = 'event') = ($1 = 'event'))
           AND ($2 = '' OR object = $2) AND ($3 = '' OR principal = $3)
           AND ($4::uuid IS NULL OR id < $4::uuid)
           AND ($6::timestamptz IS NULL OR at >= $6::timestamptz)
           AND ($7::timestamptz IS NULL OR at < $7::timestamptz))
    SELECT id, base.rfc3339(at) AS at, kind, principal, organization, action, object, detail, channel,
           grant_id, purpose, fields, filter, case_no, opened, row_count, outcome, address
      FROM found ORDER BY id DESC LIMIT $5::int
)sql"};

// $1 resource, $2 grant, $3 owner, $4 subject, $5 case, $6 id of the last one seen, $7 limit. A person's or a
// case's are found by themselves, all others through their context.
constexpr db::Statement list_accesses_sql{"audit.list_accesses", R"sql(
    WITH found AS (
        SELECT a.id, a.at, a.kind, a.principal, a.organization, a.resource, a.grant_id, a.channel, a.purpose,
               a.case_no, a.fields, a.row_count, a.outcome
          FROM audit.access a
         WHERE ($4 <> '' OR $5 <> '') AND a.kind <> 'access-closed'
           AND ($1 = '' OR a.resource = $1) AND ($2 = '' OR a.grant_id = $2) AND ($3 = '' OR a.owner = $3)
           AND ($4 = '' OR a.subject = $4) AND ($5 = '' OR a.case_no = $5)
           AND ($6::uuid IS NULL OR a.id < $6::uuid)
        UNION ALL
        SELECT e.id, e.at, CASE e.kind WHEN 1 THEN 'access' WHEN 2 THEN 'access-opened' ELSE 'refused' END,
               c.principal, c.organization, c.resource, c.grant_id, c.channel, c.purpose, e.case_no,
               c.fields, e.row_count, e.outcome
          FROM audit.context c CROSS JOIN LATERAL (
               SELECT * FROM audit.evidence e
                WHERE e.context = c.id AND ($6::uuid IS NULL OR e.id < $6::uuid)
                ORDER BY e.id DESC LIMIT $7::int) e
         WHERE $4 = '' AND $5 = ''
           AND ($1 = '' OR c.resource = $1) AND ($2 = '' OR c.grant_id = $2) AND ($3 = '' OR c.owner = $3)
        UNION ALL
        SELECT r.id, r.at, r.kind, r.principal, r.organization, r.object, r.grant_id, r.channel, r.purpose,
               r.case_no, r.fields, r.row_count, r.outcome
          FROM audit.record r
         WHERE $4 = '' AND $5 = '' AND r.kind IN ('access-opened', 'access', 'refused')
           AND ($1 = '' OR r.object = $1) AND ($2 = '' OR r.grant_id = $2) AND ($3 = '' OR r.owner = $3)
           AND ($6::uuid IS NULL OR r.id < $6::uuid)
         ORDER BY id DESC LIMIT $7::int)
    SELECT f.id, base.rfc3339(f.at) AS at, f.principal, f.organization, f.resource, f.grant_id AS "grant",
           f.channel, f.purpose, f.case_no, f.fields, coalesce(x.row_count, f.row_count, 0) AS rows,
           CASE f.kind WHEN 'refused' THEN 'refused' WHEN 'access' THEN f.outcome
                       ELSE coalesce(x.outcome, 'unclosed') END AS outcome
      FROM found f
      LEFT JOIN LATERAL (SELECT x.row_count, x.outcome FROM audit.access x
                          WHERE x.opened = f.id AND f.kind = 'access-opened' LIMIT 1) x ON true
     ORDER BY f.id DESC
)sql"};
PENGCHENG_STATEMENTS(list_records_sql, list_accesses_sql);

struct Listed {
    std::string id, at, kind, principal, organization, action, object;
    std::optional<std::string> detail;
    std::string channel, grant_id, purpose, fields, filter, case_no, outcome, address;
    std::optional<std::string> opened;
    std::optional<std::int64_t> row_count;
};
constexpr auto describe(db::RowOf<Listed>) {
    return db::columns(db::column("id", &Listed::id), db::column("at", &Listed::at),
                       db::column("kind", &Listed::kind), db::column("principal", &Listed::principal),
                       db::column("organization", &Listed::organization),
                       db::column("action", &Listed::action), db::column("object", &Listed::object),
                       db::column("detail", &Listed::detail), db::column("channel", &Listed::channel),
                       db::column("grant_id", &Listed::grant_id), db::column("purpose", &Listed::purpose),
                       db::column("fields", &Listed::fields), db::column("filter", &Listed::filter),
                       db::column("case_no", &Listed::case_no), db::column("outcome", &Listed::outcome),
                       db::column("address", &Listed::address), db::column("opened", &Listed::opened),
                       db::column("row_count", &Listed::row_count));
}

/// Details differ by action, so the API shows each as a list of names and texts.
Json detail_of(const Listed& record) {
    Json out = Json::array();
    auto add = [&out](const std::string& name, std::string value) {
        if (!value.empty()) {
            out.push_back({{"name", name}, {"value", std::move(value)}});
        }
    };
    Json detail = record.detail ? Json::parse(*record.detail) : Json(nullptr);
    if (detail.is_object()) {
        for (const auto& [name, value] : detail.items()) {
            add(name, value.is_string() ? value.get<std::string>() : value.dump());
        }
    } else if (!detail.is_null()) {
        add("detail", detail.is_string() ? detail.get<std::string>() : detail.dump());
    }
    add("channel", record.channel);
    add("grant", record.grant_id);
    add("purpose", record.purpose);
    add("fields", record.fields);
    add("filter", record.filter);
    add("case_no", record.case_no);
    add("opened", record.opened.value_or(""));
    add("rows", record.row_count ? std::to_string(*record.row_count) : "");
    add("outcome", record.outcome);
    add("address", record.address);
    return out;
}

std::optional<std::string> cursor_id(const std::string& cursor) {
    if (cursor.empty()) {
        return std::nullopt;
    }
    if (!is_id(cursor)) {
        throw ProblemError(
            problem::invalid_input.at("/cursor", "游标无效，请从第一页重新开始",
                                      "The cursor is not one of ours; begin with the first page"));
    }
    return cursor;
}

std::optional<std::string> time_or_null(const std::string& text, std::string_view pointer) {
    if (text.empty()) {
        return std::nullopt;
    }
    if (!parse_time(text) && !parse_day(text)) {
        throw ProblemError(problem::invalid_input.at(std::string(pointer), "时间应为 RFC 3339 或 YYYY-MM-DD",
                                                     "a time is RFC 3339 or YYYY-MM-DD"));
    }
    return text;
}

}  // namespace

asio::awaitable<Json> records(db::Pool& db, RecordFilter filter) {
    auto before = cursor_id(filter.before_id);
    auto found = co_await db.all<Listed>(list_records_sql, filter.kind, filter.object, filter.principal,
                                         before, filter.limit + 1, time_or_null(filter.from, "/from"),
                                         time_or_null(filter.to, "/to"));
    Json out = {{"items", Json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(filter.limit)) {
        found.pop_back();
        out["next_cursor"] = found.back().id;
    }
    for (const Listed& record : found) {
        out["items"].push_back({{"id", record.id},
                                {"at", record.at},
                                {"kind", record.kind},
                                {"principal", record.principal},
                                {"organization", record.organization},
                                {"action", record.action},
                                {"object", record.object},
                                {"detail", detail_of(record)}});
    }
    co_return out;
}

asio::awaitable<std::vector<AccessRecord>> accesses(db::Pool& db, AccessFilter filter) {
    auto before = cursor_id(filter.before_id);
    co_return co_await db.all<AccessRecord>(list_accesses_sql, filter.resource, filter.grant, filter.owner,
                                            filter.subject, filter.case_no, before, filter.limit);
}

}  // namespace pengcheng::audit
