#pragma once

#include <pengcheng/identity/identity.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pengcheng::identity {

/// One key pair for access tokens. `seed` is the private half.
struct SigningKey {
    std::string kid;
    std::string public_key;  ///< raw
    std::string seed;        ///< raw
    Time created_at;
    Time signs_from;
    std::optional<Time> retired_at;

    [[nodiscard]] bool published(Time now) const { return !retired_at || *retired_at > now; }
};

/// What the sealed private half is bound to.
std::string signing_key_place(std::string_view kid);

struct KeyRing {
    std::vector<SigningKey> keys;  ///< newest first

    /// The key that signs now; nullptr when none does.
    [[nodiscard]] const SigningKey* signer(Time now) const;
    /// A published key by its id, or nullptr.
    [[nodiscard]] const SigningKey* find(std::string_view kid, Time now) const;
};

/// The keys of this database as last read by this process; read again when they change.
asio::awaitable<std::shared_ptr<const KeyRing>> key_ring(db::Pool& db);

/// The ring with a key that signs now. Makes the first key, and the next one when the newest is older than
/// identity.token_key_days; several processes make one key together.
asio::awaitable<std::shared_ptr<const KeyRing>> signing_ring(db::Pool& db, const Runtime& runtime);

/// {"keys": [...]}, RFC 7517, of the published keys.
Json jwk_set(const KeyRing& ring, Time now);

}  // namespace pengcheng::identity
