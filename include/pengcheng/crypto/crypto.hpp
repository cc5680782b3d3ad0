#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pengcheng::crypto {

// Digests, keys and sealed texts are raw bytes unless the name says hex. Every function is thread-safe and
// pure but for the operating system's randomness. Throws std::runtime_error when OpenSSL itself fails.

inline constexpr std::size_t digest_bytes = 32;
inline constexpr std::size_t key_bytes = 32;

std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// For TOTP (RFC 6238) only: 20 bytes.
std::string hmac_sha1(std::string_view key, std::string_view bytes);

/// SHA-256 of what arrives in pieces (uploads, streamed replies). One thread at a time; movable.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::string_view bytes);
    /// The digest so far; more may follow.
    [[nodiscard]] std::string digest() const;
    [[nodiscard]] std::string hex() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string random_bytes(std::size_t count);
/// Compares in a time that depends on the lengths only.
bool equal(std::string_view left, std::string_view right);

/// scrypt with N = 2^15, r = 8, p = 1 and a fresh salt -> "$scrypt$ln=15,r=8,p=1$salt$digest".
/// Takes about 0.1 s and 32 MiB: never on an I/O thread (identity has workers for it).
std::string hash_password(std::string_view password);
/// False for a wrong password and for text that is no hash of ours. As slow as hash_password.
bool verify_password(std::string_view password, std::string_view encoded);

/// AES-256-GCM with a random nonce -> nonce, ciphertext, tag in one text. `bound` is authenticated with it
/// and must be given again: name where the text belongs ("identity.account.id_number/<id>"), so that a
/// sealed text moved to another row does not open.
std::string seal(std::string_view key, std::string_view plain, std::string_view bound = {});
/// Nothing when the key, the text or `bound` differ from sealing.
std::optional<std::string> open(std::string_view key, std::string_view sealed, std::string_view bound = {});

/// Keyed digest for equality look-up of an encrypted value: hex HMAC-SHA-256. Normalise the value before.
std::string blind_index(std::string_view key, std::string_view value);

/// Ed25519 (RFC 8032). A private key is its 32-byte seed: any key file serves.
std::string ed25519_public_key(std::string_view seed);
std::string ed25519_sign(std::string_view seed, std::string_view message);
bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature);

/// A public key of RFC 7518 and 8037, as big-endian bytes: RSA (modulus, exponent), P-256 (x, y), Ed25519
/// (x).
struct PublicKey {
    enum class Kind { rsa, p256, ed25519 };
    Kind kind = Kind::ed25519;
    std::string first;
    std::string second;
};
/// A JWS signature (RFC 7515) by one of RS256, PS256, ES256, EdDSA. False for another algorithm, for a key of
/// another kind, for RSA under 2048 bits, and for anything that does not hold.
bool verify_jws(const PublicKey& key, std::string_view algorithm, std::string_view message,
                std::string_view signature);

/// The 32 bytes of `<folder>/<name>.key` (64 hexadecimal digits), made with fresh randomness at first use:
/// folder mode 700, file mode 600. Safe when several processes start at once. Blocking: start-up only, keep
/// the result. Throws ProblemError when others may read the file, or when it is not a key.
std::string key_file(const std::filesystem::path& folder, std::string_view name);

}  // namespace pengcheng::crypto
