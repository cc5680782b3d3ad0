#include "audit/sealing.hpp"

#include "audit/chain.hpp"
#include "audit/problems.hpp"

#include <pengcheng/base/evidence_policy.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

// Beside the type, where argument-dependent look-up finds it.
static constexpr auto describe(db::RowOf<Checkpoint>) {
    return db::columns(db::column("number", &Checkpoint::number), db::column("body", &Checkpoint::body),
                       db::column("key", &Checkpoint::key), db::column("signature", &Checkpoint::signature));
}

namespace {

constexpr int batch_max = 2000;

// Of the database, so that several processes may seal.
constexpr db::Statement lock_sql{"audit.lock_chain", "SELECT pg_advisory_xact_lock(7203186)"};

constexpr db::Statement last_seal_sql{"audit.find_last_seal", R"sql(
    SELECT seq, encode(hash, 'hex') AS hash FROM audit.seal ORDER BY seq DESC LIMIT 1
)sql"};

// A record that vanished before it was sealed keeps its place in the chain, so that its loss shows.
constexpr db::Statement pending_sql{"audit.list_pending", R"sql(
    SELECT p.record_id, coalesce(encode(r.digest, 'hex'), '') AS digest
      FROM audit.pending p LEFT JOIN audit.record r ON r.id = p.record_id
     ORDER BY p.record_id LIMIT $1::int
)sql"};

constexpr db::Statement add_seals_sql{"audit.add_seals", R"sql(
    WITH sealed AS (DELETE FROM audit.pending WHERE record_id = ANY ($2::uuid[]))
    INSERT INTO audit.seal (seq, record_id, digest, prev_hash, hash)
    SELECT seq, record_id, decode(digest, 'hex'), decode(prev_hash, 'hex'), decode(hash, 'hex')
      FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[])
        AS s(seq, record_id, digest, prev_hash, hash)
)sql"};

constexpr db::Statement last_checkpoint_sql{"audit.find_last_checkpoint", R"sql(
    SELECT number, body, key, signature FROM audit.checkpoint ORDER BY number DESC LIMIT 1
)sql"};

constexpr db::Statement checkpoints_above_sql{"audit.list_checkpoints_above", R"sql(
    SELECT number, body, key, signature FROM audit.checkpoint WHERE number > $1::bigint ORDER BY number
)sql"};

constexpr db::Statement add_checkpoint_sql{"audit.add_checkpoint", R"sql(
    INSERT INTO audit.checkpoint (number, body, key, signature) VALUES ($1::bigint, $2, $3, $4)
)sql"};

// The heads of all chains, chain 0 first; a chain whose records were all pruned ends where they did.
constexpr db::Statement list_heads_sql{"audit.list_heads", R"sql(
    SELECT 0 AS chain, s.seq, encode(s.hash, 'hex') AS hash
      FROM (SELECT seq, hash FROM audit.seal ORDER BY seq DESC LIMIT 1) s
    UNION ALL
    SELECT k.id, coalesce(e.seq, k.pruned_seq), encode(coalesce(e.hash, k.pruned_hash), 'hex')
      FROM audit.chain k LEFT JOIN LATERAL (
           SELECT seq, hash FROM audit.evidence WHERE chain = k.id ORDER BY seq DESC LIMIT 1) e ON true
     WHERE coalesce(e.seq, k.pruned_seq) > 0
     ORDER BY 1
)sql"};

// What stands now where the last checkpoint saw the end of a chain.
constexpr db::Statement hash_at_sql{"audit.find_hash_at", R"sql(
    SELECT encode(hash, 'hex') FROM audit.seal WHERE $1::int = 0 AND seq = $2::bigint
    UNION ALL
    SELECT encode(hash, 'hex') FROM audit.evidence WHERE chain = $1::int AND seq = $2::bigint
    UNION ALL
    SELECT encode(pruned_hash, 'hex') FROM audit.chain WHERE id = $1::int AND pruned_seq = $2::bigint
)sql"};

PENGCHENG_STATEMENTS(lock_sql, last_seal_sql, pending_sql, add_seals_sql, last_checkpoint_sql,
                     checkpoints_above_sql, add_checkpoint_sql, list_heads_sql, hash_at_sql);

struct ChainHead {
    int chain = 0;
    std::int64_t seq = 0;
    std::string hash;
};
constexpr auto describe(db::RowOf<ChainHead>) {
    return db::columns(db::column("chain", &ChainHead::chain), db::column("seq", &ChainHead::seq),
                       db::column("hash", &ChainHead::hash));
}

struct End {
    std::int64_t seq = 0;
    std::string hash{first_hash};
};
constexpr auto describe(db::RowOf<End>) {
    return db::columns(db::column("seq", &End::seq), db::column("hash", &End::hash));
}

struct Pending {
    std::string record_id, digest;
};
constexpr auto describe(db::RowOf<Pending>) {
    return db::columns(db::column("record_id", &Pending::record_id), db::column("digest", &Pending::digest));
}

/// Seals in the arrays that add_seals_sql takes.
struct Seals {
    std::vector<std::string> seq, record_id, digest, prev_hash, hash;

    void add(End& end, const Pending& pending) {
        Seal seal{.seq = end.seq + 1,
                  .record_id = pending.record_id,
                  .digest = pending.digest,
                  .prev_hash = end.hash};
        seal.hash = seal_hash(seal);
        end = {.seq = seal.seq, .hash = seal.hash};
        seq.push_back(std::to_string(seal.seq));
        record_id.push_back(std::move(seal.record_id));
        digest.push_back(std::move(seal.digest));
        prev_hash.push_back(std::move(seal.prev_hash));
        hash.push_back(std::move(seal.hash));
    }
};

asio::awaitable<std::int64_t> seal_batch(db::Pool& db) {
    auto tx = co_await db.begin();
    co_await tx.run(lock_sql);
    auto pending = co_await tx.all<Pending>(pending_sql, batch_max);
    if (pending.empty()) {
        co_return 0;
    }
    auto last = co_await tx.find<End>(last_seal_sql);
    End end = last.value_or(End{});
    Seals seals;
    for (const Pending& record : pending) {
        seals.add(end, record);
    }
    co_await tx.run(add_seals_sql, seals.seq, seals.record_id, seals.digest, seals.prev_hash, seals.hash);
    co_await tx.commit();
    co_return static_cast<std::int64_t>(pending.size());
}

bool same(const std::vector<Head>& one, const std::vector<Head>& other) {
    return std::ranges::equal(one, other, [](const Head& a, const Head& b) {
        return a.chain == b.chain && a.seq == b.seq && a.hash == b.hash;
    });
}

asio::awaitable<void> require_unchanged(db::Transaction& tx, std::vector<Head> seen) {
    for (const Head& head : seen) {
        auto now = co_await tx.find<std::string>(hash_at_sql, head.chain, head.seq);
        if (!now || *now != hex_of(head.hash)) {
            Break broken =
                now ? rewritten(head.chain, head.seq) : tail_cut(head.chain, head.seq, head.seq - 1);
            log::error("audit.chain-broken", {{"chain", std::to_string(head.chain)},
                                              {"seq", std::to_string(head.seq)},
                                              {"text", broken.text_en}});
            throw ProblemError(problem::chain_broken.because(broken.text_zh, broken.text_en));
        }
    }
}

void continue_copy(const CheckpointFile& copy, const std::vector<Checkpoint>& from_table,
                   const std::optional<Checkpoint>& last) {
    std::vector<Checkpoint> missing;
    std::int64_t number = last ? last->number : 0;
    Digest before = last ? hash_of(*last) : no_digest;
    auto known = std::ranges::find(from_table, number, &Checkpoint::number);
    if (last && (known == from_table.end() || hash_of(*known) != before)) {
        Break broken = broken_checkpoint(number, "在库外副本中有，数据库中没有或已被改动",
                                         "is in a copy, but not like that in the database");
        log::error("audit.chain-broken", {{"copy", copy.path().string()}, {"text", broken.text_en}});
        throw ProblemError(problem::chain_broken.because(broken.text_zh, broken.text_en));
    }
    for (const Checkpoint& checkpoint : from_table) {
        if (checkpoint.number <= number) {
            continue;
        }
        auto said = parse_body(checkpoint.body);
        if (!said || said->before != before) {
            throw ProblemError(problem::bad_copy.because(
                copy.path().string() + " 与数据库中的检查点不相接",
                copy.path().string() + " and the checkpoints in the database do not fit together"));
        }
        before = hash_of(checkpoint);
        missing.push_back(checkpoint);
    }
    copy.append(missing);
}

}  // namespace

Sealing::Sealing(const Runtime& runtime)
    : clock_(*runtime.clock),
      seed_(crypto::key_file(runtime.var("keys"), "audit")),
      public_key_(to_hex(crypto::ed25519_public_key(seed_))),
      copies_{CheckpointFile(runtime.var("evidence"))} {
    if (!evidence_policy().copy_folder.empty()) {
        copies_.emplace_back(evidence_policy().copy_folder);
    }
}

asio::awaitable<std::int64_t> Sealing::seal_pending(db::Pool& db) const {
    std::int64_t all = 0;
    std::int64_t sealed = batch_max;
    while (sealed == batch_max) {
        sealed = co_await seal_batch(db);
        all += sealed;
    }
    co_return all;
}

asio::awaitable<Checkpoint> Sealing::checkpoint(db::Pool& db) const {
    co_await continue_copies(db);  // nothing is signed beside a copy that says otherwise
    std::optional<Checkpoint> made;
    {
        auto tx = co_await db.begin();
        co_await tx.run(lock_sql);
        auto heads = co_await list_heads(tx);
        if (heads.empty()) {
            co_return Checkpoint{};
        }
        made = co_await sign(tx, std::move(heads), {});
        co_await tx.commit();
    }
    // After the commit: a copy must never know of a checkpoint that the table lost by itself. What is missing
    // in a copy, another process's included, is caught up with.
    co_await continue_copies(db);
    co_return *made;
}

asio::awaitable<Checkpoint> Sealing::sign(db::Transaction& tx, std::vector<Head> heads,
                                          std::vector<Pruned> pruned) const {
    auto last = co_await tx.find<Checkpoint>(last_checkpoint_sql);
    Statement statement{.number = 1, .at = to_rfc3339(clock_.now()), .heads = std::move(heads)};
    statement.pruned = std::move(pruned);
    if (last) {
        auto said = parse_body(last->body);
        if (!said) {
            throw ProblemError(
                problem::chain_broken.because("最后一个检查点无法读取", "the last checkpoint is unreadable"));
        }
        co_await require_unchanged(tx, said->heads);
        if (statement.pruned.empty() && same(said->heads, statement.heads)) {
            co_return *last;
        }
        statement.number = last->number + 1;
        statement.before = hash_of(*last);
    }
    Checkpoint made = sign_checkpoint(seed_, statement);
    co_await tx.run(add_checkpoint_sql, made.number, made.body, made.key, made.signature);
    co_return made;
}

asio::awaitable<void> Sealing::continue_copies(db::Pool& db) const {
    std::vector<std::optional<Checkpoint>> last;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const CheckpointFile& copy : copies_) {
        last.push_back(copy.last());
        least = std::min(least, last.back() ? last.back()->number : 0);
    }
    auto from_table = co_await db.all<Checkpoint>(checkpoints_above_sql, least - 1);
    for (std::size_t i = 0; i < copies_.size(); ++i) {
        continue_copy(copies_[i], from_table, last[i]);
    }
}

asio::awaitable<std::vector<Head>> list_heads(db::Transaction& tx) {
    auto found = co_await tx.all<ChainHead>(list_heads_sql);
    std::vector<Head> out;
    for (const ChainHead& head : found) {
        out.push_back({.chain = head.chain, .seq = head.seq, .hash = digest_of_hex(head.hash)});
    }
    co_return out;
}

}  // namespace pengcheng::audit
