#pragma once

#include <pengcheng/identity/identity.hpp>

namespace pengcheng::identity {

constexpr auto describe(db::RowOf<Client>) {
    return db::columns(db::column("client_id", &Client::client_id), db::column("name", &Client::name),
                       db::column("organization", &Client::organization), db::column("state", &Client::state),
                       db::column("created_by", &Client::created_by),
                       db::column("created_at", &Client::created_at));
}

/// Route ownership of a client: $1 = client_id.
extern const db::Statement client_owner_sql;

}  // namespace pengcheng::identity
