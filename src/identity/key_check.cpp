#include "identity/keys.hpp"
#include "identity/signing_keys.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/identity/key_check.hpp>

namespace pengcheng::identity {

namespace {

// One of each will do. No order: it is asked at every start, and accounts may be many.
constexpr db::Statement sealed_sample_sql{"identity.find_sealed_sample", R"sql(
    (SELECT 'personal' AS key, id::text AS owner, id_number_sealed AS sealed FROM identity.account
      WHERE id_number_sealed IS NOT NULL LIMIT 1)
    UNION ALL
    (SELECT 'secrets', kid, sealed FROM identity.signing_key LIMIT 1)
)sql"};

struct Sample {
    std::string key, owner, sealed;
};
constexpr auto describe(db::RowOf<Sample>) {
    return db::columns(db::column("key", &Sample::key), db::column("owner", &Sample::owner),
                       db::column("sealed", &Sample::sealed));
}

bool opens(const std::filesystem::path& folder, const Sample& sample) {
    if (!std::filesystem::exists(folder / (sample.key + ".key"))) {
        return false;
    }
    const std::string place = sample.key == "personal" ? personal_place(sample.owner, "id_number")
                                                       : signing_key_place(sample.owner);
    const auto bytes = base64_decode(sample.sealed);
    return bytes && crypto::open(crypto::key_file(folder, sample.key), *bytes, place).has_value();
}

}  // namespace

asio::awaitable<std::string> foreign_key_file(db::Pool& db, std::filesystem::path folder) {
    for (const Sample& sample : co_await db.all<Sample>(sealed_sample_sql)) {
        if (!opens(folder, sample)) {
            co_return (folder / (sample.key + ".key")).string();
        }
    }
    co_return std::string();
}

PENGCHENG_STATEMENTS(sealed_sample_sql);

}  // namespace pengcheng::identity
