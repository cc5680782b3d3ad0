#pragma once

#include <string>
#include <vector>

namespace pengcheng {

/// The `identity` settings of this process. Beside Config rather than in it, as nearly every file includes
/// that and only identity reads these.
struct IdentityConfig {
    std::vector<std::string> totp_required_for;
    int totp_grace_days = 0;    ///< after such a role was given; 0: at the next sign-in
    int password_days_max = 0;  ///< of staff; 0: no expiry
    int address_tries_max = 1;  ///< wrong sign-ins of one address before it waits
    int token_key_days = 1;     ///< before a new key signs access tokens
};

/// As Config::load read them. Loaded before threads start, constant afterwards.
const IdentityConfig& identity_config();

}  // namespace pengcheng
