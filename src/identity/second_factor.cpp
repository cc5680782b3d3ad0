#include "identity/second_factor.hpp"

#include "identity/keys.hpp"
#include "identity/problems.hpp"
#include "identity/sessions.hpp"
#include "identity/totp.hpp"
#include "identity/tries.hpp"
#include "identity/users.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::size_t secret_bytes = 20;
constexpr std::string_view issuer = "彭城 Pengcheng";

constexpr db::Statement find_totp_sql{"identity.find_totp", R"sql(
    SELECT secret, confirmed_at IS NOT NULL AS confirmed FROM identity.totp WHERE account = $1::uuid
)sql"};

// A secret in force is never replaced by an offer.
constexpr db::Statement offer_totp_sql{"identity.offer_totp", R"sql(
    INSERT INTO identity.totp AS t (account, secret) VALUES ($1::uuid, $2)
    ON CONFLICT (account) DO UPDATE SET secret = excluded.secret WHERE t.confirmed_at IS NULL
)sql"};

constexpr db::Statement confirm_totp_sql{"identity.confirm_totp", R"sql(
    UPDATE identity.totp SET confirmed_at = $2::timestamptz, last_step = $3::bigint
     WHERE account = $1::uuid AND confirmed_at IS NULL AND secret = $4
)sql"};

// Of two requests with one code only the first changes a row.
constexpr db::Statement claim_step_sql{"identity.claim_totp_step", R"sql(
    UPDATE identity.totp SET last_step = $2::bigint
     WHERE account = $1::uuid AND confirmed_at IS NOT NULL AND last_step < $2::bigint
)sql"};

constexpr db::Statement use_recovery_code_sql{"identity.use_recovery_code", R"sql(
    UPDATE identity.recovery_code SET used_at = $3::timestamptz
     WHERE account = $1::uuid AND code_hash = $2 AND used_at IS NULL
)sql"};

constexpr db::Statement delete_totp_sql{"identity.delete_totp", R"sql(
    DELETE FROM identity.totp WHERE account = $1::uuid
)sql"};

constexpr db::Statement delete_recovery_codes_sql{"identity.delete_recovery_codes", R"sql(
    DELETE FROM identity.recovery_code WHERE account = $1::uuid
)sql"};

constexpr db::Statement insert_recovery_codes_sql{"identity.insert_recovery_codes", R"sql(
    INSERT INTO identity.recovery_code (account, code_hash) SELECT $1::uuid, unnest($2::text[])
)sql"};

struct StoredTotp {
    std::string secret;
    bool confirmed = false;
};
constexpr auto describe(db::RowOf<StoredTotp>) {
    return db::columns(db::column("secret", &StoredTotp::secret),
                       db::column("confirmed", &StoredTotp::confirmed));
}

std::string place_of(std::string_view account) {
    return "totp/" + std::string(account);
}

asio::awaitable<std::vector<std::string>> replace_recovery_codes(db::Transaction& tx, std::string account) {
    std::vector<std::string> codes = make_recovery_codes();
    std::vector<std::string> hashes;
    for (const std::string& code : codes) {
        hashes.push_back(recovery_code_hash(account, plain_code(code)));
    }
    co_await tx.run(delete_recovery_codes_sql, account);
    co_await tx.run(insert_recovery_codes_sql, account, hashes);
    co_return codes;
}

/// A transaction in which the caller's own code was taken. Counted like a sign-in: a stolen session does not
/// get to guess.
asio::awaitable<Result<db::Transaction>> proven(db::Pool& db, const Runtime& runtime, const Principal& who,
                                                std::string code) {
    Trier trier{who.name, who.address};
    auto counted = co_await count_try(db, runtime, trier);
    if (!counted) {
        co_return counted.error();
    }
    auto tx = co_await db.begin();
    auto used = co_await use_code(tx, runtime.now(), who.id, std::move(code));
    if (!used) {
        co_await audit::record(tx, who, "identity.totp.refuse", who.id, nullptr);
        co_await tx.commit();
        co_return problem::wrong_code.at("/code");
    }
    co_await forget_tries(tx, runtime, trier);
    co_return Result<db::Transaction>(std::move(tx));
}

}  // namespace

bool totp_required(const std::vector<std::string>& roles) {
    const auto& required = identity_config().totp_required_for;
    return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
        return std::find(required.begin(), required.end(), role) != required.end();
    });
}

asio::awaitable<std::optional<std::string>> use_code(db::Transaction& tx, Time now, std::string account,
                                                     std::string code) {
    std::string plain = plain_code(code);
    auto stored = co_await tx.find<StoredTotp>(find_totp_sql, account);
    if (!stored || !stored->confirmed) {
        co_return std::nullopt;
    }
    auto step = matching_step(open_secret(place_of(account), stored->secret), plain, now);
    if (step && co_await tx.run(claim_step_sql, account, *step) == 1) {
        co_return "totp";
    }
    auto used =
        co_await tx.run(use_recovery_code_sql, account, recovery_code_hash(account, plain), to_rfc3339(now));
    if (used == 1) {
        co_return "recovery";
    }
    co_return std::nullopt;
}

asio::awaitable<Result<TotpOffer>> offer_totp(db::Pool& db, const Principal& who) {
    if (who.kind != Principal::Kind::user) {
        co_return problem::no_user.plain();
    }
    std::string secret = crypto::random_bytes(secret_bytes);
    auto made = co_await db.run(offer_totp_sql, who.id, seal_secret(place_of(who.id), secret));
    if (made == 0) {
        co_return problem::totp_on.plain();
    }
    co_return TotpOffer{base32(secret), otpauth_uri(issuer, who.name, secret)};
}

asio::awaitable<Result<std::vector<std::string>>> confirm_totp(db::Pool& db, const Runtime& runtime,
                                                               const Principal& who, std::string code,
                                                               std::string cookie) {
    auto stored = who.kind == Principal::Kind::user ? co_await db.find<StoredTotp>(find_totp_sql, who.id)
                                                    : std::optional<StoredTotp>();
    if (!stored || stored->confirmed) {
        co_return (stored ? problem::totp_on : problem::no_totp).plain();
    }
    Trier trier{who.name, who.address};
    auto counted = co_await count_try(db, runtime, trier);
    if (!counted) {
        co_return counted.error();
    }
    auto step = matching_step(open_secret(place_of(who.id), stored->secret), plain_code(code), runtime.now());
    if (!step) {
        co_return problem::wrong_code.at("/code");
    }
    auto tx = co_await db.begin();
    auto confirmed =
        co_await tx.run(confirm_totp_sql, who.id, to_rfc3339(runtime.now()), *step, stored->secret);
    if (confirmed == 0) {
        co_return pengcheng::problem::conflict.plain();
    }
    co_await forget_tries(tx, runtime, trier);
    auto codes = co_await replace_recovery_codes(tx, who.id);
    co_await end_other_sessions(tx, who.id, cookie);
    co_await audit::record(tx, who, "identity.totp.create", who.id, nullptr);
    co_await tx.commit();
    co_return codes;
}

asio::awaitable<Result<void>> remove_totp(db::Pool& db, const Runtime& runtime, const Principal& who,
                                          std::string code) {
    if (totp_required(who.roles)) {
        co_return problem::totp_stays.plain();
    }
    if (who.kind != Principal::Kind::user) {
        co_return problem::no_user.plain();
    }
    auto begun = co_await proven(db, runtime, who, std::move(code));
    if (!begun) {
        co_return begun.error();
    }
    db::Transaction tx = std::move(*begun);
    co_await tx.run(delete_totp_sql, who.id);
    co_await tx.run(delete_recovery_codes_sql, who.id);
    co_await audit::record(tx, who, "identity.totp.delete", who.id, nullptr);
    co_await tx.commit();
    co_return Result<void>{};
}

asio::awaitable<Result<std::vector<std::string>>> renew_recovery_codes(db::Pool& db, const Runtime& runtime,
                                                                       const Principal& who,
                                                                       std::string code) {
    if (who.kind != Principal::Kind::user) {
        co_return problem::no_user.plain();
    }
    auto begun = co_await proven(db, runtime, who, std::move(code));
    if (!begun) {
        co_return begun.error();
    }
    db::Transaction tx = std::move(*begun);
    auto codes = co_await replace_recovery_codes(tx, who.id);
    co_await audit::record(tx, who, "identity.recovery_code.create", who.id, nullptr);
    co_await tx.commit();
    co_return codes;
}

asio::awaitable<Result<void>> reset_totp(db::Transaction& tx, const Principal& who, std::string account_id) {
    auto user = co_await lock_user(tx, account_id);
    if (!user) {
        co_return problem::no_user.plain();
    }
    if (user->id == who.id) {
        co_return problem::own_account.plain();
    }
    if (co_await tx.run(delete_totp_sql, user->id) == 0) {
        co_return problem::no_totp.plain();
    }
    co_await tx.run(delete_recovery_codes_sql, user->id);
    co_await end_other_sessions(tx, user->id, "");
    co_await audit::record(tx, who, "identity.totp.reset", user->id, nullptr);
    co_return Result<void>{};
}

PENGCHENG_STATEMENTS(find_totp_sql, offer_totp_sql, confirm_totp_sql, claim_step_sql, use_recovery_code_sql,
                     delete_totp_sql, delete_recovery_codes_sql, insert_recovery_codes_sql);

}  // namespace pengcheng::identity
