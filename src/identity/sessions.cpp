#include "identity/sessions.hpp"

#include "identity/permissions.hpp"
#include "identity/problems.hpp"
#include "identity/second_factor.hpp"
#include "identity/tries.hpp"
#include "identity/users.hpp"
#include "identity/workers.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t user_agent_max = 200;

constexpr db::Statement find_password_sql{"identity.find_password", R"sql(
    SELECT a.id::text, a.password_hash,
           EXISTS (SELECT FROM identity.totp t
                    WHERE t.account = a.id AND t.confirmed_at IS NOT NULL) AS second_factor
      FROM identity.account a WHERE a.username = $1 AND a.state = 'active'
)sql"};

constexpr db::Statement insert_session_sql{"identity.insert_session", R"sql(
    INSERT INTO identity.session (token_hash, account, created_at, last_seen_at, expires_at, address,
                                  user_agent, method)
    SELECT $1, id, $3::timestamptz, $3::timestamptz, $3::timestamptz + interval '12 hours', $4, $5, $6
      FROM identity.account WHERE id = $2::uuid AND state = 'active' FOR SHARE
)sql"};

constexpr db::Statement delete_old_sessions_sql{"identity.delete_old_sessions", R"sql(
    DELETE FROM identity.session WHERE token_hash = $1 OR expires_at <= $2::timestamptz
)sql"};

constexpr db::Statement delete_session_sql{"identity.delete_session", R"sql(
    DELETE FROM identity.session WHERE token_hash = $1
)sql"};

// Due when the password was given by somebody else or is too old (staff; not where an outside provider keeps
// it), or when a role has required a second factor for longer than the grace.
constexpr db::Statement find_session_sql{"identity.find_session", R"sql(
    SELECT a.id::text, a.username, a.display_name, coalesce(a.organization, '') AS organization,
           coalesce(o.region, '') AS region, a.grade_max,
           ARRAY(SELECT r.role FROM identity.role_assignment r WHERE r.account = a.id ORDER BY 1) AS roles,
           s.last_seen_at <= $2::timestamptz - interval '1 minute' AS seen_long_ago,
           s.method <> 'oidc' AND (a.must_change_password
               OR (a.kind = 'staff' AND $3::integer > 0
                   AND a.password_set_at <= $2::timestamptz - make_interval(days => $3::integer)))
               AS password_due,
           s.method <> 'oidc'
               AND NOT EXISTS (SELECT FROM identity.totp t
                                WHERE t.account = a.id AND t.confirmed_at IS NOT NULL)
               AND EXISTS (SELECT FROM identity.role_assignment r
                            WHERE r.account = a.id AND r.role = ANY ($4::text[])
                              AND r.given_at <= $2::timestamptz - make_interval(days => $5::integer))
               AS totp_due
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

constexpr db::Statement end_other_sessions_sql{"identity.end_other_sessions", R"sql(
    DELETE FROM identity.session WHERE account = $1::uuid AND token_hash <> $2
)sql"};

constexpr db::Statement list_sessions_sql{"identity.list_sessions", R"sql(
    SELECT s.id::text, base.rfc3339(s.created_at) AS created_at, base.rfc3339(s.last_seen_at) AS last_seen_at,
           s.address, s.user_agent, s.method, s.token_hash = $3 AS current
      FROM identity.session s JOIN identity.account a ON a.id = s.account
     WHERE s.account = $1::uuid AND s.expires_at > $2::timestamptz
       AND s.last_seen_at > $2::timestamptz
                            - CASE a.kind WHEN 'staff' THEN interval '30 minutes' ELSE interval '2 hours' END
     ORDER BY s.last_seen_at DESC, s.id LIMIT 100
)sql"};

constexpr db::Statement end_session_sql{"identity.end_session", R"sql(
    DELETE FROM identity.session WHERE account = $1::uuid AND id::text = $2
)sql"};

struct StoredPassword {
    std::string id;
    std::string hash;
    bool second_factor = false;
};
constexpr auto describe(db::RowOf<StoredPassword>) {
    return db::columns(db::column("id", &StoredPassword::id),
                       db::column("password_hash", &StoredPassword::hash),
                       db::column("second_factor", &StoredPassword::second_factor));
}

struct SessionRow {
    std::string id, username, display_name, organization, region;
    std::optional<int> grade_max;
    std::vector<std::string> roles;
    bool seen_long_ago = false, password_due = false, totp_due = false;
};
constexpr auto describe(db::RowOf<SessionRow>) {
    return db::columns(
        db::column("id", &SessionRow::id), db::column("username", &SessionRow::username),
        db::column("display_name", &SessionRow::display_name),
        db::column("organization", &SessionRow::organization), db::column("region", &SessionRow::region),
        db::column("grade_max", &SessionRow::grade_max), db::column("roles", &SessionRow::roles),
        db::column("seen_long_ago", &SessionRow::seen_long_ago),
        db::column("password_due", &SessionRow::password_due), db::column("totp_due", &SessionRow::totp_due));
}

template <class Database>
asio::awaitable<std::optional<SessionRow>> find_row(Database& db, std::string token_hash, std::string at) {
    return db.template find<SessionRow>(
        find_session_sql, std::move(token_hash), std::move(at), identity_config().password_days_max,
        identity_config().totp_required_for, identity_config().totp_grace_days);
}

std::string due(const SessionRow& row) {
    return row.password_due ? "password" : row.totp_due ? "totp" : "";
}

asio::awaitable<Problem> refuse(db::Pool& db, Principal who, std::string account, std::string username,
                                std::string reason, Problem problem) {
    Json detail = {{"username", std::move(username)}, {"reason", std::move(reason)}};
    std::string object = account.empty() ? "unknown" : std::move(account);
    co_await audit::note(db, who, "identity.session.refuse", object, std::move(detail));
    co_return problem;
}

}  // namespace

static constexpr auto describe(db::RowOf<SessionEntry>) {
    return db::columns(
        db::column("id", &SessionEntry::id), db::column("created_at", &SessionEntry::created_at),
        db::column("last_seen_at", &SessionEntry::last_seen_at),
        db::column("address", &SessionEntry::address), db::column("user_agent", &SessionEntry::user_agent),
        db::column("method", &SessionEntry::method), db::column("current", &SessionEntry::current));
}

constinit const db::Statement session_owner_sql{"identity.session_owner", R"sql(
    SELECT NULL::text AS organization, account::text AS account FROM identity.session WHERE id::text = $1
)sql"};

std::string csrf_token_of(std::string_view cookie) {
    return cookie.empty() ? std::string() : to_hex(crypto::hmac_sha256(cookie, "csrf"));
}

asio::awaitable<Result<SignedIn>> open_session(db::Transaction& tx, const Runtime& runtime, Principal who,
                                               std::string account, std::string method, SignIn input) {
    std::string now = to_rfc3339(runtime.now());
    SignedIn session;
    session.token = to_hex(crypto::random_bytes(token_bytes));
    session.csrf_token = csrf_token_of(session.token);
    std::string token_hash = crypto::sha256_hex(session.token);
    co_await tx.run(delete_old_sessions_sql, crypto::sha256_hex(input.previous_cookie), now);
    auto made = co_await tx.run(insert_session_sql, token_hash, account, now, input.address,
                                utf8_prefix(input.user_agent, user_agent_max), method);
    auto user = co_await lock_user(tx, account);
    if (made == 0 || !user) {
        co_return problem::bad_credentials.plain();  // disabled since
    }
    session.user = std::move(*user);
    auto row = co_await find_row(tx, token_hash, now);
    session.pending = row ? due(*row) : "";
    who.kind = Principal::Kind::user;
    who.id = account;
    who.name = session.user.username;
    who.organization = session.user.organization;
    Json detail = {{"method", method}};
    co_await audit::record(tx, who, "identity.session.create", account, std::move(detail));
    co_return session;
}

asio::awaitable<Result<SignedIn>> sign_in(db::Pool& db, const Runtime& runtime, Principal who, SignIn input) {
    Trier trier{lower_ascii(trim(input.username)), input.address};
    auto counted = co_await count_try(db, runtime, trier);
    if (!counted) {
        co_return co_await refuse(db, who, "", "", "locked", counted.error());
    }
    auto stored = co_await db.find<StoredPassword>(find_password_sql, trier.username);
    bool right = co_await verify_password(std::move(input.password), stored ? stored->hash : std::string());
    if (!stored || !right) {
        // People type passwords into the name field: only names that exist go to the log.
        std::string account = stored ? stored->id : "";
        std::string username = stored ? trier.username : "";
        co_return co_await refuse(db, who, std::move(account), std::move(username), "password",
                                  problem::bad_credentials.plain());
    }
    if (stored->second_factor && input.code.empty()) {
        co_await uncount_try(db, trier);
        co_return problem::code_needed.at("/code");
    }
    std::string method = "password";
    auto tx = co_await db.begin();
    if (stored->second_factor) {
        auto used = co_await use_code(tx, runtime.now(), stored->id, std::move(input.code));
        if (!used) {
            who.name = trier.username;
            Json detail = {{"username", trier.username}, {"reason", "code"}};
            co_await audit::record(tx, who, "identity.session.refuse", stored->id, std::move(detail));
            co_await tx.commit();
            co_return problem::bad_code.at("/code");
        }
        method = std::move(*used);
    }
    co_await forget_tries(tx, runtime, trier);
    auto session = co_await open_session(tx, runtime, who, stored->id, std::move(method), std::move(input));
    if (session) {
        co_await tx.commit();
    }
    co_return session;
}

asio::awaitable<void> sign_out(db::Pool& db, const Principal& who, std::string cookie) {
    auto tx = co_await db.begin();
    co_await tx.run(delete_session_sql, crypto::sha256_hex(cookie));
    co_await audit::record(tx, who, "identity.session.delete", who.id, nullptr);
    co_await tx.commit();
}

namespace {

/// Done twice it does no harm, so a read whose session is touched is not hurt by a lost connection either.
asio::awaitable<void> touch(db::Pool& db, std::string token_hash, std::string at) {
    try {
        co_await db.run(touch_session_sql, token_hash, at);
        co_return;
    } catch (const db::Error& error) {
        if (!error.connection_lost()) {
            throw;
        }
    }
    co_await db.run(touch_session_sql, std::move(token_hash), std::move(at));
}

}  // namespace

asio::awaitable<std::optional<http::Authenticated>> session_of(db::Pool& db, const Runtime& runtime,
                                                               std::string cookie) {
    std::string token_hash = crypto::sha256_hex(cookie);
    std::string at = to_rfc3339(runtime.now());
    auto row = co_await find_row(db, token_hash, at);
    if (!row) {
        co_return std::nullopt;
    }
    if (row->seen_long_ago) {
        co_await touch(db, std::move(token_hash), std::move(at));
    }
    http::Authenticated found;
    found.who.kind = Principal::Kind::user;
    std::string pending = due(*row);
    found.who.id = std::move(row->id);
    found.who.name = std::move(row->username);
    found.who.display_name = std::move(row->display_name);
    found.who.organization = std::move(row->organization);
    found.who.region = std::move(row->region);
    if (pending.empty()) {
        int grade = row->grade_max.value_or(grade_ceiling(row->roles));
        found.who.roles = std::move(row->roles);
        found.who.roles.push_back(std::string(grade_label) + std::to_string(grade));
    } else {
        found.who.roles = {std::string(pending == "password" ? password_due_role : totp_due_role)};
    }
    found.csrf_token = csrf_token_of(cookie);
    co_return found;
}

asio::awaitable<std::int64_t> end_other_sessions(db::Transaction& tx, std::string account,
                                                 std::string cookie) {
    std::string kept = cookie.empty() ? std::string() : crypto::sha256_hex(cookie);
    co_return co_await tx.run(end_other_sessions_sql, std::move(account), std::move(kept));
}

Json to_json(const SessionEntry& entry) {
    return {
        {"id", entry.id},           {"created_at", entry.created_at}, {"last_seen_at", entry.last_seen_at},
        {"address", entry.address}, {"user_agent", entry.user_agent}, {"method", entry.method},
        {"current", entry.current}};
}

asio::awaitable<std::vector<SessionEntry>> sessions_of(db::Pool& db, const Runtime& runtime,
                                                       std::string account, std::string cookie) {
    if (!is_id(account)) {
        co_return std::vector<SessionEntry>{};
    }
    co_return co_await db.all<SessionEntry>(list_sessions_sql, std::move(account), to_rfc3339(runtime.now()),
                                            crypto::sha256_hex(cookie));
}

asio::awaitable<Result<void>> end_session(db::Transaction& tx, const Principal& who, std::string account,
                                          std::string session_id) {
    auto ended = is_id(account) ? co_await tx.run(end_session_sql, account, session_id) : 0;
    if (ended == 0) {
        co_return problem::no_session.plain();
    }
    Json detail = {{"session", session_id}};
    co_await audit::record(tx, who, "identity.session.end", account, std::move(detail));
    co_return Result<void>{};
}

asio::awaitable<std::int64_t> end_others(db::Transaction& tx, const Principal& who, std::string cookie) {
    auto ended = co_await end_other_sessions(tx, who.id, std::move(cookie));
    Json detail = {{"sessions", ended}};
    co_await audit::record(tx, who, "identity.session.end", who.id, std::move(detail));
    co_return ended;
}

asio::awaitable<Result<std::int64_t>> end_sessions_of(db::Transaction& tx, const Principal& who,
                                                      std::string account) {
    auto user = co_await lock_user(tx, account);
    if (!user) {
        co_return problem::no_user.plain();
    }
    auto ended = co_await end_other_sessions(tx, user->id, "");
    Json detail = {{"sessions", ended}};
    co_await audit::record(tx, who, "identity.session.end", user->id, std::move(detail));
    co_return ended;
}

PENGCHENG_STATEMENTS(find_password_sql, insert_session_sql, delete_old_sessions_sql, delete_session_sql,
                     find_session_sql, touch_session_sql, end_other_sessions_sql, list_sessions_sql,
                     end_session_sql, session_owner_sql);

}  // namespace pengcheng::identity
