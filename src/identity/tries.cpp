#include "identity/tries.hpp"

#include "identity/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/http/network.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr int account_tries_max = 5;

// No row comes back while the subject is locked. $3 tries that are free, $4 account or address, $5 the name
// or address; a name is kept only where such an account exists.
constexpr db::Statement count_try_sql{"identity.count_try", R"sql(
    INSERT INTO identity.sign_in_failure AS f (subject, failures, last_at, kind, label)
    VALUES ($1, 1, $2::timestamptz, $4,
            CASE $4 WHEN 'address' THEN $5
                    ELSE coalesce((SELECT username FROM identity.account WHERE username = $5), '') END)
    ON CONFLICT (subject) DO UPDATE
       SET failures = CASE WHEN f.last_at < excluded.last_at - interval '1 day' THEN 1
                           ELSE f.failures + 1 END,
           last_at = excluded.last_at,
           label = excluded.label,
           locked_until =
               CASE WHEN f.failures >= $3::integer - 1 AND f.last_at >= excluded.last_at - interval '1 day'
                    THEN excluded.last_at
                         + least(1800, 30 * power(2, least(f.failures - $3::integer + 1, 10)))
                           * interval '1 second' END
     WHERE f.locked_until IS NULL OR f.locked_until <= excluded.last_at
 RETURNING f.failures
)sql"};

constexpr db::Statement locked_for_sql{"identity.locked_for", R"sql(
    SELECT greatest(1, ceil(extract(epoch FROM locked_until - $2::timestamptz)))::integer
      FROM identity.sign_in_failure WHERE subject = $1 AND locked_until > $2::timestamptz
)sql"};

constexpr db::Statement forget_tries_sql{"identity.forget_tries", R"sql(
    DELETE FROM identity.sign_in_failure
     WHERE subject = $1 OR last_at < $2::timestamptz - interval '1 day'
)sql"};

constexpr db::Statement uncount_try_sql{"identity.uncount_try", R"sql(
    UPDATE identity.sign_in_failure SET failures = greatest(failures - 1, 0), locked_until = NULL
     WHERE subject = ANY ($1::text[])
)sql"};

constexpr db::Statement unlock_sql{"identity.unlock", R"sql(
    DELETE FROM identity.sign_in_failure WHERE subject = $1
)sql"};

constexpr db::Statement list_lockouts_sql{"identity.list_lockouts", R"sql(
    SELECT id::text, kind, label, failures, base.rfc3339(last_at) AS last_at,
           base.rfc3339(locked_until) AS locked_until
      FROM identity.sign_in_failure WHERE locked_until > $1::timestamptz
     ORDER BY locked_until DESC, id LIMIT 200
)sql"};

constexpr db::Statement delete_lockout_sql{"identity.delete_lockout", R"sql(
    DELETE FROM identity.sign_in_failure WHERE id::text = $1 RETURNING kind || ' ' || label
)sql"};

std::string of_account(const Trier& trier) {
    return crypto::sha256_hex(trier.username);
}
std::string of_address(const Trier& trier) {
    return crypto::sha256_hex("address/" + http::network_of(trier.address));
}

asio::awaitable<Result<void>> count(db::Pool& db, std::string now, std::string subject, int tries_max,
                                    std::string kind, std::string label) {
    auto tries =
        co_await db.find<int>(count_try_sql, subject, now, tries_max, std::move(kind), std::move(label));
    if (tries) {
        co_return Result<void>{};
    }
    auto seconds = co_await db.find<int>(locked_for_sql, std::move(subject), std::move(now));
    std::string wait = std::to_string(seconds.value_or(1));
    Problem refusal = problem::locked.because("请在 " + wait + " 秒后再试", "try again in " + wait + " s");
    refusal.retry_after_s = seconds.value_or(1);
    co_return refusal;
}

}  // namespace

static constexpr auto describe(db::RowOf<Lockout>) {
    return db::columns(db::column("id", &Lockout::id), db::column("kind", &Lockout::kind),
                       db::column("label", &Lockout::label), db::column("failures", &Lockout::failures),
                       db::column("last_at", &Lockout::last_at),
                       db::column("locked_until", &Lockout::locked_until));
}

asio::awaitable<Result<void>> count_try(db::Pool& db, const Runtime& runtime, Trier trier) {
    std::string now = to_rfc3339(runtime.now());
    // The address first: from a locked address nobody locks other people's names.
    if (!trier.address.empty()) {
        auto by_address = co_await count(db, now, of_address(trier), identity_config().address_tries_max,
                                         "address", http::network_of(trier.address));
        if (!by_address) {
            co_return by_address;
        }
    }
    co_return co_await count(db, now, of_account(trier), account_tries_max, "account", trier.username);
}

asio::awaitable<void> forget_tries(db::Transaction& tx, const Runtime& runtime, Trier trier) {
    co_await tx.run(forget_tries_sql, of_account(trier), to_rfc3339(runtime.now()));
    std::vector<std::string> address{of_address(trier)};
    co_await tx.run(uncount_try_sql, std::move(address));
}

asio::awaitable<void> uncount_try(db::Pool& db, Trier trier) {
    std::vector<std::string> both{of_account(trier), of_address(trier)};
    co_await db.run(uncount_try_sql, std::move(both));
}

asio::awaitable<void> unlock_account(db::Transaction& tx, std::string username) {
    Trier trier{std::move(username), ""};
    co_await tx.run(unlock_sql, of_account(trier));
}

Json to_json(const Lockout& lockout) {
    return {{"id", lockout.id},           {"kind", lockout.kind},
            {"label", lockout.label},     {"failures", lockout.failures},
            {"last_at", lockout.last_at}, {"locked_until", lockout.locked_until}};
}

asio::awaitable<std::vector<Lockout>> lockouts(db::Pool& db, Time now) {
    co_return co_await db.all<Lockout>(list_lockouts_sql, to_rfc3339(now));
}

asio::awaitable<Result<void>> end_lockout(db::Transaction& tx, const Principal& who, std::string id) {
    auto ended = co_await tx.find<std::string>(delete_lockout_sql, id);
    if (!ended) {
        co_return problem::no_lockout.plain();
    }
    Json detail = {{"subject", *ended}};
    co_await audit::record(tx, who, "identity.lockout.delete", id, std::move(detail));
    co_return Result<void>{};
}

PENGCHENG_STATEMENTS(count_try_sql, locked_for_sql, forget_tries_sql, uncount_try_sql, unlock_sql,
                     list_lockouts_sql, delete_lockout_sql);

}  // namespace pengcheng::identity
