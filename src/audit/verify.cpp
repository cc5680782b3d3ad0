#include "audit/sealing.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr int seal_columns = 5;
constexpr int checkpoint_columns = 4;

std::string stream_sql() {
    return "SELECT s.seq, s.record_id, encode(s.digest, 'hex'), encode(s.prev_hash, 'hex'), encode(s.hash, "
           "'hex'),"
           " encode(c.hash, 'hex'), c.at, encode(c.key, 'hex'), encode(c.signature, 'hex'), encode(r.digest, "
           "'hex'), " +
           record_columns("r") +
           " FROM audit.seal s LEFT JOIN audit.record r ON r.id = s.record_id"
           " LEFT JOIN audit.checkpoint c ON c.seq = s.seq ORDER BY s.seq";
}

constexpr db::Statement lost_checkpoint_sql{"audit.find_lost_checkpoint", R"sql(
    SELECT seq FROM audit.checkpoint c
     WHERE NOT EXISTS (SELECT FROM audit.seal s WHERE s.seq = c.seq) ORDER BY seq LIMIT 1
)sql"};

constexpr db::Statement unsealed_record_sql{"audit.find_unsealed_record", R"sql(
    SELECT r.id FROM audit.record r
     WHERE NOT EXISTS (SELECT FROM audit.seal s WHERE s.record_id = r.id)
       AND NOT EXISTS (SELECT FROM audit.pending p WHERE p.record_id = r.id)
     ORDER BY r.id LIMIT 1
)sql"};
PENGCHENG_STATEMENTS(lost_checkpoint_sql, unsealed_record_sql);

/// One walk along the chain, with both copies of the checkpoints beside it.
class Walk {
public:
    Walk(const std::string& public_key, CheckpointReader file)
        : table_checkpoints_(public_key), file_checkpoints_(public_key), file_(std::move(file)) {}

    std::optional<Break> step(const db::Rows& rows, int row) {
        Seal seal;
        int column = 0;
        db::decode(rows.at(row, column++), seal.seq);
        for (std::string* text : {&seal.record_id, &seal.digest, &seal.prev_hash, &seal.hash}) {
            db::decode(rows.at(row, column++), *text);
        }
        auto stored_digest = rows.at(row, seal_columns + checkpoint_columns);
        std::optional<Record> record;
        if (stored_digest) {
            record = record_at(rows, row, seal_columns + checkpoint_columns + 1);
            record->digest = *stored_digest;
        }
        if (auto broken = chain_.next(seal, record ? &*record : nullptr)) {
            return broken;
        }
        if (rows.at(row, seal_columns)) {
            Checkpoint stored{.seq = seal.seq};
            column = seal_columns;
            for (std::string* text : {&stored.hash, &stored.at, &stored.key, &stored.signature}) {
                db::decode(rows.at(row, column++), *text);
            }
            if (auto broken = table_checkpoints_.next(stored, chain_.hash())) {
                return broken;
            }
        }
        return step_file(seal.seq);
    }

    /// What the file has beyond the chain.
    std::optional<Break> end() {
        if (!file_.peek()) {
            return std::nullopt;
        }
        std::int64_t seq = file_.peek()->seq;
        return seq > chain_.seq() ? std::optional(tail_cut(seq, chain_.seq())) : unreadable_line();
    }

    [[nodiscard]] const ChainCheck& chain() const { return chain_; }
    [[nodiscard]] std::int64_t checkpoints() const {
        return table_checkpoints_.ours() + file_checkpoints_.ours();
    }
    [[nodiscard]] std::int64_t foreign_checkpoints() const { return table_checkpoints_.foreign(); }

private:
    std::optional<Break> step_file(std::int64_t seq) {
        while (file_.peek() && file_.peek()->seq <= seq) {
            if (file_.peek()->seq < seq) {
                return unreadable_line();
            }
            if (auto broken = file_checkpoints_.next(*file_.peek(), chain_.hash())) {
                return broken;
            }
            file_.take();
        }
        return std::nullopt;
    }
    [[nodiscard]] Break unreadable_line() const {
        return {.kind = "checkpoint",
                .seq = chain_.seq(),
                .text_zh = "数据库外的检查点文件被改动",
                .text_en = "the checkpoint file outside the database was changed"};
    }

    CheckpointCheck table_checkpoints_;
    CheckpointCheck file_checkpoints_;
    CheckpointReader file_;
    ChainCheck chain_;
};

asio::awaitable<std::optional<Break>> walk_chain(db::Transaction& tx, Walk& walk) {
    db::Query query{.sql = stream_sql()};
    auto stream = co_await tx.stream(std::move(query));
    std::optional<Break> broken;
    // Reads on past a break: the connection takes no other statement before the stream's end.
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size() && !broken; ++row) {
            broken = walk.step(*rows, row);
        }
    }
    co_return broken;
}

/// Digests of all contexts by id: 80 bytes or so each, and far fewer than records.
using Contexts = std::unordered_map<std::string, Digest>;

asio::awaitable<Contexts> load_contexts(db::Transaction& tx) {
    db::Query query{.sql =
                        "SELECT id, principal_kind, principal_id, principal, organization, address, "
                        "resource, owner, grant_id, channel, purpose, fields FROM audit.context"};
    auto stream = co_await tx.stream(std::move(query));
    Contexts out;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row) {
            Context context;
            int column = 1;
            for (std::string* text :
                 {&context.principal_kind, &context.principal_id, &context.principal, &context.organization,
                  &context.address, &context.resource, &context.owner, &context.grant_id, &context.channel,
                  &context.purpose}) {
                db::decode(rows->at(row, column++), *text);
            }
            db::decode(rows->at(row, column), context.fields);
            out.emplace(rows->at(row, 0).value(), digest_of(context));
        }
    }
    co_return out;
}

constexpr std::string_view evidence_sql =
    "SELECT chain, seq, encode(hash, 'hex'), context, id, (extract(epoch FROM at) * 1000000)::bigint, kind, "
    "row_count, byte_count, opened, request_id, filter, subject, case_no, outcome "
    "FROM audit.evidence ORDER BY chain, seq";

/// A row of evidence_sql.
Link link_at(const db::Rows& rows, int row, const Contexts& contexts) {
    Link out;
    int column = 0;
    db::decode(rows.at(row, column++), out.chain);
    db::decode(rows.at(row, column++), out.seq);
    out.hash = digest_of_hex(rows.at(row, column++).value());
    if (auto context = rows.at(row, column++)) {
        auto found = contexts.find(std::string(*context));
        out.context_missing = found == contexts.end();
        out.context = out.context_missing ? nullptr : &found->second;
    }
    Entry entry;
    entry.id = rows.at(row, column++).value();
    out.id = entry.id;
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
    encode(out.entry, entry);
    return out;
}

asio::awaitable<std::optional<Break>> walk_evidence(db::Transaction& tx, EvidenceCheck& check) {
    Contexts contexts = co_await load_contexts(tx);
    db::Query query{.sql = std::string(evidence_sql)};
    auto stream = co_await tx.stream(std::move(query));
    std::optional<Break> broken;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size() && !broken; ++row) {
            broken = check.next(link_at(*rows, row, contexts));
        }
    }
    co_return broken ? broken : check.end();
}

asio::awaitable<std::optional<Break>> check_ends(db::Transaction& tx, Walk& walk) {
    auto lost = co_await tx.find<std::int64_t>(lost_checkpoint_sql);
    if (lost) {
        co_return tail_cut(*lost, walk.chain().seq());
    }
    if (auto broken = walk.end()) {
        co_return broken;
    }
    auto unsealed = co_await tx.find<std::string>(unsealed_record_sql);
    if (unsealed) {
        co_return unsealed_record(*unsealed);
    }
    co_return std::nullopt;
}

}  // namespace

Json to_json(const Verdict& verdict) {
    Json out = {{"ok", !verdict.broken},
                {"records", verdict.records},
                {"chains", verdict.chains},
                {"checkpoints", verdict.checkpoints},
                {"foreign_checkpoints", verdict.foreign_checkpoints},
                {"last_hash", verdict.last_hash},
                {"broken", nullptr}};
    if (const auto& broken = verdict.broken) {
        out["broken"] = {{"kind", broken->kind},       {"chain", broken->chain},
                         {"seq", broken->seq},         {"record", broken->record},
                         {"text_zh", broken->text_zh}, {"text_en", broken->text_en}};
    }
    return out;
}

asio::awaitable<Verdict> verify(db::Pool& db, const Runtime& runtime) {
    Sealing sealing(runtime);
    co_await sealing.seal_pending(db);
    // Taken before the snapshot: whatever the file has by now, the snapshot must have too.
    std::int64_t file_bytes = sealing.file().bytes();
    auto tx = co_await db.begin_snapshot();
    Walk walk(sealing.public_key(), CheckpointReader(sealing.file(), file_bytes));
    Verdict verdict;
    verdict.broken = co_await walk_chain(tx, walk);
    if (!verdict.broken) {
        verdict.broken = co_await check_ends(tx, walk);
    }
    EvidenceCheck evidence;
    if (!verdict.broken) {
        verdict.broken = co_await walk_evidence(tx, evidence);
    }
    verdict.records = walk.chain().seq() + evidence.records();
    verdict.chains = evidence.chains() + (walk.chain().seq() > 0 ? 1 : 0);
    verdict.checkpoints = walk.checkpoints();
    verdict.foreign_checkpoints = walk.foreign_checkpoints();
    verdict.last_hash = walk.chain().hash();
    co_await tx.commit();
    co_return verdict;
}

}  // namespace pengcheng::audit
