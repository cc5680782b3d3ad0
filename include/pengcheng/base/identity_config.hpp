#pragma once

#include <string>
#include <vector>

namespace pengcheng {

/// Sign-in through an outside OpenID provider; off while `issuer` is empty.
struct OidcConfig {
    std::string issuer;
    std::string client_id;
    std::string client_secret;  ///< with references: ${env:NAME} or ${file:/path}
    std::string label;          ///< on the button of the sign-in pages
    std::string scopes = "openid profile";
    std::string username_claim;   ///< links staff accounts of that user name; empty: never
    std::string id_number_claim;  ///< links citizens by their ID number; empty: never
    /// CIDR blocks that the provider's addresses must lie in; empty: any public address.
    std::vector<std::string> networks;
};

/// The `identity` settings of this process. Beside Config rather than in it, as nearly every file includes
/// that and only identity reads these.
struct IdentityConfig {
    std::vector<std::string> totp_required_for;
    int totp_grace_days = 0;    ///< after such a role was given; 0: at the next sign-in
    int password_days_max = 0;  ///< of staff; 0: no expiry
    int address_tries_max = 1;  ///< wrong sign-ins of one address before it waits
    int token_key_days = 1;     ///< before a new key signs access tokens
    OidcConfig oidc;
};

/// As Config::load read them. Loaded before threads start, constant afterwards.
const IdentityConfig& identity_config();

}  // namespace pengcheng
