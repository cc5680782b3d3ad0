#include "identity/tokens.hpp"

#include "identity/jwt.hpp"
#include "identity/permissions.hpp"
#include "identity/signing_keys.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::string_view audience = "pengcheng";
/// Another machine's clock may be this far ahead.
constexpr std::chrono::seconds skew_max{60};

constexpr db::Statement find_secrets_sql{"identity.find_secrets", R"sql(
    SELECT c.client_id, c.name, c.organization, s.id::text AS secret_id, s.secret_hash
      FROM identity.client c JOIN identity.client_secret s ON s.client = c.client_id
     WHERE c.client_id = $1 AND c.state = 'active' AND s.retired_at IS NULL
)sql"};

// Locks the client against being disabled meanwhile. At most one write a minute and secret.
constexpr db::Statement touch_secret_sql{"identity.touch_secret", R"sql(
    WITH alive AS (SELECT client_id FROM identity.client WHERE client_id = $1 AND state = 'active' FOR SHARE),
         seen AS (UPDATE identity.client_secret SET last_used_at = $3::timestamptz
                   WHERE id = $2::uuid AND retired_at IS NULL
                     AND coalesce(last_used_at, '-infinity') < $3::timestamptz - interval '1 minute')
    SELECT client_id FROM alive
)sql"};

constexpr db::Statement find_bearer_sql{"identity.find_bearer", R"sql(
    SELECT c.client_id, c.name, c.organization, o.region, c.grade_max
      FROM identity.client c
      JOIN identity.organization o ON o.code = c.organization
      JOIN identity.client_secret s ON s.client = c.client_id
     WHERE c.client_id = $1 AND s.id::text = $2 AND c.state = 'active' AND s.retired_at IS NULL
)sql"};

struct StoredSecret {
    std::string client_id, name, organization, secret_id, secret_hash;
};
constexpr auto describe(db::RowOf<StoredSecret>) {
    return db::columns(db::column("client_id", &StoredSecret::client_id),
                       db::column("name", &StoredSecret::name),
                       db::column("organization", &StoredSecret::organization),
                       db::column("secret_id", &StoredSecret::secret_id),
                       db::column("secret_hash", &StoredSecret::secret_hash));
}

struct BearerRow {
    std::string client_id, name, organization, region;
    std::optional<int> grade_max;
};
constexpr auto describe(db::RowOf<BearerRow>) {
    return db::columns(db::column("client_id", &BearerRow::client_id), db::column("name", &BearerRow::name),
                       db::column("organization", &BearerRow::organization),
                       db::column("region", &BearerRow::region),
                       db::column("grade_max", &BearerRow::grade_max));
}

/// Names of a form are given once (§3.2); nothing for a broken or doubled one.
std::optional<std::map<std::string, std::string>> read_form(std::string_view form) {
    std::map<std::string, std::string> fields;
    for (std::string_view pair : split(form, '&')) {
        std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value =
            percent_decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view(), true);
        bool clean = name && value && valid_utf8(*value) && value->find('\0') == std::string::npos;
        if (!clean || (!name->empty() && !fields.emplace(*name, *value).second)) {
            return std::nullopt;
        }
    }
    return fields;
}

Principal client_principal(std::string client_id, std::string name, std::string organization) {
    Principal who;
    who.kind = Principal::Kind::client;
    who.id = client_id;
    who.name = std::move(client_id);
    who.display_name = std::move(name);
    who.organization = std::move(organization);
    who.roles = {"client"};
    return who;
}

/// The secret that was sent, of the client's live ones. Compares with both, and with one that is none for an
/// unknown client, so that the time tells nothing.
const StoredSecret* matching(const std::vector<StoredSecret>& stored, std::string_view secret) {
    std::string hash = crypto::sha256_hex(secret);
    const StoredSecret* found = nullptr;
    for (std::size_t i = 0; i < 2; ++i) {
        std::string expected = i < stored.size() ? stored[i].secret_hash : std::string(64, '-');
        if (crypto::equal(hash, expected)) {
            found = &stored[i];
        }
    }
    return found;
}

std::int64_t seconds_of(Time at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::string new_token(const SigningKey& key, const Runtime& runtime, const StoredSecret& secret) {
    std::int64_t now = seconds_of(runtime.now());
    Json header = {{"alg", "EdDSA"}, {"typ", "at+jwt"}, {"kid", key.kid}};
    Json claims = {{"iss", runtime.config.base_url()},
                   {"sub", secret.client_id},
                   {"client_id", secret.client_id},
                   {"aud", audience},
                   {"scope", "data"},
                   {"sec", secret.secret_id},
                   {"jti", new_id()},
                   {"iat", now},
                   {"exp", now + token_seconds}};
    return sign_jwt(header, claims, key.seed);
}

}  // namespace

void throw_exception_from_error(const OauthError& error, const boost::source_location&) {
    throw std::runtime_error(std::string(error.error));
}

boost::system::result<TokenRequest, OauthError> read_token_request(std::string_view form,
                                                                   std::string_view authorization) {
    auto fields = read_form(form);
    if (!fields) {
        return OauthError{400, "invalid_request", "The form is broken or names a parameter twice"};
    }
    TokenRequest request{.grant_type = (*fields)["grant_type"],
                         .client_id = (*fields)["client_id"],
                         .secret = (*fields)["client_secret"],
                         .scope = (*fields)["scope"]};
    if (starts_with_ci(authorization, "Basic ")) {
        auto pair = base64_decode(trim(authorization.substr(6)));
        std::size_t colon = pair ? pair->find(':') : std::string::npos;
        if (colon == std::string::npos) {
            return OauthError{401, "invalid_client", "The Basic credentials cannot be read"};
        }
        auto id = percent_decode(std::string_view(*pair).substr(0, colon), true);
        auto secret = percent_decode(std::string_view(*pair).substr(colon + 1), true);
        if (!request.secret.empty()) {
            return OauthError{400, "invalid_request", "Send the credentials one way only"};
        }
        bool clean = id && secret && valid_utf8(*id) && id->find('\0') == std::string::npos;
        if (!clean || (!request.client_id.empty() && request.client_id != *id)) {
            return OauthError{401, "invalid_client", "The Basic credentials cannot be read"};
        }
        request.client_id = std::move(*id);
        request.secret = std::move(*secret);
        request.by_header = true;
    }
    if (request.grant_type.empty()) {
        return OauthError{400, "invalid_request", "grant_type is missing"};
    }
    if (request.grant_type != "client_credentials") {
        return OauthError{400, "unsupported_grant_type", "Only client_credentials is given"};
    }
    if (request.client_id.empty() || request.secret.empty()) {
        return OauthError{401, "invalid_client", "Send client_id and client_secret"};
    }
    if (!request.scope.empty() && request.scope != "data") {
        return OauthError{400, "invalid_scope", "The only scope is data"};
    }
    return request;
}

asio::awaitable<std::optional<std::string>> issue_token(db::Pool& db, const Runtime& runtime, Principal who,
                                                        TokenRequest request) {
    auto stored = co_await db.all<StoredSecret>(find_secrets_sql, request.client_id);
    const StoredSecret* secret = matching(stored, request.secret);
    if (secret == nullptr) {
        std::string object = stored.empty() ? "unknown" : stored.front().client_id;
        co_await audit::note(db, who, "identity.token.refuse", object, nullptr);
        co_return std::nullopt;
    }
    auto ring = co_await signing_ring(db, runtime);
    Principal client = client_principal(secret->client_id, secret->name, secret->organization);
    client.address = who.address;
    client.request_id = who.request_id;
    auto tx = co_await db.begin();
    auto alive = co_await tx.find<std::string>(touch_secret_sql, secret->client_id, secret->secret_id,
                                               to_rfc3339(runtime.now()));
    if (!alive) {
        co_return std::nullopt;  // disabled since
    }
    Json detail = {{"secret", secret->secret_id}};
    co_await audit::record(tx, client, "identity.token.create", secret->client_id, std::move(detail));
    co_await tx.commit();
    const SigningKey* key = ring->signer(runtime.now());
    if (key == nullptr) {
        throw std::runtime_error("identity: no key signs tokens");
    }
    co_return new_token(*key, runtime, *secret);
}

std::optional<TokenClaims> check_token(std::string_view token, const KeyRing& ring, Time now) {
    auto jwt = read_jwt(token);
    if (!jwt || jwt->algorithm() != "EdDSA" || jwt->text(jwt->header, "typ") != "at+jwt") {
        return std::nullopt;
    }
    const SigningKey* key = ring.find(jwt->key_id(), now);
    if (key == nullptr) {
        return std::nullopt;
    }
    crypto::PublicKey public_key{.first = key->public_key};
    if (!crypto::verify_jws(public_key, "EdDSA", jwt->signed_text, jwt->signature)) {
        return std::nullopt;
    }
    // `iss` is not compared: the key is of this database alone, and its processes may have several addresses.
    auto expires = jwt->number("exp");
    auto issued = jwt->number("iat");
    if (!expires || !issued || !jwt->is_for(audience) || *expires <= seconds_of(now) ||
        *issued > seconds_of(now + skew_max)) {
        return std::nullopt;
    }
    return TokenClaims{.client_id = jwt->text(jwt->claims, "sub"),
                       .secret_id = jwt->text(jwt->claims, "sec"),
                       .expires_at = Time(std::chrono::seconds(*expires))};
}

asio::awaitable<std::optional<Bearer>> bearer_of(db::Pool& db, Time now, std::string token) {
    auto ring = co_await key_ring(db);
    auto claims = check_token(token, *ring, now);
    if (!claims) {
        co_return std::nullopt;
    }
    auto row = co_await db.find<BearerRow>(find_bearer_sql, claims->client_id, claims->secret_id);
    if (!row) {
        co_return std::nullopt;
    }
    Bearer found{.who = client_principal(std::move(row->client_id), std::move(row->name),
                                         std::move(row->organization)),
                 .expires_at = claims->expires_at};
    found.who.region = std::move(row->region);
    int grade = row->grade_max.value_or(grade_ceiling(found.who.roles));
    found.who.roles.push_back(std::string(grade_label) + std::to_string(grade));
    co_return found;
}

Json server_metadata(const std::string& base_url) {
    return {{"issuer", base_url},
            {"token_endpoint", base_url + "/oauth/token"},
            {"jwks_uri", base_url + "/.well-known/jwks.json"},
            {"grant_types_supported", {"client_credentials"}},
            {"response_types_supported", Json::array()},
            {"scopes_supported", {"data"}},
            {"token_endpoint_auth_methods_supported", {"client_secret_basic", "client_secret_post"}},
            {"service_documentation", base_url + "/api/docs"}};
}

PENGCHENG_STATEMENTS(find_secrets_sql, touch_secret_sql, find_bearer_sql);

}  // namespace pengcheng::identity
