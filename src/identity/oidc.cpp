#include "identity/oidc.hpp"

#include "identity/keys.hpp"
#include "identity/problems.hpp"
#include "identity/users.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/base/reference.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/http/outgoing.hpp>

#include <nlohmann/json.hpp>

#include <mutex>

namespace pengcheng::identity {

namespace {

constexpr std::chrono::seconds skew_max{60};
constexpr std::chrono::minutes attempt_lives{10};
/// The provider's addresses and keys are read again after this, and at an unknown key at most once a minute.
constexpr std::chrono::hours provider_lives{1};
constexpr std::chrono::minutes keys_live_min{1};
constexpr std::size_t subject_max = 255;

constexpr db::Statement begin_attempt_sql{"identity.begin_oidc", R"sql(
    INSERT INTO identity.oidc_attempt (state_hash, browser_hash, nonce, verifier, back, account, expires_at)
    VALUES ($1, $2, $3, $4, $5, nullif($6, '')::uuid, $7::timestamptz)
)sql"};

constexpr db::Statement drop_attempts_sql{"identity.drop_oidc", R"sql(
    DELETE FROM identity.oidc_attempt WHERE expires_at <= $1::timestamptz
)sql"};

constexpr db::Statement take_attempt_sql{"identity.take_oidc", R"sql(
    DELETE FROM identity.oidc_attempt
     WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > $3::timestamptz
 RETURNING nonce, verifier, back, coalesce(account::text, '') AS account
)sql"};

constexpr db::Statement find_link_sql{"identity.find_outside", R"sql(
    SELECT account::text FROM identity.outside_identity WHERE issuer = $1 AND subject = $2
)sql"};

// By user name only staff without an administrator's role; by ID number only citizens.
constexpr db::Statement match_account_sql{"identity.match_outside", R"sql(
    SELECT a.id::text,
           CASE WHEN a.kind = 'staff' THEN 'username' ELSE 'id_number' END AS linked_by
      FROM identity.account a
     WHERE a.state = 'active'
       AND ((a.kind = 'staff' AND a.username = nullif($1, ''))
            OR (a.kind = 'citizen' AND a.id_number_index = nullif($2, '')))
       AND NOT EXISTS (SELECT FROM identity.role_assignment r
                        WHERE r.account = a.id AND r.role LIKE '%\_admin')
     ORDER BY a.kind LIMIT 1
)sql"};

constexpr db::Statement insert_link_sql{"identity.insert_outside", R"sql(
    INSERT INTO identity.outside_identity (issuer, subject, account, linked_at, linked_by)
    VALUES ($1, $2, $3::uuid, $4::timestamptz, $5)
)sql"};

constexpr db::Statement delete_links_sql{"identity.delete_outside", R"sql(
    DELETE FROM identity.outside_identity WHERE account = $1::uuid
)sql"};

struct Attempt {
    std::string nonce, verifier, back, account;
};
constexpr auto describe(db::RowOf<Attempt>) {
    return db::columns(db::column("nonce", &Attempt::nonce), db::column("verifier", &Attempt::verifier),
                       db::column("back", &Attempt::back), db::column("account", &Attempt::account));
}

struct Match {
    std::string id, linked_by;
};
constexpr auto describe(db::RowOf<Match>) {
    return db::columns(db::column("id", &Match::id), db::column("linked_by", &Match::linked_by));
}

struct Provider {
    std::string authorization_endpoint, token_endpoint, jwks_uri;
    Json keys;
    Time read_at, keys_read_at;
};
struct KnownProvider {
    std::mutex mutex;
    std::shared_ptr<const Provider> provider;
};
KnownProvider& known() {
    static KnownProvider one;
    return one;
}
std::shared_ptr<const Provider> provider_known() {
    std::lock_guard lock(known().mutex);
    return known().provider;
}
void know(std::shared_ptr<const Provider> provider) {
    std::lock_guard lock(known().mutex);
    known().provider = std::move(provider);
}

std::string verifier_place(std::string_view state_hash) {
    return "oidc/" + std::string(state_hash);
}

/// The provider's answer as an object; the problem says what it was asked for.
asio::awaitable<Result<Json>> ask(http::OutgoingRequest request) {
    http::OutgoingLimits limits{.networks = join(identity_config().oidc.networks, ",")};
    std::string url = request.url;
    auto reply = co_await http::send_out(std::move(request), std::move(limits));
    if (!reply) {
        co_return reply.error();
    }
    auto json = parse_json(reply->body);
    if (reply->status != 200 || !json || !json->is_object()) {
        co_return problem::oidc_failed.because("认证服务应答异常：" + url,
                                               "odd answer of the provider: " + url);
    }
    co_return std::move(*json);
}

asio::awaitable<Result<Json>> get(std::string url) {
    http::OutgoingRequest request{.url = std::move(url)};
    request.headers.emplace_back("Accept", "application/json");
    return ask(std::move(request));
}

/// RFC 4648 §4, as HTTP Basic wants it.
std::string base64(std::string_view bytes) {
    std::string text = base64url(bytes);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    return text + std::string((4 - text.size() % 4) % 4, '=');
}

std::string member(const Json& object, const char* name) {
    auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Discovery (OpenID Connect Discovery §4) and keys.
asio::awaitable<Result<std::shared_ptr<const Provider>>> provider(const Runtime& runtime, bool fresh_keys) {
    auto found = provider_known();
    Time now = runtime.now();
    bool recent = found && now - found->read_at < provider_lives;
    bool keys_serve = recent && (!fresh_keys || now - found->keys_read_at < keys_live_min);
    if (keys_serve) {
        co_return found;
    }
    auto made = recent ? std::make_shared<Provider>(*found) : std::make_shared<Provider>();
    if (!recent) {
        const std::string& issuer = identity_config().oidc.issuer;
        std::string base = issuer.ends_with('/') ? issuer.substr(0, issuer.size() - 1) : issuer;
        auto document = co_await get(base + "/.well-known/openid-configuration");
        if (!document) {
            co_return document.error();
        }
        made->authorization_endpoint = member(*document, "authorization_endpoint");
        made->token_endpoint = member(*document, "token_endpoint");
        made->jwks_uri = member(*document, "jwks_uri");
        made->read_at = now;
        bool whole = member(*document, "issuer") == issuer && http::split_url(made->authorization_endpoint) &&
                     http::split_url(made->token_endpoint) && http::split_url(made->jwks_uri);
        if (!whole) {
            co_return problem::oidc_failed.because("发现文档与配置的 issuer 不符",
                                                   "the discovery document is not of this issuer");
        }
    }
    auto keys = co_await get(made->jwks_uri);
    if (!keys) {
        co_return keys.error();
    }
    made->keys = std::move(*keys);
    made->keys_read_at = now;
    std::shared_ptr<const Provider> shared = std::move(made);
    know(shared);
    co_return shared;
}

std::string redirect_uri(const Runtime& runtime) {
    return runtime.config.base_url() + "/login/oidc/callback";
}

std::string form_of(const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        out += (out.empty() ? "" : "&") + name + "=" + percent_encode(value);
    }
    return out;
}

asio::awaitable<Result<std::string>> id_token_for(const Runtime& runtime,
                                                  std::shared_ptr<const Provider> provider, std::string code,
                                                  std::string verifier) {
    const OidcConfig& config = identity_config().oidc;
    std::string secret = resolve_references(config.client_secret);
    std::string basic = percent_encode(config.client_id) + ":" + percent_encode(secret);
    http::OutgoingRequest request{.method = "POST",
                                  .url = provider->token_endpoint,
                                  .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                                              {"Accept", "application/json"},
                                              {"Authorization", "Basic " + base64(basic)}},
                                  .body = form_of({{"grant_type", "authorization_code"},
                                                   {"code", code},
                                                   {"redirect_uri", redirect_uri(runtime)},
                                                   {"code_verifier", verifier}})};
    auto reply = co_await ask(std::move(request));
    if (!reply) {
        co_return reply.error();
    }
    std::string token = member(*reply, "id_token");
    if (token.empty()) {
        co_return problem::oidc_failed.because("认证服务没有返回 ID 令牌", "the provider gave no ID token");
    }
    co_return token;
}

asio::awaitable<Result<OidcClaims>> claims_of(const Runtime& runtime, Attempt attempt, std::string code) {
    auto known_provider = co_await provider(runtime, false);
    if (!known_provider) {
        co_return known_provider.error();
    }
    auto token = co_await id_token_for(runtime, *known_provider, std::move(code), attempt.verifier);
    if (!token) {
        co_return token.error();
    }
    const OidcConfig& config = identity_config().oidc;
    auto checked = check_id_token(*token, (*known_provider)->keys, config.issuer, config.client_id,
                                  attempt.nonce, runtime.now());
    if (checked) {
        co_return checked;
    }
    // The provider may have rotated its keys since they were read.
    auto again = co_await provider(runtime, true);
    if (!again) {
        co_return again.error();
    }
    co_return check_id_token(*token, (*again)->keys, config.issuer, config.client_id, attempt.nonce,
                             runtime.now());
}

/// The account of this subject: linked before, linked now by its holder, or matched by a configured claim.
asio::awaitable<Result<std::string>> account_for(db::Transaction& tx, const Runtime& runtime, Principal who,
                                                 OidcClaims found, std::string link_to) {
    const OidcConfig& config = identity_config().oidc;
    auto linked = co_await tx.find<std::string>(find_link_sql, config.issuer, found.subject);
    if (linked) {
        if (!link_to.empty() && *linked != link_to) {
            co_return problem::oidc_taken.plain();
        }
        co_return *linked;
    }
    Match match{link_to, "account"};
    if (link_to.empty()) {
        auto claim = [&](const std::string& name) {
            return name.empty() ? std::string() : member(found.claims, name.c_str());
        };
        std::string number = claim(config.id_number_claim);
        std::string index = number.empty() ? std::string() : id_number_index(number);
        auto matched = co_await tx.find<Match>(match_account_sql, lower_ascii(claim(config.username_claim)),
                                               std::move(index));
        if (!matched) {
            co_return problem::oidc_unknown.because(
                "请先用密码登录，再到“账号安全”关联统一身份认证",
                "sign in with your password and link the provider under account security");
        }
        match = std::move(*matched);
    }
    co_await tx.run(insert_link_sql, config.issuer, found.subject, match.id, to_rfc3339(runtime.now()),
                    match.linked_by);
    Json detail = {{"issuer", config.issuer}, {"linked_by", match.linked_by}};
    co_await audit::record(tx, who, "identity.outside.create", match.id, std::move(detail));
    co_return match.id;
}

}  // namespace

bool oidc_configured() {
    return !identity_config().oidc.issuer.empty();
}

Result<OidcClaims> check_id_token(std::string_view token, const Json& jwk_set, std::string_view issuer,
                                  std::string_view client_id, std::string_view nonce, Time now) {
    auto refuse = [](std::string zh, std::string en) {
        return problem::oidc_failed.because("ID 令牌无效：" + std::move(zh),
                                            "the ID token does not hold: " + std::move(en));
    };
    auto jwt = read_jwt(token);
    if (!jwt) {
        return refuse("格式不对", "not a token");
    }
    bool verified = false;
    auto keys = jwk_set.find("keys");
    if (keys != jwk_set.end() && keys->is_array()) {
        for (const Json& jwk : *keys) {
            bool named = jwt->key_id().empty() ? keys->size() == 1
                                               : jwk.is_object() && jwk.value("kid", Json()) == jwt->key_id();
            auto key = named ? public_key_of(jwk) : std::nullopt;
            verified = verified ||
                       (key && crypto::verify_jws(*key, jwt->algorithm(), jwt->signed_text, jwt->signature));
        }
    }
    if (!verified) {
        return refuse("签名", "signature");
    }
    bool several =
        jwt->claims.contains("aud") && jwt->claims["aud"].is_array() && jwt->claims["aud"].size() > 1;
    std::string party = jwt->text(jwt->claims, "azp");
    if (jwt->text(jwt->claims, "iss") != issuer || !jwt->is_for(client_id) ||
        ((several || !party.empty()) && party != client_id)) {
        return refuse("签发者或受众", "issuer or audience");
    }
    auto at = [](std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); };
    auto expires = jwt->number("exp");
    auto issued = jwt->number("iat");
    if (!expires || !issued || at(*expires) + skew_max <= now || at(*issued) > now + skew_max) {
        return refuse("时间", "time");
    }
    if (nonce.empty() || !crypto::equal(jwt->text(jwt->claims, "nonce"), nonce)) {
        return refuse("nonce", "nonce");
    }
    std::string subject = jwt->text(jwt->claims, "sub");
    if (subject.empty() || subject.size() > subject_max) {
        return refuse("主体", "subject");
    }
    return OidcClaims{std::move(subject), std::move(jwt->claims)};
}

asio::awaitable<Result<OidcStart>> oidc_begin(db::Pool& db, const Runtime& runtime, std::string back,
                                              std::string account) {
    if (!oidc_configured()) {
        co_return pengcheng::problem::not_found.plain();
    }
    auto found = co_await provider(runtime, false);
    if (!found) {
        co_return found.error();
    }
    std::string state = base64url(crypto::random_bytes(32));
    std::string state_hash = crypto::sha256_hex(state);
    std::string nonce = base64url(crypto::random_bytes(32));
    std::string verifier = base64url(crypto::random_bytes(32));
    OidcStart start{.browser = base64url(crypto::random_bytes(32))};
    Time now = runtime.now();
    co_await db.run(drop_attempts_sql, to_rfc3339(now));
    co_await db.run(begin_attempt_sql, state_hash, crypto::sha256_hex(start.browser), nonce,
                    seal_secret(verifier_place(state_hash), verifier), std::move(back), std::move(account),
                    to_rfc3339(now + attempt_lives));
    const OidcConfig& config = identity_config().oidc;
    std::string query = form_of({{"response_type", "code"},
                                 {"client_id", config.client_id},
                                 {"redirect_uri", redirect_uri(runtime)},
                                 {"scope", config.scopes},
                                 {"state", state},
                                 {"nonce", nonce},
                                 {"code_challenge", base64url(crypto::sha256(verifier))},
                                 {"code_challenge_method", "S256"}});
    const std::string& page = (*found)->authorization_endpoint;
    start.location = page + (page.find('?') == std::string::npos ? "?" : "&") + query;
    co_return start;
}

asio::awaitable<Result<OidcSignedIn>> oidc_finish(db::Pool& db, const Runtime& runtime, Principal who,
                                                  OidcAnswer answer, SignIn input) {
    std::string state_hash = crypto::sha256_hex(answer.state);
    auto attempt = co_await db.find<Attempt>(take_attempt_sql, state_hash, crypto::sha256_hex(answer.browser),
                                             to_rfc3339(runtime.now()));
    bool ours = answer.issuer.empty() || answer.issuer == identity_config().oidc.issuer;
    if (!attempt || !ours || !answer.error.empty() || answer.code.empty()) {
        co_await audit::note(db, who, "identity.session.refuse", "oidc", Json{{"reason", "answer"}});
        co_return problem::oidc_failed.because("登录已过期或被取消，请重新登录",
                                               "it was cancelled or took too long; sign in again");
    }
    attempt->verifier = open_secret(verifier_place(state_hash), attempt->verifier);
    auto claims = co_await claims_of(runtime, *attempt, std::move(answer.code));
    if (!claims) {
        co_await audit::note(db, who, "identity.session.refuse", "oidc", Json{{"reason", "token"}});
        co_return claims.error();
    }
    auto tx = co_await db.begin();
    auto account = co_await account_for(tx, runtime, who, std::move(*claims), attempt->account);
    if (!account) {
        co_return account.error();
    }
    auto user = co_await lock_user(tx, *account);
    bool administrator =
        user && std::any_of(user->roles.begin(), user->roles.end(),
                            [](const std::string& role) { return role.ends_with("_admin"); });
    if (administrator) {
        co_return problem::oidc_administrator.plain();
    }
    auto session = co_await open_session(tx, runtime, who, *account, "oidc", std::move(input));
    if (!session) {
        co_return session.error();
    }
    co_await tx.commit();
    co_return OidcSignedIn{std::move(*session), attempt->back};
}

asio::awaitable<Result<void>> unlink_outside(db::Transaction& tx, const Principal& who) {
    if (who.kind != Principal::Kind::user || co_await tx.run(delete_links_sql, who.id) == 0) {
        co_return pengcheng::problem::not_found.plain();
    }
    co_await audit::record(tx, who, "identity.outside.delete", who.id, nullptr);
    co_return Result<void>{};
}

PENGCHENG_STATEMENTS(begin_attempt_sql, drop_attempts_sql, take_attempt_sql, find_link_sql, match_account_sql,
                     insert_link_sql, delete_links_sql);

}  // namespace pengcheng::identity
