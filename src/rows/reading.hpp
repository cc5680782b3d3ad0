#pragma once

#include "rows/cursor.hpp"
#include "rows/encode.hpp"
#include "rows/plan.hpp"
#include "rows/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <optional>
#include <string>

namespace pengcheng::rows {

// Bounds of one reply.
inline constexpr std::int64_t page_rows_max = 1000;     ///< held in memory before the head leaves
inline constexpr std::int64_t long_page_rows_max = 50;  ///< the same with memo columns
inline constexpr int page_ms_max = 15000;
inline constexpr int stream_ms_max = 30 * 60 * 1000;      ///< a slow client's download counts, too
inline constexpr std::int64_t estimate_rows_max = 10000;  ///< counted exactly by count=estimated

/// One request, understood and planned, on its way to a reply.
struct Reading {
    std::shared_ptr<const View> view;
    audit::Access access;  ///< the view's, with fields and filter of this request
    Asked asked;
    Plan plan;
    Page page;                     ///< limit: of the caller and of the view together
    bool capped = false;           ///< the view's rows_max, not the caller, set the limit
    std::int64_t sent_before = 0;  ///< rows of earlier pages
    std::optional<std::int64_t> total;
};

Result<Reading> prepare(const http::Call& call, std::shared_ptr<const View> view,
                        std::string_view forced_format);

/// The refusal that a failed statement means; nothing for a fault of ours.
std::optional<Problem> problem_of(const db::Error& error);
/// Same for whatever was thrown; rethrows what is no refusal.
Problem refusal_in(std::exception_ptr error);

/// The page as it is fetched: `_id` beside the columns, and one row more to tell whether another page
/// follows.
Page fetched_page(const Reading& reading);
/// Whether read_page() would send it, or has sent it, on the lane.
bool known_short(const Plan& plan, const Page& page);

/// Rows of a page in one statement: on the lane when it is short, else alone under page_ms_max.
asio::awaitable<db::Rows> read_page(db::Pool& db, const Plan& plan, Page page);
asio::awaitable<void> read_total(db::Transaction& tx, Reading& reading);
/// What of the query the evidence keeps.
std::string filter_text(const Pairs& query);

/// Status, Content-Range, cursor, cap and file name.
void write_head(http::Reply& reply, const http::Call& call, const Reading& reading,
                std::optional<std::int64_t> returned, std::optional<std::int64_t> next_after);

asio::awaitable<http::Reply> stream_reply(http::Call call, Reading reading);
asio::awaitable<http::Reply> workbook_reply(http::Call call, Reading reading);

}  // namespace pengcheng::rows
