#include "audit/record.hpp"

#include "audit/evidence.hpp"
#include "audit/export_form.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr db::Statement insert_records_sql{"audit.insert_records", R"sql(
    WITH added AS (
        INSERT INTO audit.record (id, at, kind, principal_kind, principal_id, principal, organization,
                                  address, request_id, action, object, detail, opened, owner, grant_id,
                                  channel, purpose, fields, filter, subject, case_no, row_count, byte_count,
                                      outcome, digest)
        SELECT id, timestamptz 'epoch' + at_us * interval '1 microsecond', kind, principal_kind, principal_id,
               principal, organization, address, request_id, action, object, detail::json, opened, owner,
               grant_id, channel, purpose, fields, filter, subject, case_no, row_count, byte_count, outcome,
               decode(digest, 'hex')
          FROM json_to_recordset($1::json) AS r(
               id uuid, at_us bigint, kind text, principal_kind text, principal_id text, principal text,
               organization text, address text, request_id text, action text, object text, detail text,
               opened uuid, owner text, grant_id text, channel text, purpose text, fields text[], filter text,
               subject text, case_no text, row_count bigint, byte_count bigint, outcome text, digest text)
     RETURNING id)
    INSERT INTO audit.pending (record_id) SELECT id FROM added
)sql"};
PENGCHENG_STATEMENTS(insert_records_sql);

void append(std::string& out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

template <class T>
void append(std::string& out, const std::optional<T>& value) {
    if (!value) {
        out += '-';
    } else if constexpr (std::is_same_v<T, std::string>) {
        append(out, std::string_view(*value));
    } else {
        append(out, std::string_view(std::to_string(*value)));
    }
}

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json to_json(const std::vector<Record>& records) {
    Json out = Json::array();
    for (const Record& record : records) {
        out.push_back(to_json(record));
    }
    return out;
}

}  // namespace

Json to_json(const Record& r) {
    return {{"id", r.id},
            {"at_us", r.at_us},
            {"kind", r.kind},
            {"principal_kind", r.principal_kind},
            {"principal_id", r.principal_id},
            {"principal", r.principal},
            {"organization", r.organization},
            {"address", r.address},
            {"request_id", r.request_id},
            {"action", r.action},
            {"object", r.object},
            {"detail", or_null(r.detail)},
            {"opened", or_null(r.opened)},
            {"owner", r.owner},
            {"grant_id", r.grant_id},
            {"channel", r.channel},
            {"purpose", r.purpose},
            {"fields", r.fields},
            {"filter", r.filter},
            {"subject", r.subject},
            {"case_no", r.case_no},
            {"row_count", or_null(r.row_count)},
            {"byte_count", or_null(r.byte_count)},
            {"outcome", r.outcome},
            {"digest", r.digest}};
}

std::string canonical(const Record& r) {
    std::string out = "pengcheng-audit-1;";
    for (const std::string* text :
         {&r.id, &r.kind, &r.principal_kind, &r.principal_id, &r.principal, &r.organization, &r.address,
          &r.request_id, &r.action, &r.object, &r.owner, &r.grant_id, &r.channel, &r.purpose, &r.filter,
          &r.subject, &r.case_no, &r.outcome}) {
        append(out, std::string_view(*text));
    }
    append(out, std::string_view(std::to_string(r.at_us)));
    append(out, r.detail);
    append(out, r.opened);
    append(out, r.row_count);
    append(out, r.byte_count);
    for (const std::string& field : r.fields) {
        append(out, std::string_view(field));
    }
    return out;
}

std::string digest_of(const Record& record) {
    return crypto::sha256_hex(canonical(record));
}

Record make_event(const Principal& who, std::string_view action, std::string_view object) {
    auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    Record out;
    out.id = new_id();
    out.at_us = now.time_since_epoch().count();
    out.kind = "event";
    out.principal_kind = kind_name(who.kind);
    out.principal_id = who.id;
    out.principal = who.name;
    out.organization = who.organization;
    out.address = who.address;
    out.request_id = who.request_id;
    out.action = action;
    out.object = object;
    return out;
}

void settle(Record& r) {
    for (std::string* text :
         {&r.principal_id, &r.principal, &r.organization, &r.address, &r.request_id, &r.action, &r.object,
          &r.owner, &r.grant_id, &r.channel, &r.purpose, &r.filter, &r.subject, &r.case_no, &r.outcome}) {
        clean(*text);
    }
    for (std::string& field : r.fields) {
        clean(field);
    }
    r.digest = digest_of(r);
}

asio::awaitable<void> insert(db::Transaction& tx, const std::vector<Record>& records) {
    Json rows = to_json(records);
    co_await tx.run(insert_records_sql, std::move(rows));
}

asio::awaitable<void> insert(db::Pool& db, const std::vector<Record>& records) {
    Json rows = to_json(records);
    co_await db.run(insert_records_sql, std::move(rows));
}

std::string record_columns(std::string_view alias) {
    std::string out;
    for (std::string_view column :
         {"id",      "kind",       "principal_kind", "principal_id", "principal", "organization",
          "address", "request_id", "action",         "object",       "owner",     "grant_id",
          "channel", "purpose",    "filter",         "subject",      "case_no",   "outcome",
          "detail",  "opened",     "row_count",      "byte_count",   "fields"}) {
        out += std::string(alias) + "." + std::string(column) + ", ";
    }
    return out + "(extract(epoch FROM " + std::string(alias) + ".at) * 1000000)::bigint";
}

Record record_at(const db::Rows& rows, int row, int first_column) {
    Record r;
    int at = first_column;
    for (std::string* text :
         {&r.id, &r.kind, &r.principal_kind, &r.principal_id, &r.principal, &r.organization, &r.address,
          &r.request_id, &r.action, &r.object, &r.owner, &r.grant_id, &r.channel, &r.purpose, &r.filter,
          &r.subject, &r.case_no, &r.outcome}) {
        db::decode(rows.at(row, at++), *text);
    }
    db::decode(rows.at(row, at++), r.detail);
    db::decode(rows.at(row, at++), r.opened);
    db::decode(rows.at(row, at++), r.row_count);
    db::decode(rows.at(row, at++), r.byte_count);
    db::decode(rows.at(row, at++), r.fields);
    db::decode(rows.at(row, at++), r.at_us);
    return r;
}

}  // namespace pengcheng::audit
