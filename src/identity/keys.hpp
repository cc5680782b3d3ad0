#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace pengcheng::identity {

struct Keys {
    std::string personal;  ///< seals ID numbers and phones
    std::string index;     ///< blind index of ID numbers
    std::string secrets;   ///< seals second factors and token signing keys
};

/// What open_keys() read. Throws std::logic_error before it was called.
std::shared_ptr<const Keys> keys();

/// What a sealed personal text is bound to.
std::string personal_place(std::string_view account, std::string_view field);
/// base64url of the sealed text; opens only for this account and field. Throws std::runtime_error where the
/// stored text does not open: the keys are not those it was sealed with.
std::string seal_personal(std::string_view account, std::string_view field, std::string_view plain);
std::string open_personal(std::string_view account, std::string_view field, std::string_view sealed);
/// base64url of a sealed secret; opens only for this place ("totp/<account>"). Throws like open_personal().
std::string seal_secret(std::string_view place, std::string_view plain);
std::string open_secret(std::string_view place, std::string_view sealed);
/// Keyed digest of a recovery code of an account: stored codes cannot be tried without the key.
std::string recovery_code_hash(std::string_view account, std::string_view code);
std::string id_number_index(std::string_view id_number);

}  // namespace pengcheng::identity
