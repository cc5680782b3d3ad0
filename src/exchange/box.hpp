#pragma once

#include "exchange/request.hpp"

namespace pengcheng::exchange {

/// What `who` finds in a box, of requests or of grants: both lists take the same parameters in the same order
/// ($1 box, $2 own organization, $3 sees every one, $4 state, $5 resource, $6 last id, $7 limit).
/// One more than `limit` where there is more.
template <class Row, class Made>
asio::awaitable<std::vector<Made>> in_box(db::Pool& db, db::Statement list, const Principal& who,
                                          BoxInput input, Made make(Row)) {
    auto rows = co_await db.all<Row>(list, input.box, who.organization, who.has_role("reviewer"), input.state,
                                     input.resource, input.cursor, input.limit + 1);
    std::vector<Made> out;
    out.reserve(rows.size());
    for (auto& row : rows) {
        out.push_back(make(std::move(row)));
    }
    co_return out;
}

}  // namespace pengcheng::exchange
