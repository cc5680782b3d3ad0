#pragma once

#include <pengcheng/identity/identity.hpp>

#include <string>
#include <vector>

namespace pengcheng::identity {

/// The account inside the caller's transaction, locked against change.
asio::awaitable<std::optional<User>> lock_user(db::Transaction& tx, std::string id);

constexpr auto describe(db::RowOf<User>) {
    return db::columns(db::column("id", &User::id), db::column("username", &User::username),
                       db::column("display_name", &User::display_name),
                       db::column("organization", &User::organization),
                       db::column("organization_name", &User::organization_name),
                       db::column("kind", &User::kind), db::column("state", &User::state),
                       db::column("roles", &User::roles), db::column("created_at", &User::created_at));
}

}  // namespace pengcheng::identity
