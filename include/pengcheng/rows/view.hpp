#pragma once

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/http/route.hpp>
#include <pengcheng/store/table.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The one door through which stored rows leave: row language, masks, evidence, formats.
namespace pengcheng::rows {

namespace asio = boost::asio;

/// A column that the caller may see. With a mask, everything about it (value, filter, order, count) is
/// the masked value as text.
struct Field {
    std::string column;
    std::string label;
    std::string type;  ///< guide letter
    std::string mask;  ///< one of mask_kinds(), with parameters after a colon ("age_band:10"); empty: plain
};

/// What one caller may read of one stored table. Everything outside it does not exist for the caller.
struct View {
    store::Table table;
    std::vector<Field> fields;
    std::string row_filter;  ///< row language, trusted: "region=eq.320302&state=in.(1,2)"; any table column
    audit::Access access;    ///< resource, owner, grant, channel, purpose; a reply fills in fields and filter
    std::int64_t rows_max = 0;  ///< of one reply; 0: none
    std::string default_order;  ///< row language, e.g. "updated_at.desc"; empty: storage order
    std::string mask_key;       ///< of `pseudonym`: any secret bytes, one per grant; empty makes it `hide`
    std::string file_name;      ///< of downloads, without extension; empty: not offered as a download
};

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

/// Answers the call's query within the view: 200, 206, or 400, 404, 406, 416 with PostgREST's codes.
/// `forced_format`: csv, json, ndjson, xlsx, geojson (a download by extension) instead of Accept.
/// Evidence is committed before the first byte leaves. The view is shared, not copied: callers may keep it.
asio::awaitable<http::Reply> serve(http::Call call, std::shared_ptr<const View> view,
                                   std::string forced_format = "");

/// One row by equality as a JSON object (null when there is none), with evidence. `column` may be any
/// column of the table, compared unmasked: the caller is this server's own code, asking for a person's own
/// row.
asio::awaitable<Result<Json>> look_up(db::Pool& db, const Principal& who, View view, std::string column,
                                      std::string value);

/// At most 1000 rows of a query as a JSON array of objects, with evidence (previews, charts, samples).
asio::awaitable<Result<Json>> fetch(db::Pool& db, const Principal& who, View view, QueryPairs query);

/// Whether a row filter can be planned over this table; names what is wrong otherwise.
Result<void> check_row_filter(const store::Table& table, std::string_view filter);

/// Kinds of masks, and whether a mask with its parameters is one.
std::vector<std::string> mask_kinds();
bool is_mask(std::string_view mask);
/// The masked value as an SQL text expression. `expression` is of any type and is written several times.
/// `pseudonym` needs a key and is `hide` here; View::mask_key gives it one.
std::string mask_sql(std::string_view mask, std::string_view expression);

}  // namespace pengcheng::rows
