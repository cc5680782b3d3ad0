#pragma once

#include <pengcheng/identity/identity.hpp>

namespace pengcheng::identity {

constexpr auto describe(db::RowOf<Client>) {
    return db::columns(db::column("client_id", &Client::client_id), db::column("name", &Client::name),
                       db::column("organization", &Client::organization), db::column("state", &Client::state),
                       db::column("grade_max", &Client::grade_max),
                       db::column("created_by", &Client::created_by),
                       db::column("created_at", &Client::created_at));
}

constexpr auto describe(db::RowOf<ClientSecret>) {
    return db::columns(db::column("id", &ClientSecret::id),
                       db::column("created_at", &ClientSecret::created_at),
                       db::column("created_by", &ClientSecret::created_by),
                       db::column("last_used_at", &ClientSecret::last_used_at),
                       db::column("retired_at", &ClientSecret::retired_at));
}

/// Route ownership of a client: $1 = client_id.
extern const db::Statement client_owner_sql;

}  // namespace pengcheng::identity
