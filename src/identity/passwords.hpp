#pragma once

#include <pengcheng/identity/identity.hpp>

#include <string>

namespace pengcheng::identity {

/// By the holder, who gives the present one. Refuses the last five. Ends the account's other sessions; the
/// one of `cookie` is free again where it waited for this.
asio::awaitable<Result<void>> change_password(db::Pool& db, const Runtime& runtime, const Principal& who,
                                              std::string present, std::string next, std::string cookie);

/// What 账号安全 shows.
struct Security {
    std::string password_set_at;
    std::optional<std::string> password_expires_at;
    bool totp = false;
    bool totp_required = false;
    int recovery_codes_left = 0;
    std::vector<std::string> outside;  ///< issuers that the account is linked to
};
asio::awaitable<std::optional<Security>> security_of(db::Pool& db, const Principal& who);
Json to_json(const Security& security);

}  // namespace pengcheng::identity
