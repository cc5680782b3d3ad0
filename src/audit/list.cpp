#include <pengcheng/audit/audit.hpp>
#include <pengcheng/audit/sealer.hpp>

#include <pengcheng/base/ids.hpp>

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

// $1 event or access, $2 object, $3 principal, $4 id of the last record seen, $5 limit.
constexpr db::Statement list_records_sql{"audit.list_records", R"sql(
    SELECT id, base.rfc3339(at) AS at, kind, principal, organization, action, object, detail::text AS detail,
           channel, grant_id, purpose, array_to_string(fields, ', ') AS fields, filter, case_no, opened,
           row_count, outcome
      FROM audit.record
     WHERE ($1 = '' OR (kind = 'event') = ($1 = 'event'))
       AND ($2 = '' OR object = $2)
       AND ($3 = '' OR principal = $3)
       AND ($4::uuid IS NULL OR id < $4::uuid)
     ORDER BY id DESC LIMIT $5::int
)sql"};

constexpr db::Statement list_accesses_sql{"audit.list_accesses", R"sql(
    SELECT r.id, base.rfc3339(r.at) AS at, r.principal, r.organization, r.object AS resource,
           r.grant_id AS "grant", r.channel, r.purpose, r.case_no, r.fields,
           coalesce(c.row_count, r.row_count, 0) AS rows,
           CASE r.kind WHEN 'refused' THEN 'refused' WHEN 'access' THEN r.outcome
                       ELSE coalesce(c.outcome, 'unclosed') END AS outcome
      FROM audit.record r
      LEFT JOIN audit.record c ON c.opened = r.id
     WHERE r.kind IN ('access-opened', 'access', 'refused')
       AND ($1 = '' OR r.object = $1)
       AND ($2 = '' OR r.grant_id = $2)
       AND ($3 = '' OR r.owner = $3)
       AND ($4 = '' OR r.subject = $4)
       AND ($5 = '' OR r.case_no = $5)
       AND ($6::uuid IS NULL OR r.id < $6::uuid)
     ORDER BY r.id DESC LIMIT $7::int
)sql"};
PENGCHENG_STATEMENTS(list_records_sql, list_accesses_sql);

struct Listed {
    std::string id, at, kind, principal, organization, action, object;
    std::optional<std::string> detail;
    std::string channel, grant_id, purpose, fields, filter, case_no, outcome;
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
                       db::column("opened", &Listed::opened), db::column("row_count", &Listed::row_count));
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
    return out;
}

std::optional<std::string> cursor_id(const std::string& cursor) {
    if (cursor.empty()) {
        return std::nullopt;
    }
    if (!is_id(cursor)) {
        throw ProblemError(
            problem::invalid_input.at("/cursor", "游标无效,请从第一页重新开始",
                                      "The cursor is not one of ours; begin with the first page"));
    }
    return cursor;
}

}  // namespace

asio::awaitable<Json> records(db::Pool& db, RecordFilter filter) {
    auto before = cursor_id(filter.before_id);
    auto found = co_await db.all<Listed>(list_records_sql, filter.kind, filter.object, filter.principal,
                                         before, filter.limit + 1);
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
