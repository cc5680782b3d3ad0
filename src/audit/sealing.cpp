#include "audit/sealing.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

// Beside the type, where argument-dependent look-up finds it.
static constexpr auto describe(db::RowOf<Checkpoint>) {
    return db::columns(db::column("seq", &Checkpoint::seq), db::column("hash", &Checkpoint::hash),
                       db::column("at", &Checkpoint::at), db::column("key", &Checkpoint::key),
                       db::column("signature", &Checkpoint::signature));
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

constexpr db::Statement find_checkpoint_sql{"audit.find_checkpoint", R"sql(
    SELECT seq, encode(hash, 'hex') AS hash, at, encode(key, 'hex') AS key,
           encode(signature, 'hex') AS signature
      FROM audit.checkpoint WHERE seq = $1::bigint
)sql"};

constexpr db::Statement add_checkpoint_sql{"audit.add_checkpoint", R"sql(
    INSERT INTO audit.checkpoint (seq, hash, at, key, signature)
    VALUES ($1::bigint, decode($2, 'hex'), $3, decode($4, 'hex'), decode($5, 'hex'))
)sql"};

PENGCHENG_STATEMENTS(lock_sql, last_seal_sql, pending_sql, add_seals_sql, find_checkpoint_sql,
                     add_checkpoint_sql);

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

}  // namespace

Sealing::Sealing(const Runtime& runtime)
    : clock_(*runtime.clock),
      seed_(crypto::key_file(runtime.var("keys"), "audit")),
      public_key_(to_hex(crypto::ed25519_public_key(seed_))),
      file_(runtime.var("evidence")) {
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
    auto tx = co_await db.begin();
    co_await tx.run(lock_sql);
    auto last = co_await tx.find<End>(last_seal_sql);
    if (!last) {
        co_return Checkpoint{.hash = std::string(first_hash), .at = to_rfc3339(clock_.now())};
    }
    auto found = co_await tx.find<Checkpoint>(find_checkpoint_sql, last->seq);
    if (found) {
        co_return *found;
    }
    Checkpoint made = sign_checkpoint(seed_, last->seq, last->hash, to_rfc3339(clock_.now()));
    // The copy outside first: what it says is committed already, and it must never lack what the table has.
    file_.append(made);
    co_await tx.run(add_checkpoint_sql, made.seq, made.hash, made.at, made.key, made.signature);
    co_await tx.commit();
    co_return made;
}

}  // namespace pengcheng::audit
