#include "identity/tokens.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::identity {

namespace {

constexpr std::size_t token_bytes = 32;

constexpr db::Statement find_secret_sql{"identity.find_secret", R"sql(
    SELECT client_id, name, organization, secret_hash
      FROM identity.client WHERE client_id = $1 AND state = 'active'
)sql"};

constexpr db::Statement delete_expired_sql{"identity.delete_expired_tokens", R"sql(
    DELETE FROM identity.token WHERE client = $1 AND expires_at <= $2::timestamptz
)sql"};

constexpr db::Statement insert_token_sql{"identity.insert_token", R"sql(
    INSERT INTO identity.token (token_hash, client, issued_at, expires_at)
    SELECT $1, client_id, $3::timestamptz, $3::timestamptz + $4::integer * interval '1 second'
      FROM identity.client WHERE client_id = $2 AND state = 'active' FOR SHARE
)sql"};

constexpr db::Statement find_token_sql{"identity.find_token", R"sql(
    SELECT c.client_id, c.name, c.organization, o.region
      FROM identity.token t
      JOIN identity.client c ON c.client_id = t.client
      JOIN identity.organization o ON o.code = c.organization
     WHERE t.token_hash = $1 AND t.expires_at > $2::timestamptz AND c.state = 'active'
)sql"};

struct StoredClient {
    std::string client_id, name, organization, secret_hash;
};
constexpr auto describe(db::RowOf<StoredClient>) {
    return db::columns(db::column("client_id", &StoredClient::client_id),
                       db::column("name", &StoredClient::name),
                       db::column("organization", &StoredClient::organization),
                       db::column("secret_hash", &StoredClient::secret_hash));
}

struct Bearer {
    std::string client_id, name, organization, region;
};
constexpr auto describe(db::RowOf<Bearer>) {
    return db::columns(db::column("client_id", &Bearer::client_id), db::column("name", &Bearer::name),
                       db::column("organization", &Bearer::organization),
                       db::column("region", &Bearer::region));
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

Principal client_principal(std::string client_id, std::string name, std::string organization,
                           std::string region) {
    Principal who;
    who.kind = Principal::Kind::client;
    who.id = client_id;
    who.name = std::move(client_id);
    who.display_name = std::move(name);
    who.organization = std::move(organization);
    who.region = std::move(region);
    who.roles = {"client"};
    return who;
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

asio::awaitable<std::optional<std::string>> issue_token(db::Pool& db, Time now, Principal who,
                                                        TokenRequest request) {
    auto stored = co_await db.find<StoredClient>(find_secret_sql, request.client_id);
    bool right = crypto::equal(crypto::sha256_hex(request.secret),
                               stored ? stored->secret_hash : std::string(64, '-'));
    if (!stored || !right) {
        std::string object = stored ? stored->client_id : "unknown";
        co_await audit::note(db, who, "identity.token.refuse", object, nullptr);
        co_return std::nullopt;
    }
    std::string at = to_rfc3339(now);
    std::string token = to_hex(crypto::random_bytes(token_bytes));
    Principal client = client_principal(stored->client_id, stored->name, stored->organization, "");
    client.address = who.address;
    client.request_id = who.request_id;
    auto tx = co_await db.begin();
    co_await tx.run(delete_expired_sql, stored->client_id, at);
    auto made =
        co_await tx.run(insert_token_sql, crypto::sha256_hex(token), stored->client_id, at, token_seconds);
    if (made == 0) {
        co_return std::nullopt;  // disabled since
    }
    co_await audit::record(tx, client, "identity.token.create", stored->client_id, nullptr);
    co_await tx.commit();
    co_return token;
}

asio::awaitable<std::optional<Principal>> bearer_of(db::Pool& db, Time now, std::string token) {
    auto row = co_await db.find<Bearer>(find_token_sql, crypto::sha256_hex(token), to_rfc3339(now));
    if (!row) {
        co_return std::nullopt;
    }
    co_return client_principal(std::move(row->client_id), std::move(row->name), std::move(row->organization),
                               std::move(row->region));
}

PENGCHENG_STATEMENTS(find_secret_sql, delete_expired_sql, insert_token_sql, find_token_sql);

}  // namespace pengcheng::identity
