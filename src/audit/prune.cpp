#include "audit/problems.hpp"
#include "audit/sealing.hpp"
#include "audit/stored.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>

namespace pengcheng::audit {

namespace {

constexpr db::Statement lock_sql{"audit.lock_chain_to_prune", "SELECT pg_advisory_xact_lock(7203186)"};

constexpr db::Statement old_months_sql{"audit.list_old_months", R"sql(
    SELECT c.relname::text
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'audit.evidence'::regclass AND c.relname ~ '^evidence_\d{4}_\d{2}$'
       AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' + make_interval(months => $1::int)
           <= now() AT TIME ZONE 'Asia/Shanghai'
     ORDER BY 1
)sql"};

constexpr db::Statement list_pruned_sql{"audit.list_pruned", R"sql(
    SELECT id, pruned_seq, encode(pruned_hash, 'hex') AS pruned_hash FROM audit.chain WHERE pruned_seq > 0
)sql"};

constexpr db::Statement set_pruned_sql{"audit.set_pruned", R"sql(
    UPDATE audit.chain SET pruned_seq = $2::bigint, pruned_hash = decode($3, 'hex') WHERE id = $1::int
)sql"};

PENGCHENG_STATEMENTS(lock_sql, old_months_sql, list_pruned_sql, set_pruned_sql);

struct PrunedEnd {
    int id = 0;
    std::int64_t pruned_seq = 0;
    std::string pruned_hash;
};
constexpr auto describe(db::RowOf<PrunedEnd>) {
    return db::columns(db::column("id", &PrunedEnd::id), db::column("pruned_seq", &PrunedEnd::pruned_seq),
                       db::column("pruned_hash", &PrunedEnd::pruned_hash));
}

asio::awaitable<std::map<int, Head>> ends_of_pruned(db::Transaction& tx) {
    auto found = co_await tx.all<PrunedEnd>(list_pruned_sql);
    std::map<int, Head> out;
    for (const PrunedEnd& end : found) {
        out[end.id] = {.chain = end.id, .seq = end.pruned_seq, .hash = digest_of_hex(end.pruned_hash)};
    }
    co_return out;
}

/// The stretch of each chain that a month holds, checked link by link.
asio::awaitable<std::vector<Pruned>> stretches(db::Transaction& tx, std::string partition) {
    auto ends = co_await ends_of_pruned(tx);
    Contexts contexts = co_await load_contexts(tx);
    EvidenceCheck check(ends);
    db::Query query{.sql = "SELECT " + std::string(evidence_columns) + " FROM audit." +
                           sql_identifier(partition) + " ORDER BY chain, seq"};
    auto stream = co_await tx.stream(std::move(query));
    std::vector<Pruned> out;
    std::optional<Break> broken;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size() && !broken; ++row) {
            broken = check.next(link_of(evidence_at(*rows, row), contexts));
            Head head = check.head();
            if (broken || check.doubting()) {
                continue;
            }
            if (out.empty() || out.back().chain != head.chain) {
                out.push_back({.chain = head.chain, .first = head.seq, .before = ends[head.chain].hash});
            }
            out.back().last = head.seq;
            out.back().hash = head.hash;
        }
    }
    broken = broken ? broken : check.end();
    if (broken) {
        throw ProblemError(problem::chain_broken.because(partition + " 未清理：" + broken->text_zh,
                                                         partition + " is not pruned: " + broken->text_en));
    }
    co_return out;
}

}  // namespace

asio::awaitable<int> Sealing::prune(db::Pool& db, int keep_months) const {
    auto months = co_await db.all<std::string>(old_months_sql, keep_months);
    for (const std::string& partition : months) {
        co_await prune_month(db, partition);
    }
    co_return static_cast<int>(months.size());
}

asio::awaitable<void> Sealing::prune_month(db::Pool& db, std::string partition) const {
    co_await continue_copies(db);
    {
        auto tx = co_await db.begin();
        co_await tx.run(lock_sql);
        auto pruned = co_await stretches(tx, partition);
        auto heads = co_await list_heads(tx);
        if (!pruned.empty()) {
            co_await sign(tx, std::move(heads), pruned);
        }
        for (const Pruned& stretch : pruned) {
            co_await tx.run(set_pruned_sql, stretch.chain, stretch.last, hex_of(stretch.hash));
        }
        // Writers wait behind this lock, so it does not wait for long: the next hour will do as well.
        co_await tx.script("SET LOCAL lock_timeout = '1s'; DROP TABLE audit." + sql_identifier(partition));
        co_await tx.commit();
    }
    co_await continue_copies(db);
    log::info("audit.pruned", {{"partition", partition}});
}

}  // namespace pengcheng::audit
