#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace pengcheng::identity {

struct Keys {
    std::string personal;  ///< seals ID numbers and phones
    std::string index;     ///< blind index of ID numbers
};

/// What open_keys() read. Throws std::logic_error before it was called.
std::shared_ptr<const Keys> keys();

/// base64url of the sealed text; opens only for this account and field. Throws std::runtime_error where the
/// stored text does not open: the keys are not those it was sealed with.
std::string seal_personal(std::string_view account, std::string_view field, std::string_view plain);
std::string open_personal(std::string_view account, std::string_view field, std::string_view sealed);
std::string id_number_index(std::string_view id_number);

}  // namespace pengcheng::identity
