#include "identity/signing_keys.hpp"

#include "identity/keys.hpp"
#include "identity/tokens.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/identity_config.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/db/changes.hpp>

#include <nlohmann/json.hpp>

#include <mutex>

namespace pengcheng::identity {

namespace {

/// A new key is published this long before it signs, so that who caches the set knows it in time.
constexpr std::chrono::minutes announced{10};
/// An old key is checked against for the life of its last token and some clock difference.
constexpr std::chrono::seconds overlap{token_seconds + 300};

constexpr db::Statement list_keys_sql{"identity.list_signing_keys", R"sql(
    SELECT kid, public_key, sealed, base.rfc3339(created_at) AS created_at,
           base.rfc3339(signs_from) AS signs_from, base.rfc3339(retired_at) AS retired_at
      FROM identity.signing_key ORDER BY created_at DESC, kid LIMIT 100
)sql"};

// The lock makes processes that find the same key too old agree on one new one.
constexpr db::Statement lock_keys_sql{"identity.lock_signing_keys", R"sql(
    SELECT pg_advisory_xact_lock(hashtext('identity.signing_key'))::text
)sql"};

constexpr db::Statement insert_key_sql{"identity.insert_signing_key", R"sql(
    INSERT INTO identity.signing_key (kid, public_key, sealed, created_at, signs_from)
    VALUES ($1, $2, $3, $4::timestamptz, $5::timestamptz)
)sql"};

constexpr db::Statement retire_keys_sql{"identity.retire_signing_keys", R"sql(
    UPDATE identity.signing_key SET retired_at = $2::timestamptz
     WHERE kid <> $1 AND (retired_at IS NULL OR retired_at > $2::timestamptz)
)sql"};

struct KeyRow {
    std::string kid, public_key, sealed, created_at, signs_from;
    std::optional<std::string> retired_at;
};
constexpr auto describe(db::RowOf<KeyRow>) {
    return db::columns(db::column("kid", &KeyRow::kid), db::column("public_key", &KeyRow::public_key),
                       db::column("sealed", &KeyRow::sealed), db::column("created_at", &KeyRow::created_at),
                       db::column("signs_from", &KeyRow::signs_from),
                       db::column("retired_at", &KeyRow::retired_at));
}

SigningKey opened(const KeyRow& row) {
    SigningKey key{.kid = row.kid,
                   .public_key = base64_decode(row.public_key).value_or(""),
                   .seed = open_secret(signing_key_place(row.kid), row.sealed),
                   .created_at = parse_time(row.created_at).value(),
                   .signs_from = parse_time(row.signs_from).value()};
    if (row.retired_at) {
        key.retired_at = parse_time(*row.retired_at);
    }
    return key;
}

template <class Database>
asio::awaitable<std::shared_ptr<const KeyRing>> read_ring(Database& db) {
    auto ring = std::make_shared<KeyRing>();
    for (const KeyRow& row : co_await db.template all<KeyRow>(list_keys_sql)) {
        ring->keys.push_back(opened(row));
    }
    co_return ring;
}

/// What this process read last, and what the rights epoch was before it read.
struct Known {
    std::mutex mutex;
    std::shared_ptr<const KeyRing> ring;
    std::uint64_t epoch = 0;
};
Known& known() {
    static Known one;
    return one;
}

bool too_old(const KeyRing& ring, const Runtime& runtime) {
    std::chrono::days age{identity_config().token_key_days};
    return ring.signer(runtime.now()) == nullptr || runtime.now() - ring.keys.front().created_at > age;
}

asio::awaitable<void> add_key(db::Transaction& tx, Time now, Time signs_from, Time others_until) {
    std::string seed = crypto::random_bytes(crypto::key_bytes);
    std::string public_key = base64url(crypto::ed25519_public_key(seed));
    std::string kid = crypto::sha256_hex(public_key).substr(0, 16);
    std::string sealed = seal_secret(signing_key_place(kid), seed);
    co_await tx.run(insert_key_sql, kid, public_key, std::move(sealed), to_rfc3339(now),
                    to_rfc3339(signs_from));
    co_await tx.run(retire_keys_sql, kid, to_rfc3339(others_until));
}

}  // namespace

std::string signing_key_place(std::string_view kid) {
    return "signing_key/" + std::string(kid);
}

const SigningKey* KeyRing::signer(Time now) const {
    for (const SigningKey& key : keys) {
        if (key.signs_from <= now && key.published(now)) {
            return &key;
        }
    }
    return nullptr;
}

const SigningKey* KeyRing::find(std::string_view kid, Time now) const {
    for (const SigningKey& key : keys) {
        if (key.kid == kid && key.published(now)) {
            return &key;
        }
    }
    return nullptr;
}

asio::awaitable<std::shared_ptr<const KeyRing>> key_ring(db::Pool& db) {
    std::uint64_t epoch = db::changes(db::Topic::identity);
    {
        std::lock_guard lock(known().mutex);
        if (known().ring && known().epoch == epoch) {
            co_return known().ring;
        }
    }
    auto ring = co_await read_ring(db);
    std::lock_guard lock(known().mutex);
    known().ring = ring;
    known().epoch = epoch;
    co_return ring;
}

asio::awaitable<std::shared_ptr<const KeyRing>> signing_ring(db::Pool& db, const Runtime& runtime) {
    auto ring = co_await key_ring(db);
    if (!too_old(*ring, runtime)) {
        co_return ring;
    }
    auto tx = co_await db.begin();
    co_await tx.one<std::string>(lock_keys_sql);
    ring = co_await read_ring(tx);
    if (too_old(*ring, runtime)) {
        bool first = ring->signer(runtime.now()) == nullptr;
        Time now = runtime.now();
        Time from = first ? now : now + announced;
        co_await add_key(tx, now, from, from + overlap);
        Principal server = Principal::system("identity");
        Json detail = {{"reason", first ? "first" : "age"}};
        co_await audit::record(tx, server, "identity.signing_key.create", "signing_key", std::move(detail));
        ring = co_await read_ring(tx);
    }
    co_await tx.commit();
    co_return ring;
}

namespace {

std::vector<TokenKey> shown(const KeyRing& ring, Time now) {
    const SigningKey* signer = ring.signer(now);
    std::vector<TokenKey> out;
    for (const SigningKey& key : ring.keys) {
        std::string state = &key == signer         ? "signing"
                            : !key.published(now)  ? "retired"
                            : key.signs_from > now ? "announced"
                                                   : "checking";
        out.push_back({.kid = key.kid,
                       .state = std::move(state),
                       .created_at = to_rfc3339(key.created_at),
                       .signs_from = to_rfc3339(key.signs_from),
                       .retired_at = key.retired_at ? to_rfc3339(*key.retired_at) : std::string()});
    }
    return out;
}

}  // namespace

asio::awaitable<std::vector<TokenKey>> rotate_signing_key(db::Transaction& tx, Time now, const Principal& who,
                                                          bool at_once) {
    co_await tx.one<std::string>(lock_keys_sql);
    Time from = at_once ? now : now + announced;
    co_await add_key(tx, now, from, at_once ? now : from + overlap);
    Json detail = {{"reason", at_once ? "compromised" : "asked"}};
    co_await audit::record(tx, who, "identity.signing_key.create", "signing_key", std::move(detail));
    auto ring = co_await read_ring(tx);
    co_return shown(*ring, now);
}

asio::awaitable<std::vector<TokenKey>> signing_keys(db::Pool& db, Time now) {
    auto ring = co_await key_ring(db);
    co_return shown(*ring, now);
}

Json jwk_set(const KeyRing& ring, Time now) {
    Json keys = Json::array();
    for (const SigningKey& key : ring.keys) {
        if (key.published(now)) {
            keys.push_back({{"kty", "OKP"},
                            {"crv", "Ed25519"},
                            {"use", "sig"},
                            {"alg", "EdDSA"},
                            {"kid", key.kid},
                            {"x", base64url(key.public_key)}});
        }
    }
    return {{"keys", std::move(keys)}};
}

Json to_json(const TokenKey& key) {
    return {{"kid", key.kid},
            {"state", key.state},
            {"created_at", key.created_at},
            {"signs_from", key.signs_from},
            {"retired_at", key.retired_at.empty() ? Json() : Json(key.retired_at)}};
}

PENGCHENG_STATEMENTS(list_keys_sql, lock_keys_sql, insert_key_sql, retire_keys_sql);

}  // namespace pengcheng::identity
