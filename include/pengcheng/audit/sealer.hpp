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

/// Links new events to their chain twice a second, signs a checkpoint of all chains as often as
/// `evidence.checkpoint_seconds` says, makes the months' partitions ahead and prunes what policy lets go.
/// Runs on a thread of its own; any number of processes that share `var/keys` may seal one database.
/// start() also tells the evidence functions of this process which `evidence_mode` holds.
class Sealer {
public:
    explicit Sealer(const Runtime& runtime);
    ~Sealer();
    void start();  ///< throws ProblemError when the signing key cannot be read
    /// Writes what evidence other threads left (they have ended), seals what is pending, signs a last
    /// checkpoint.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The end of every chain, signed. The form of `body` stands in src/audit/checkpoint.hpp.
struct Checkpoint {
    std::int64_t number = 0;  ///< 0: there is no record yet
    std::string body;
    std::string key;        ///< public key, hexadecimal
    std::string signature;  ///< of the body, hexadecimal, Ed25519
};

/// Seals what is pending and signs a checkpoint where something is new, into the table and its copies.
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
    std::int64_t checkpoints = 0;  ///< of this installation's key, in the table
    std::int64_t copies = 0;       ///< checkpoints compared with it in the copies outside
    /// Signed by another key before this installation's first: a database restored elsewhere. They agree with
    /// the chain, but nobody here can say whose they are.
    std::int64_t foreign_checkpoints = 0;
    std::string key;        ///< public key that our checkpoints are signed with, hexadecimal
    std::string last_hash;  ///< of the chain of events, hexadecimal
    std::string from, to;   ///< of an export: times of the checkpoints at its ends
    std::optional<Break> broken;
};
Json to_json(const Verdict& verdict);

/// Seals what is pending, then recomputes every record, seal and checkpoint against one snapshot, in bounded
/// memory.
asio::awaitable<Verdict> verify(db::Pool& db, const Runtime& runtime);

/// The last checkpoint and the last verification, as GET /api/v1/audit/chain shows them.
asio::awaitable<Json> status(db::Pool& db, bool chinese);

/// Removes the months of evidence that ended over `keep_months` ago -> how many. Each leaves its ends in a
/// signed checkpoint, so that what is left still verifies.
asio::awaitable<int> prune(db::Pool& db, const Runtime& runtime, int keep_months);

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
