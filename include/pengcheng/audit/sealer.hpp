#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace pengcheng::audit {

namespace asio = boost::asio;

/// Tells the evidence functions of this process where and how to write; before the first of them is called.
/// Sealer::start() does so for a server.
void start_evidence(const Runtime& runtime);

/// Links new records to the chain twice a second and signs a checkpoint every minute or thousand seals.
/// Runs on a thread of its own; any number of processes that share `var/keys` may seal one database.
/// start() also tells the evidence functions of this process which `evidence_mode` holds.
class Sealer {
public:
    explicit Sealer(const Runtime& runtime);
    ~Sealer();
    void start();  ///< throws ProblemError when the signing key cannot be read
    void stop();   ///< seals what is pending and signs a last checkpoint

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

struct Checkpoint {
    std::int64_t seq = 0;   ///< of the last seal it covers; 0: there is no record yet
    std::string hash;       ///< hexadecimal
    std::string at;         ///< RFC 3339
    std::string key;        ///< public key, hexadecimal
    std::string signature;  ///< hexadecimal, Ed25519
};

/// Seals what is pending and signs a checkpoint of it, into the table and `var/evidence/checkpoints.jsonl`.
asio::awaitable<Checkpoint> checkpoint(db::Pool& db, const Runtime& runtime);

/// The first place where the evidence does not hold.
struct Break {
    std::string kind;  ///< changed, dropped, inserted, reordered, tail-cut, checkpoint
    int chain = 0;     ///< 0: that of events; others: those of the writers of evidence
    std::int64_t seq = 0;
    std::string record;  ///< id, where one is known
    std::string text_zh, text_en;
};

struct Verdict {
    std::int64_t records = 0;  ///< links recomputed, of all chains
    std::int64_t chains = 0;
    std::int64_t checkpoints = 0;  ///< of this installation's key, in table and file
    /// Signed by another key before this installation's first: a database restored elsewhere. They agree with
    /// the chain, but nobody here can say whose they are.
    std::int64_t foreign_checkpoints = 0;
    std::string last_hash;  ///< hexadecimal
    std::optional<Break> broken;
};
Json to_json(const Verdict& verdict);

/// Seals what is pending, then recomputes every record, seal and checkpoint against one snapshot, in bounded
/// memory.
asio::awaitable<Verdict> verify(db::Pool& db, const Runtime& runtime);

/// Records, newest first, as GET /api/v1/audit/records shows them.
struct RecordFilter {
    std::string kind;  ///< event, access, or empty
    std::string object, principal;
    std::string from, to;   ///< RFC 3339 or a day; from included, to not
    std::string before_id;  ///< cursor
    int limit = 50;
};
asio::awaitable<Json> records(db::Pool& db, RecordFilter filter);  ///< {items, next_cursor}

}  // namespace pengcheng::audit
