#pragma once

#include <pengcheng/identity/identity.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pengcheng::identity {

/// The account inside the caller's transaction, locked against change.
asio::awaitable<std::optional<User>> lock_user(db::Transaction& tx, std::string id);

/// Tells the database on whose behalf this transaction changes rights: it lets only another security
/// administrator do so once the three administrators exist.
asio::awaitable<void> act_as(db::Transaction& tx, const Principal& who);
/// A refusal by one of the constraints that keep the administrators apart, or nothing.
std::optional<Problem> separation_problem(const db::Error& error);

constexpr auto describe(db::RowOf<User>) {
    return db::columns(
        db::column("id", &User::id), db::column("username", &User::username),
        db::column("display_name", &User::display_name), db::column("organization", &User::organization),
        db::column("organization_name", &User::organization_name), db::column("kind", &User::kind),
        db::column("state", &User::state), db::column("grade_max", &User::grade_max),
        db::column("roles", &User::roles), db::column("created_at", &User::created_at));
}

}  // namespace pengcheng::identity
