#include "identity/sessions.hpp"

#include "identity/problems.hpp"
#include "identity/workers.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::size_t token_bytes = 32;

// A try counts before its password is looked at, so that tries sent at once cannot outrun the count; a right
// password takes the row away. No row comes back while the name is locked.
constexpr db::Statement count_try_sql{"identity.count_try", R"sql(
    INSERT INTO identity.sign_in_failure AS f (username_hash, failures, last_at)
    VALUES ($1, 1, $2::timestamptz)
    ON CONFLICT (username_hash) DO UPDATE
       SET failures = CASE WHEN f.last_at < excluded.last_at - interval '1 day' THEN 1
                           ELSE f.failures + 1 END,
           last_at = excluded.last_at,
           locked_until =
               CASE WHEN f.failures >= 4 AND f.last_at >= excluded.last_at - interval '1 day'
                    THEN excluded.last_at
                         + least(1800, 30 * power(2, least(f.failures - 4, 10))) * interval '1 second' END
     WHERE f.locked_until IS NULL OR f.locked_until <= excluded.last_at
 RETURNING f.failures
)sql"};

constexpr db::Statement locked_for_sql{"identity.locked_for", R"sql(
    SELECT greatest(1, ceil(extract(epoch FROM locked_until - $2::timestamptz)))::integer
      FROM identity.sign_in_failure WHERE username_hash = $1 AND locked_until > $2::timestamptz
)sql"};

constexpr db::Statement forget_tries_sql{"identity.forget_tries", R"sql(
    DELETE FROM identity.sign_in_failure
     WHERE username_hash = $1 OR last_at < $2::timestamptz - interval '1 day'
)sql"};

constexpr db::Statement find_password_sql{"identity.find_password", R"sql(
    SELECT id::text, password_hash FROM identity.account WHERE username = $1 AND state = 'active'
)sql"};

constexpr db::Statement insert_session_sql{"identity.insert_session", R"sql(
    INSERT INTO identity.session (token_hash, account, created_at, last_seen_at, expires_at, address)
    SELECT $1, id, $3::timestamptz, $3::timestamptz, $3::timestamptz + interval '12 hours', $4
      FROM identity.account WHERE id = $2::uuid AND state = 'active' FOR SHARE
)sql"};

constexpr db::Statement delete_old_sessions_sql{"identity.delete_old_sessions", R"sql(
    DELETE FROM identity.session WHERE token_hash = $1 OR expires_at <= $2::timestamptz
)sql"};

constexpr db::Statement delete_session_sql{"identity.delete_session", R"sql(
    DELETE FROM identity.session WHERE token_hash = $1
)sql"};

constexpr db::Statement find_session_sql{"identity.find_session", R"sql(
    SELECT a.id::text, a.username, a.display_name, coalesce(a.organization, '') AS organization,
           coalesce(o.region, '') AS region,
           ARRAY(SELECT r.role FROM identity.role_assignment r WHERE r.account = a.id ORDER BY 1) AS roles,
           s.last_seen_at <= $2::timestamptz - interval '1 minute' AS seen_long_ago
      FROM identity.session s
      JOIN identity.account a ON a.id = s.account
      LEFT JOIN identity.organization o ON o.code = a.organization
     WHERE s.token_hash = $1 AND s.expires_at > $2::timestamptz AND a.state = 'active'
       AND s.last_seen_at > $2::timestamptz
                            - CASE a.kind WHEN 'staff' THEN interval '30 minutes' ELSE interval '2 hours' END
)sql"};

constexpr db::Statement touch_session_sql{"identity.touch_session", R"sql(
    UPDATE identity.session SET last_seen_at = $2::timestamptz
     WHERE token_hash = $1 AND last_seen_at < $2::timestamptz
)sql"};

struct StoredPassword {
    std::string id;
    std::string hash;
};
constexpr auto describe(db::RowOf<StoredPassword>) {
    return db::columns(db::column("id", &StoredPassword::id),
                       db::column("password_hash", &StoredPassword::hash));
}

struct SessionRow {
    std::string id, username, display_name, organization, region;
    std::vector<std::string> roles;
    bool seen_long_ago = false;
};
constexpr auto describe(db::RowOf<SessionRow>) {
    return db::columns(db::column("id", &SessionRow::id), db::column("username", &SessionRow::username),
                       db::column("display_name", &SessionRow::display_name),
                       db::column("organization", &SessionRow::organization),
                       db::column("region", &SessionRow::region), db::column("roles", &SessionRow::roles),
                       db::column("seen_long_ago", &SessionRow::seen_long_ago));
}

asio::awaitable<Problem> locked_problem(db::Pool& db, std::string username_hash, std::string now) {
    auto seconds = co_await db.find<int>(locked_for_sql, std::move(username_hash), std::move(now));
    std::string wait = std::to_string(seconds.value_or(1));
    Problem refusal = problem::locked.because("请在 " + wait + " 秒后再试", "try again in " + wait + " s");
    refusal.retry_after_s = seconds.value_or(1);
    co_return refusal;
}

}  // namespace

std::string csrf_token_of(std::string_view cookie) {
    return cookie.empty() ? std::string() : to_hex(crypto::hmac_sha256(cookie, "csrf"));
}

asio::awaitable<Result<SignedIn>> sign_in(db::Pool& db, const Runtime& runtime, Principal who, SignIn input) {
    std::string username = lower_ascii(trim(input.username));
    std::string username_hash = crypto::sha256_hex(username);
    std::string now = to_rfc3339(runtime.now());
    auto tries = co_await db.find<int>(count_try_sql, username_hash, now);
    if (!tries) {
        co_return co_await locked_problem(db, std::move(username_hash), std::move(now));
    }
    auto stored = co_await db.find<StoredPassword>(find_password_sql, username);
    bool right = co_await verify_password(std::move(input.password), stored ? stored->hash : std::string());
    if (!stored || !right) {
        // People type passwords into the name field: only names that exist go to the log.
        std::string object = stored ? stored->id : "unknown";
        Json detail = {{"username", stored ? username : ""}, {"tries", *tries}};
        co_await audit::note(db, who, "identity.session.refuse", object, std::move(detail));
        co_return problem::bad_credentials.plain();
    }

    SignedIn session;
    session.token = to_hex(crypto::random_bytes(token_bytes));
    session.csrf_token = csrf_token_of(session.token);
    session.user = (co_await find_user(db, stored->id)).value();
    who.kind = Principal::Kind::user;
    who.id = stored->id;
    who.name = username;
    who.organization = session.user.organization;
    auto tx = co_await db.begin();
    co_await tx.run(forget_tries_sql, username_hash, now);
    co_await tx.run(delete_old_sessions_sql, crypto::sha256_hex(input.previous_cookie), now);
    auto made = co_await tx.run(insert_session_sql, crypto::sha256_hex(session.token), stored->id, now,
                                input.address);
    if (made == 0) {
        co_return problem::bad_credentials.plain();  // disabled since
    }
    co_await audit::record(tx, who, "identity.session.create", stored->id, nullptr);
    co_await tx.commit();
    co_return session;
}

asio::awaitable<void> sign_out(db::Pool& db, const Principal& who, std::string cookie) {
    auto tx = co_await db.begin();
    co_await tx.run(delete_session_sql, crypto::sha256_hex(cookie));
    co_await audit::record(tx, who, "identity.session.delete", who.id, nullptr);
    co_await tx.commit();
}

asio::awaitable<std::optional<http::Authenticated>> session_of(db::Pool& db, Time now, std::string cookie) {
    std::string token_hash = crypto::sha256_hex(cookie);
    std::string at = to_rfc3339(now);
    auto row = co_await db.find<SessionRow>(find_session_sql, token_hash, at);
    if (!row) {
        co_return std::nullopt;
    }
    if (row->seen_long_ago) {
        co_await db.run(touch_session_sql, std::move(token_hash), std::move(at));
    }
    http::Authenticated found;
    found.who.kind = Principal::Kind::user;
    found.who.id = std::move(row->id);
    found.who.name = std::move(row->username);
    found.who.display_name = std::move(row->display_name);
    found.who.organization = std::move(row->organization);
    found.who.region = std::move(row->region);
    found.who.roles = std::move(row->roles);
    found.csrf_token = csrf_token_of(cookie);
    co_return found;
}

PENGCHENG_STATEMENTS(count_try_sql, locked_for_sql, forget_tries_sql, find_password_sql, insert_session_sql,
                     delete_old_sessions_sql, delete_session_sql, find_session_sql, touch_session_sql);

}  // namespace pengcheng::identity
