#pragma once

#include <pengcheng/identity/identity.hpp>

#include <string>

namespace pengcheng::identity {

/// Who tries a password or a code, and from where. Both are counted, in the database, so that neither a
/// restart nor another process forgets.
struct Trier {
    std::string username;  ///< as stored, known or not
    std::string address;
};

/// Counts one try before the secret is looked at, so that tries sent at once cannot outrun the count.
/// Refused (429 with Retry-After) while the name or the address is locked. Five tries lock a name for 30 s,
/// identity.address_tries_max an address, twice as long after each more, half an hour at most.
asio::awaitable<Result<void>> count_try(db::Pool& db, const Runtime& runtime, Trier trier);

/// The try was right: the name's count goes, the address gets this one back.
asio::awaitable<void> forget_tries(db::Transaction& tx, const Runtime& runtime, Trier trier);
/// The try was right as far as it went, but no sign-in: both get it back.
asio::awaitable<void> uncount_try(db::Pool& db, Trier trier);

/// A new password unlocks its account.
asio::awaitable<void> unlock_account(db::Transaction& tx, std::string username);

}  // namespace pengcheng::identity
