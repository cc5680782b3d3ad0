#include "audit/lane.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/text.hpp>

#include <random>

namespace pengcheng::audit {

namespace {

constexpr db::Statement list_chains_sql{"audit.list_chains", "SELECT id FROM audit.chain ORDER BY id"};

// Locked before its commit shows it to anybody else.
constexpr db::Statement add_chain_sql{"audit.add_chain", R"sql(
    WITH made AS (INSERT INTO audit.chain DEFAULT VALUES RETURNING id)
    SELECT id FROM made WHERE pg_try_advisory_lock(7203187, id)
)sql"};

constexpr db::Statement try_chain_sql{"audit.try_chain", "SELECT pg_try_advisory_lock(7203187, $1::int)"};

constexpr db::Statement leave_chain_sql{"audit.leave_chain", "SELECT pg_advisory_unlock(7203187, $1::int)"};

constexpr db::Statement lock_lane_sql{"audit.lock_lane",
                                      "SELECT pg_advisory_lock(7203189, $1::int) IS NOT NULL"};

constexpr db::Statement is_head_there_sql{"audit.is_head_there", R"sql(
    SELECT EXISTS (SELECT 1 FROM audit.evidence
                    WHERE chain = $1::int AND seq = $2::bigint AND hash = decode($3, 'hex'))
)sql"};

// A chain whose records were all pruned goes on from where they ended.
constexpr db::Statement find_head_sql{"audit.find_chain_head", R"sql(
    SELECT k.id AS chain, coalesce(e.seq, k.pruned_seq) AS seq,
           encode(coalesce(e.hash, k.pruned_hash), 'hex') AS hash,
           coalesce((extract(epoch FROM e.at) * 1000000)::bigint, 0) AS at_us
      FROM audit.chain k LEFT JOIN LATERAL (
           SELECT seq, hash, at FROM audit.evidence WHERE chain = k.id ORDER BY seq DESC LIMIT 1) e ON true
     WHERE k.id = $1::int
)sql"};

constexpr db::Statement has_role_sql{"audit.has_writer_role", R"sql(
    SELECT coalesce(pg_has_role(to_regrole('pengcheng_evidence'), 'MEMBER'), false)
)sql"};

constexpr db::Statement add_context_sql{"audit.add_context", R"sql(
    INSERT INTO audit.context (id, principal_kind, principal_id, principal, organization, address, resource,
                               owner, grant_id, channel, purpose, fields)
    VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT DO NOTHING
)sql"};

PENGCHENG_STATEMENTS(list_chains_sql, add_chain_sql, try_chain_sql, leave_chain_sql, lock_lane_sql,
                     is_head_there_sql, find_head_sql, has_role_sql, add_context_sql);

struct FoundHead {
    int chain = 0;
    std::int64_t seq = 0, at_us = 0;
    std::string hash;
};
constexpr auto describe(db::RowOf<FoundHead>) {
    return db::columns(db::column("chain", &FoundHead::chain), db::column("seq", &FoundHead::seq),
                       db::column("at_us", &FoundHead::at_us), db::column("hash", &FoundHead::hash));
}

asio::awaitable<Head> find_head(db::Appender& appender, int chain) {
    auto found = co_await appender.one<FoundHead>(find_head_sql, chain);
    co_return Head{.chain = chain, .seq = found.seq, .hash = digest_of_hex(found.hash), .at_us = found.at_us};
}

}  // namespace

Lane::Lane(asio::any_io_executor executor, std::string url)
    : appender_(std::move(executor), std::move(url)),
      number_(static_cast<int>(std::random_device{}() >> 1U)) {
}

asio::awaitable<void> Lane::open(std::int64_t at_us) {
    if (appender_.alive()) {
        co_return;
    }
    co_await begin_session();
    co_await take_chain(at_us);
    co_await become_writer();
}

void Lane::close() {
    appender_.close();
    head_ = {};
}

asio::awaitable<bool> Lane::reopen(std::int64_t at_us, const Head& tried) {
    co_await begin_session();
    if (tried.chain != 0) {
        bool there = co_await appender_.one<bool>(is_head_there_sql, tried.chain, tried.seq,
                                                  to_hex({tried.hash.data(), tried.hash.size()}));
        if (there) {
            close();
            co_return true;
        }
    }
    co_await take_chain(at_us);
    co_await become_writer();
    co_return false;
}

asio::awaitable<void> Lane::begin_session() {
    head_ = {};
    co_await appender_.open();
    // An earlier session of this lane has the lock until what it did is committed or undone.
    co_await appender_.script("SET lock_timeout = '10s'");
    co_await appender_.one<bool>(lock_lane_sql, number_);
    co_await appender_.script("RESET lock_timeout");
}

asio::awaitable<void> Lane::take_chain(std::int64_t at_us) {
    auto chains = co_await appender_.all<int>(list_chains_sql);
    for (int chain : chains) {
        bool taken = co_await try_chain(chain, at_us);
        if (taken) {
            co_return;
        }
    }
    int made = co_await appender_.one<int>(add_chain_sql);
    head_ = co_await find_head(appender_, made);
}

asio::awaitable<bool> Lane::try_chain(int chain, std::int64_t at_us) {
    bool locked = co_await appender_.one<bool>(try_chain_sql, chain);
    if (!locked) {
        co_return false;
    }
    Head head = co_await find_head(appender_, chain);
    if (head.at_us > at_us) {
        co_await appender_.one<bool>(leave_chain_sql, chain);
        co_return false;
    }
    head_ = head;
    co_return true;
}

asio::awaitable<void> Lane::become_writer() {
    bool may = co_await appender_.one<bool>(has_role_sql);
    if (may) {
        co_await appender_.script("SET ROLE pengcheng_evidence");
    } else {
        log::warn("audit.no-writer-role", {{"role", "pengcheng_evidence"}});
    }
}

asio::awaitable<void> Lane::add_context(const Context& context, const std::string& id) {
    co_await appender_.run(add_context_sql, id, context.principal_kind, context.principal_id,
                           context.principal, context.organization, context.address, context.resource,
                           context.owner, context.grant_id, context.channel, context.purpose, context.fields);
}

asio::awaitable<void> Lane::append(std::string_view rows) {
    static const std::string copy_sql =
        "COPY audit.evidence (" + std::string(CopyRows::columns) + ") FROM STDIN (FORMAT binary)";
    co_await appender_.append(copy_sql, rows);
}

}  // namespace pengcheng::audit
