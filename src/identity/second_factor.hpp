#pragma once

#include <pengcheng/identity/identity.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::identity {

/// Takes a one-time code (six digits) or a recovery code of the account; each serves once.
/// -> how it was proven ("totp", "recovery"), or nothing.
asio::awaitable<std::optional<std::string>> use_code(db::Transaction& tx, Time now, std::string account,
                                                     std::string code);

struct TotpOffer {
    std::string secret;  ///< base32, to type where no camera is
    std::string uri;     ///< otpauth://, for the QR picture
};
/// A fresh secret that is in force once confirm_totp() sees a code of it.
asio::awaitable<Result<TotpOffer>> offer_totp(db::Pool& db, const Principal& who);
/// -> recovery codes, shown once. Ends the account's other sessions.
asio::awaitable<Result<std::vector<std::string>>> confirm_totp(db::Pool& db, const Runtime& runtime,
                                                               const Principal& who, std::string code,
                                                               std::string cookie);
/// Refused where a role of the caller requires it.
asio::awaitable<Result<void>> remove_totp(db::Pool& db, const Runtime& runtime, const Principal& who,
                                          std::string code);
/// Ten new codes instead of the old ones, for a code of the app.
asio::awaitable<Result<std::vector<std::string>>> renew_recovery_codes(db::Pool& db, const Runtime& runtime,
                                                                       const Principal& who,
                                                                       std::string code);
/// For a lost telephone without recovery codes, by the security administrator; not one's own. Ends the
/// account's sessions.
asio::awaitable<Result<void>> reset_totp(db::Transaction& tx, const Principal& who, std::string account_id);

/// Whether one of these roles must have a second factor (identity.totp_required_for).
bool totp_required(const std::vector<std::string>& roles);

}  // namespace pengcheng::identity
