#pragma once

#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace pengcheng::events {

namespace asio = boost::asio;

/// A message to one account, or to everybody who holds `role` in `organization` (empty organization:
/// in any). Exactly one of `account` and `role` is set.
struct Notice {
    std::string account;
    std::string organization;
    std::string role;
    std::string title_zh;
    std::string title_en;
    std::string text_zh;
    std::string text_en;
    std::string link;  ///< path within this site, or empty
};

/// Leaves the notice in the caller's transaction: it is there exactly when the work is.
asio::awaitable<void> notify(db::Transaction& tx, Notice notice);

struct ReceivedNotice {
    std::string id;
    std::string at;  ///< RFC 3339
    std::string title;
    std::string text;
    std::string link;
    bool read = false;
};

/// What `who` has received in the caller's language, newest first; `before` is the id of the last one seen.
asio::awaitable<std::vector<ReceivedNotice>> notices_of(db::Pool& db, const Principal& who,
                                                        std::string before, int limit);
/// Marks it read for `who` alone; again changes nothing. Not found when it never was for `who`.
asio::awaitable<Result<void>> mark_read(db::Pool& db, const Principal& who, std::string id);

}  // namespace pengcheng::events
