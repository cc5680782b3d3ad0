#include "identity/keys.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/identity/identity.hpp>

#include <mutex>

namespace pengcheng::identity {

namespace {

std::mutex current_mutex;
std::shared_ptr<const Keys> current;

}  // namespace

void open_keys(const Runtime& runtime) {
    Keys read{.personal = crypto::key_file(runtime.var("keys"), "personal"),
              .index = crypto::key_file(runtime.var("keys"), "personal-index"),
              .secrets = crypto::key_file(runtime.var("keys"), "secrets")};
    std::lock_guard lock(current_mutex);
    current = std::make_shared<const Keys>(std::move(read));
}

std::shared_ptr<const Keys> keys() {
    std::lock_guard lock(current_mutex);
    if (!current) {
        throw std::logic_error("identity: open_keys() was not called");
    }
    return current;
}

std::string personal_place(std::string_view account, std::string_view field) {
    return "identity.account." + std::string(field) + "/" + std::string(account);
}

std::string seal_personal(std::string_view account, std::string_view field, std::string_view plain) {
    return base64url(crypto::seal(keys()->personal, plain, personal_place(account, field)));
}

std::string open_personal(std::string_view account, std::string_view field, std::string_view sealed) {
    auto bytes = base64_decode(sealed);
    auto plain =
        bytes ? crypto::open(keys()->personal, *bytes, personal_place(account, field)) : std::nullopt;
    if (!plain) {
        throw std::runtime_error("identity: a sealed " + std::string(field) +
                                 " does not open with var/keys/personal.key");
    }
    return *plain;
}

std::string seal_secret(std::string_view place, std::string_view plain) {
    return base64url(crypto::seal(keys()->secrets, plain, place));
}

std::string open_secret(std::string_view place, std::string_view sealed) {
    auto bytes = base64_decode(sealed);
    auto plain = bytes ? crypto::open(keys()->secrets, *bytes, place) : std::nullopt;
    if (!plain) {
        throw std::runtime_error("identity: a sealed secret does not open with var/keys/secrets.key");
    }
    return *plain;
}

std::string recovery_code_hash(std::string_view account, std::string_view code) {
    return crypto::blind_index(keys()->secrets, std::string(account) + "/" + std::string(code));
}

std::string id_number_index(std::string_view id_number) {
    return crypto::blind_index(keys()->index, id_number);
}

}  // namespace pengcheng::identity
