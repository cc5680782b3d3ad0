#include "audit/lane.hpp"

#include <pengcheng/base/log.hpp>

namespace pengcheng::audit {

namespace {

constexpr db::Statement list_chains_sql{"audit.list_chains", "SELECT id FROM audit.chain ORDER BY id"};

constexpr db::Statement add_chain_sql{"audit.add_chain",
                                      "INSERT INTO audit.chain DEFAULT VALUES RETURNING id"};

constexpr db::Statement try_chain_sql{"audit.try_chain", "SELECT pg_try_advisory_lock(7203187, $1::int)"};

constexpr db::Statement lock_chain_sql{"audit.lock_chain_of_writer",
                                       "SELECT pg_advisory_lock(7203187, $1::int) IS NOT NULL"};

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

PENGCHENG_STATEMENTS(list_chains_sql, add_chain_sql, try_chain_sql, lock_chain_sql, find_head_sql,
                     has_role_sql, add_context_sql);

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

asio::awaitable<void> Lane::open(std::int64_t at_us) {
    if (appender_.alive()) {
        co_return;
    }
    head_ = {};
    co_await appender_.open();
    co_await take_chain(at_us);
    co_await become_writer();
}

void Lane::close() {
    appender_.close();
    head_ = {};
}

asio::awaitable<void> Lane::reopen() {
    co_await appender_.open();
    // The lock is the old session's until what it did is committed or undone: then the head is certain.
    co_await appender_.script("SET lock_timeout = '10s'");
    co_await appender_.one<bool>(lock_chain_sql, head_.chain);
    head_ = co_await find_head(appender_, head_.chain);
    co_await become_writer();
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
    bool taken = co_await try_chain(made, at_us);
    if (!taken) {
        throw db::Error("55P03", "somebody else took the evidence chain made just now");
    }
}

asio::awaitable<bool> Lane::try_chain(int chain, std::int64_t at_us) {
    bool locked = co_await appender_.one<bool>(try_chain_sql, chain);
    if (!locked) {
        co_return false;
    }
    Head head = co_await find_head(appender_, chain);
    if (head.at_us > at_us) {
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
