#pragma once

#include <pengcheng/catalogue/resource.hpp>

#include <optional>
#include <string>

namespace pengcheng::catalogue {

struct SearchInput {
    std::string text;  ///< empty: newest changes first
    std::string organization;
    std::string state;
    std::string domain;
    std::string resource_class;
    bool mine = false;  ///< only what the caller made or last edited
    std::string cursor;
    int limit = 20;
};

/// A page of entries that `who` may see: {items, next_cursor, total}. One edition an entry: with a state,
/// the edition in that state; without, the working version for those who see drafts.
asio::awaitable<Result<Json>> search(db::Pool& db, const Principal& who, SearchInput input);

/// The steps of an entry as seen by `who`: drafts' steps only for those who see drafts.
asio::awaitable<Result<Json>> history(db::Pool& db, const Principal& who, std::string ref);

}  // namespace pengcheng::catalogue
