#pragma once

#include "exchange/request.hpp"

#include <pengcheng/identity/identity.hpp>

namespace pengcheng::exchange {

/// What `who` finds in a box, of requests or of grants: both lists take the same parameters in the same order
/// ($1 box, $2 own organization, $3 sees every one, $4 state, $5 resource, $6 last id, $7 limit, $8
/// organizations whose ones the caller may list by `permission`). One more than `limit` where there is more.
template <class Row, class Made>
asio::awaitable<std::vector<Made>> in_box(db::Pool& db, db::Statement list, const Principal& who,
                                          std::string_view permission, BoxInput input, Made make(Row)) {
    auto listed = identity::listing(who, permission);
    auto rows =
        co_await db.all<Row>(list, input.box, who.organization, listed.every, input.state, input.resource,
                             input.cursor, input.limit + 1, std::move(listed.organizations));
    std::vector<Made> out;
    out.reserve(rows.size());
    for (auto& row : rows) {
        out.push_back(make(std::move(row)));
    }
    co_return out;
}

}  // namespace pengcheng::exchange
