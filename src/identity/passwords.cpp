#include "identity/passwords.hpp"

#include "identity/account_rules.hpp"
#include "identity/problems.hpp"
#include "identity/second_factor.hpp"
#include "identity/sessions.hpp"
#include "identity/tries.hpp"
#include "identity/users.hpp"
#include "identity/workers.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

// The present one and the four before it.
constexpr db::Statement recent_passwords_sql{"identity.recent_passwords", R"sql(
    SELECT password_hash FROM identity.account WHERE id = $1::uuid
    UNION ALL
    (SELECT password_hash FROM identity.password_history WHERE account = $1::uuid
      ORDER BY set_at DESC LIMIT 4)
)sql"};

// The replaced one goes to the history, which keeps what the rule looks at. $4: the hash that was proven, or
// nothing; of two changes that proved the same one the second changes no row.
constexpr db::Statement set_password_sql{"identity.set_password", R"sql(
    WITH kept AS (
        INSERT INTO identity.password_history (account, password_hash, set_at)
        SELECT id, password_hash, password_set_at FROM identity.account WHERE id = $1::uuid
        ON CONFLICT DO NOTHING),
    dropped AS (
        DELETE FROM identity.password_history h WHERE account = $1::uuid
           AND set_at < (SELECT set_at FROM identity.password_history
                          WHERE account = $1::uuid ORDER BY set_at DESC OFFSET 4 LIMIT 1))
    UPDATE identity.account SET password_hash = $2, must_change_password = $3::boolean,
                                password_set_at = clock_timestamp()
     WHERE id = $1::uuid AND password_hash = coalesce($4, password_hash)
)sql"};

constexpr db::Statement find_security_sql{"identity.find_security", R"sql(
    SELECT base.rfc3339(a.password_set_at) AS password_set_at,
           CASE WHEN a.kind = 'staff' AND $2::integer > 0
                THEN base.rfc3339(a.password_set_at + make_interval(days => $2::integer)) END
               AS password_expires_at,
           EXISTS (SELECT FROM identity.totp t
                    WHERE t.account = a.id AND t.confirmed_at IS NOT NULL) AS totp,
           (SELECT count(*) FROM identity.recovery_code r
             WHERE r.account = a.id AND r.used_at IS NULL)::integer AS recovery_codes_left,
           ARRAY(SELECT issuer FROM identity.outside_identity i WHERE i.account = a.id ORDER BY 1) AS outside
      FROM identity.account a WHERE a.id = $1::uuid
)sql"};

constexpr db::Statement find_holder_sql{"identity.find_holder", R"sql(
    SELECT a.id::text, a.password_hash,
           EXISTS (SELECT FROM identity.totp t
                    WHERE t.account = a.id AND t.confirmed_at IS NOT NULL) AS second_factor
      FROM identity.account a WHERE a.username = $1 AND a.state = 'active'
)sql"};

constexpr db::Statement installed_sql{"identity.is_installed", R"sql(
    SELECT EXISTS (SELECT FROM identity.installation)
)sql"};

struct Holder {
    std::string id;
    std::string hash;
    bool second_factor = false;
};
constexpr auto describe(db::RowOf<Holder>) {
    return db::columns(db::column("id", &Holder::id), db::column("password_hash", &Holder::hash),
                       db::column("second_factor", &Holder::second_factor));
}

}  // namespace

static constexpr auto describe(db::RowOf<Security>) {
    return db::columns(db::column("password_set_at", &Security::password_set_at),
                       db::column("password_expires_at", &Security::password_expires_at),
                       db::column("totp", &Security::totp),
                       db::column("recovery_codes_left", &Security::recovery_codes_left),
                       db::column("outside", &Security::outside));
}

asio::awaitable<Result<void>> change_password(db::Pool& db, const Runtime& runtime, const Principal& who,
                                              std::string present, std::string next, std::string cookie) {
    if (who.kind != Principal::Kind::user) {
        co_return problem::no_user.plain();
    }
    Trier trier{who.name, who.address};
    auto counted = co_await count_try(db, runtime, trier);
    if (!counted) {
        co_return counted;
    }
    auto recent = co_await db.all<std::string>(recent_passwords_sql, who.id);
    const std::string proven = recent.empty() ? "" : recent.front();
    bool right = co_await verify_password(std::move(present), proven);
    if (!right) {
        co_await audit::note(db, who, "identity.password.refuse", who.id, nullptr);
        co_return problem::wrong_password.at("/present");
    }
    co_await uncount_try(db, trier);
    if (auto fits = check_password(next, who.name); !fits) {
        co_return fits.error();
    }
    for (std::string& hash : recent) {
        if (co_await verify_password(next, std::move(hash))) {
            co_return problem::old_password.at("/password", "请换一个最近五次没有用过的",
                                               "take one that was not among the last five");
        }
    }
    std::string hash = co_await hash_password(std::move(next));
    auto tx = co_await db.begin();
    if (co_await tx.run(set_password_sql, who.id, std::move(hash), false, proven) == 0) {
        co_return problem::wrong_password.at("/present");
    }
    co_await forget_tries(tx, runtime, trier);
    co_await end_other_sessions(tx, who.id, cookie);
    co_await audit::record(tx, who, "identity.password.update", who.id, nullptr);
    co_await tx.commit();
    co_return Result<void>{};
}

asio::awaitable<Result<void>> set_password(db::Pool& db, const Principal& who, std::string account_id,
                                           std::string password, bool must_change) {
    auto user = co_await find_user(db, account_id);
    if (!user) {
        co_return problem::no_user.plain();
    }
    if (auto fits = check_password(password, user->username); !fits) {
        co_return fits.error();
    }
    std::string hash = co_await hash_password(std::move(password));
    auto tx = co_await db.begin();
    co_await tx.run(set_password_sql, user->id, std::move(hash), must_change, nullptr);
    co_await end_other_sessions(tx, user->id, "");
    co_await unlock_account(tx, user->username);
    Json detail = {{"must_change", must_change}};
    co_await audit::record(tx, who, "identity.password.reset", user->id, std::move(detail));
    co_await tx.commit();
    co_return Result<void>{};
}

asio::awaitable<Result<Principal>> prove_account(db::Pool& db, const Runtime& runtime, Principal who,
                                                 std::string username, std::string password,
                                                 std::string code) {
    Trier trier{lower_ascii(trim(username)), who.address};
    auto counted = co_await count_try(db, runtime, trier);
    if (!counted) {
        co_return counted.error();
    }
    auto holder = co_await db.find<Holder>(find_holder_sql, trier.username);
    bool right = co_await verify_password(std::move(password), holder ? holder->hash : std::string());
    auto tx = co_await db.begin();
    bool proven = holder && right;
    if (proven && holder->second_factor) {
        proven = (co_await use_code(tx, runtime.now(), holder->id, std::move(code))).has_value();
    }
    if (!proven) {
        Json detail = {{"reason", "confirmation"}};
        std::string object = holder ? holder->id : "unknown";
        co_await audit::record(tx, who, "identity.session.refuse", object, std::move(detail));
        co_await tx.commit();
        co_return problem::bad_credentials.plain();
    }
    co_await forget_tries(tx, runtime, trier);
    co_await tx.commit();
    auto user = co_await find_user(db, holder->id);
    Principal found = std::move(who);
    found.kind = Principal::Kind::user;
    found.id = user->id;
    found.name = user->username;
    found.display_name = user->display_name;
    found.organization = user->organization;
    found.roles = user->roles;
    co_return found;
}

asio::awaitable<bool> installed(db::Pool& db) {
    co_return co_await db.one<bool>(installed_sql);
}

asio::awaitable<std::optional<Security>> security_of(db::Pool& db, const Principal& who) {
    if (who.kind != Principal::Kind::user) {
        co_return std::nullopt;
    }
    auto found = co_await db.find<Security>(find_security_sql, who.id, identity_config().password_days_max);
    auto user = co_await find_user(db, who.id);  // a session that must do something first carries no roles
    if (found && user) {
        found->totp_required = totp_required(user->roles);
    }
    co_return found;
}

Json to_json(const Security& security) {
    return {
        {"password_set_at", security.password_set_at},
        {"password_expires_at", security.password_expires_at ? Json(*security.password_expires_at) : Json()},
        {"totp", security.totp},
        {"totp_required", security.totp_required},
        {"recovery_codes_left", security.recovery_codes_left},
        {"outside", security.outside}};
}

PENGCHENG_STATEMENTS(recent_passwords_sql, set_password_sql, find_security_sql, find_holder_sql,
                     installed_sql);

}  // namespace pengcheng::identity
