#include "audit/sealing.hpp"
#include "audit/stored.hpp"

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr db::Statement unsealed_record_sql{"audit.find_unsealed_record", R"sql(
    SELECT r.id FROM audit.record r
     WHERE NOT EXISTS (SELECT FROM audit.seal s WHERE s.record_id = r.id)
       AND NOT EXISTS (SELECT FROM audit.pending p WHERE p.record_id = r.id)
     ORDER BY r.id LIMIT 1
)sql"};

constexpr db::Statement keep_verdict_sql{"audit.keep_verdict", R"sql(
    INSERT INTO audit.verification (verdict) VALUES ($1::json) ON CONFLICT (at) DO NOTHING
)sql"};

PENGCHENG_STATEMENTS(unsealed_record_sql, keep_verdict_sql);

/// A copy as it was before the snapshot: whatever it has by then, the snapshot must have too.
struct Copy {
    CheckpointFile file;
    std::int64_t bytes;
};

asio::awaitable<std::optional<Break>> check_table(db::Transaction& tx, CheckpointCheck& check) {
    db::Query query{.sql = "SELECT number, body, key, signature FROM audit.checkpoint ORDER BY number"};
    auto stream = co_await tx.stream(std::move(query));
    std::optional<Break> broken;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size() && !broken; ++row) {
            Checkpoint checkpoint{.number = db::row_as<std::int64_t>(*rows, row)};
            int column = 1;
            for (std::string* text : {&checkpoint.body, &checkpoint.key, &checkpoint.signature}) {
                db::decode(rows->at(row, column++), *text);
            }
            broken = check.next(checkpoint);
        }
    }
    co_return broken;
}

std::optional<Break> check_copy(const Copy& copy, const CheckpointCheck& table, std::int64_t& compared) {
    std::string where = " (" + copy.file.path().string() + ")";
    std::int64_t before = 0;
    for (CheckpointReader reader(copy.file, copy.bytes); reader.peek(); reader.take()) {
        const Checkpoint& kept = *reader.peek();
        if (kept.number <= before || !signature_holds(kept)) {
            return broken_checkpoint(before + 1, "的库外副本被改动" + where,
                                     "was changed in the copy outside" + where);
        }
        before = kept.number;
        auto known = table.hash(kept.number);
        if (!known && kept.number > table.last()) {
            Break cut =
                broken_checkpoint(kept.number, "在库外副本中有，数据库中已被删除（末尾被截断）" + where,
                                  "is in the copy outside, but gone from the database (its end was "
                                  "cut off)" +
                                      where);
            cut.kind = "tail-cut";
            return cut;
        }
        if (!known || *known != hash_of(kept)) {
            return broken_checkpoint(
                kept.number, "与库外副本不符（证据被整体改写）" + where,
                "is not what the copy outside says (the evidence was rewritten)" + where);
        }
        ++compared;
    }
    return std::nullopt;
}

asio::awaitable<std::optional<Break>> walk_seals(db::Transaction& tx, ChainCheck& check, HeadWatch& watch) {
    db::Query query{.sql = sealed_sql("true")};
    auto stream = co_await tx.stream(std::move(query));
    std::optional<Break> broken;
    // Reads on past a break: the connection takes no other statement before the stream's end.
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size() && !broken; ++row) {
            SealedRecord found = sealed_at(*rows, row);
            broken = check.next(found.seal, found.record ? &*found.record : nullptr);
            if (!broken) {
                broken = watch.at(0, check.seq(), digest_of_hex(check.hash()));
            }
        }
    }
    co_return broken;
}

asio::awaitable<std::optional<Break>> walk_evidence(db::Transaction& tx, EvidenceCheck& check,
                                                    HeadWatch& watch) {
    Contexts contexts = co_await load_contexts(tx);
    db::Query query{.sql = "SELECT " + std::string(evidence_columns) +
                           " FROM audit.evidence ORDER BY chain, seq"};
    auto stream = co_await tx.stream(std::move(query));
    std::optional<Break> broken;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size() && !broken; ++row) {
            broken = check.next(link_of(evidence_at(*rows, row), contexts));
            if (!broken && !check.doubting()) {
                Head head = check.head();
                broken = watch.at(head.chain, head.seq, head.hash);
            }
        }
    }
    co_return broken ? broken : check.end();
}

asio::awaitable<std::optional<Break>> walk_all(db::Transaction& tx, const std::vector<Copy>& copies,
                                               CheckpointCheck& table, Verdict& verdict) {
    auto broken = co_await check_table(tx, table);
    for (std::size_t i = 0; i < copies.size() && !broken; ++i) {
        broken = check_copy(copies[i], table, verdict.copies);
    }
    // A record that does not fit says more than a checkpoint that does not: it is looked for all the same.
    HeadWatch watch(table, table.pruned());
    ChainCheck seals;
    EvidenceCheck evidence(table.pruned());
    auto in_seals = co_await walk_seals(tx, seals, watch);
    auto in_evidence = co_await walk_evidence(tx, evidence, watch);
    verdict.records = seals.seq() + evidence.records();
    verdict.chains = evidence.chains() + (seals.seq() > 0 ? 1 : 0);
    verdict.last_hash = seals.hash();
    for (auto& found : {in_seals, in_evidence, broken, watch.end()}) {
        if (found) {
            co_return found;
        }
    }
    auto unsealed = co_await tx.find<std::string>(unsealed_record_sql);
    if (unsealed) {
        co_return unsealed_record(*unsealed);
    }
    co_return std::nullopt;
}

}  // namespace

Json to_json(const Verdict& verdict) {
    Json out = {{"ok", !verdict.broken},    {"records", verdict.records},
                {"chains", verdict.chains}, {"checkpoints", verdict.checkpoints},
                {"copies", verdict.copies}, {"foreign_checkpoints", verdict.foreign_checkpoints},
                {"key", verdict.key},       {"last_hash", verdict.last_hash},
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
    std::vector<Copy> copies;
    for (const CheckpointFile& file : sealing.copies()) {
        copies.push_back({file, file.bytes()});
    }
    Verdict verdict{.key = sealing.public_key()};
    CheckpointCheck table(sealing.public_key());
    {
        auto tx = co_await db.begin_snapshot();
        verdict.broken = co_await walk_all(tx, copies, table, verdict);
        co_await tx.commit();
    }
    verdict.checkpoints = table.ours();
    verdict.foreign_checkpoints = table.foreign();
    Json kept = to_json(verdict);
    co_await db.run(keep_verdict_sql, std::move(kept));
    co_return verdict;
}

}  // namespace pengcheng::audit
