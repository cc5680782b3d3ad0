#pragma once

#include "rows/mask_text.hpp"
#include "rows/query.hpp"

#include <pengcheng/db/value.hpp>
#include <pengcheng/formats/writers.hpp>
#include <pengcheng/rows/view.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pengcheng::rows {

/// One query within one view, as SQL pieces over `FROM (inner) AS v WHERE outer`. Identifiers come from the
/// stored table, values are parameters. The inner part holds masks and row filter; where the caller's
/// conditions are not leakproof and rows are hidden, OFFSET 0 keeps PostgreSQL from trying them on hidden
/// rows. Masks of cells that only leave are not in the statement: its rows are read through Cells.
struct Plan {
    std::vector<formats::OutColumn> columns;
    std::vector<std::string> fields;   ///< columns of the table whose values leave
    std::vector<std::string> outputs;  ///< SQL of each column
    std::vector<TextMask> masks;       ///< of each column, what Cells puts on
    std::string inner_list;
    std::string table;  ///< quoted
    std::vector<std::string> inner_where;
    std::vector<std::string> outer_where;
    std::vector<std::string> order;
    std::vector<db::Param> params;
    bool fenced = false;
    bool storage_order = true;  ///< by _id alone: a cursor can go on
    bool by_key = false;        ///< an equality on a key column: the index leads to few rows
    bool one_row = false;       ///< equalities on the whole key: one row at most
    bool long_text = false;     ///< memo columns leave: smaller pages in memory
    std::string unique_text;    ///< the column, where all that is asked is one value of a key of text
};

/// Refuses unknown columns (those outside the view alike), values that do not fit, casts that cannot be.
Result<Plan> make_plan(const View& view, const ReadQuery& query);

/// Which rows of the plan.
struct Page {
    std::optional<std::int64_t> limit;
    std::int64_t offset = 0;
    std::optional<std::int64_t> after;  ///< _id
    bool with_id = false;               ///< `_id` as last column
};
db::Query page_query(const Plan& plan, const Page& page);
/// The same under a name, for a page that comes again with other values. A look-up by a key of text can be
/// answered together with others, if its value is the last parameter.
db::SharedQuery shared_query(std::string name, const Plan& plan, const Page& page);
/// At most `max` rows are counted, all without it.
db::Query count_query(const Plan& plan, std::optional<std::int64_t> max);
db::Query explain_query(const Plan& plan);
/// Up to two rows of `_id`: the last one of the page, and one beyond it.
db::Query edge_query(const Plan& plan, const Page& page);

/// Longitude and latitude among the columns that leave; names empty when there are none.
formats::GeoColumns geo_columns(const Plan& plan);

}  // namespace pengcheng::rows
