#include "audit/stored.hpp"

namespace pengcheng::audit {

StoredContext context_at(const db::Rows& rows, int row) {
    StoredContext out;
    int column = 0;
    for (std::string* text :
         {&out.id, &out.context.principal_kind, &out.context.principal_id, &out.context.principal,
          &out.context.organization, &out.context.address, &out.context.resource, &out.context.owner,
          &out.context.grant_id, &out.context.channel, &out.context.purpose}) {
        db::decode(rows.at(row, column++), *text);
    }
    db::decode(rows.at(row, column), out.context.fields);
    out.digest = digest_of(out.context);
    return out;
}

void Contexts::find(const std::string& id, Link& link) const {
    auto found = all_.find(id);
    link.context_missing = found == all_.end();
    if (!link.context_missing) {
        link.context = &found->second.digest;
        link.context_changed = !found->second.fits;
    }
}

asio::awaitable<Contexts> load_contexts(db::Transaction& tx) {
    db::Query query{.sql = "SELECT " + std::string(context_columns) + " FROM audit.context"};
    auto stream = co_await tx.stream(std::move(query));
    Contexts out;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row) {
            StoredContext stored = context_at(*rows, row);
            out.add(stored.id, stored.digest);
        }
    }
    co_return out;
}

StoredEvidence evidence_at(const db::Rows& rows, int row) {
    StoredEvidence out;
    int column = 0;
    db::decode(rows.at(row, column++), out.chain);
    db::decode(rows.at(row, column++), out.seq);
    db::decode(rows.at(row, column++), out.hash);
    out.context = rows.at(row, column++).value_or("");
    Entry& entry = out.entry;
    entry.id = rows.at(row, column++).value();
    db::decode(rows.at(row, column++), entry.at_us);
    int kind = 0;
    db::decode(rows.at(row, column++), kind);
    entry.kind = static_cast<Kind>(kind);
    db::decode(rows.at(row, column++), entry.rows);
    db::decode(rows.at(row, column++), entry.bytes);
    entry.opened = rows.at(row, column++).value_or("");
    for (std::string_view* text :
         {&entry.request_id, &entry.filter, &entry.subject, &entry.case_no, &entry.outcome}) {
        *text = rows.at(row, column++).value();
    }
    return out;
}

Link link_of(const StoredEvidence& stored, const Contexts& contexts) {
    Link out{.chain = stored.chain, .seq = stored.seq, .hash = digest_of_hex(stored.hash)};
    if (!stored.context.empty()) {
        contexts.find(stored.context, out);
    }
    out.id = stored.entry.id;
    encode(out.entry, stored.entry);
    return out;
}

std::string sealed_sql(std::string_view where) {
    return "SELECT s.seq, s.record_id, encode(s.digest, 'hex'), encode(s.prev_hash, 'hex'), "
           "encode(s.hash, 'hex'), encode(r.digest, 'hex'), " +
           record_columns("r") + " FROM audit.seal s LEFT JOIN audit.record r ON r.id = s.record_id WHERE " +
           std::string(where) + " ORDER BY s.seq";
}

SealedRecord sealed_at(const db::Rows& rows, int row) {
    SealedRecord out;
    int column = 0;
    db::decode(rows.at(row, column++), out.seal.seq);
    for (std::string* text : {&out.seal.record_id, &out.seal.digest, &out.seal.prev_hash, &out.seal.hash}) {
        db::decode(rows.at(row, column++), *text);
    }
    if (auto digest = rows.at(row, column++)) {
        out.record = record_at(rows, row, column);
        out.record->digest = *digest;
    }
    return out;
}

}  // namespace pengcheng::audit
