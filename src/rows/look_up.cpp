#include "rows/cells.hpp"
#include "rows/problems.hpp"
#include "rows/reading.hpp"
#include "rows/value.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>

namespace pengcheng::rows {
namespace {

Json cell_json(const std::optional<std::string_view>& cell, formats::CellKind kind) {
    if (!cell) {
        return nullptr;
    }
    if (kind == formats::CellKind::boolean) {
        return *cell == "t" || *cell == "true";
    }
    if (kind == formats::CellKind::number) {
        Json number = Json::parse(*cell, nullptr, false);
        return number.is_number() ? number : Json(std::string(*cell));
    }
    return std::string(*cell);
}

Json row_json(const db::Rows& rows, int row, const Plan& plan, Cells& cells) {
    Json out = Json::object();
    auto of_row = cells.of_row(rows, row);
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
        out[plan.columns[i].name] = cell_json(of_row[i], plan.columns[i].kind);
    }
    return out;
}

asio::awaitable<Result<db::Rows>> read(db::Pool& db, const Plan& plan, Page page) {
    std::exception_ptr failed;
    db::Rows rows;
    try {
        rows = co_await read_page(db, plan, page);
    } catch (const db::Error&) {
        failed = std::current_exception();
    }
    if (failed) {
        co_return refusal_in(failed);
    }
    co_return std::move(rows);
}

asio::awaitable<Result<Json>> refuse(db::Pool& db, const Principal& who, audit::Access access,
                                     Problem problem) {
    co_await audit::refused(db, who, std::move(access), problem.text(false));
    co_return problem;
}

}  // namespace

asio::awaitable<Result<Json>> look_up(db::Pool& db, const Principal& who, View view, std::string column,
                                      std::string value) {
    view.access.filter = column + "=eq.…";  // the value is a person's own number: not for the log
    auto found = std::ranges::find(view.table.columns, column, &store::Column::name);
    if (found == view.table.columns.end()) {
        co_return co_await refuse(db, who, view.access, problem::no_column(column));
    }
    if (auto fits = check_value(column, found->pg_type, value); !fits) {
        co_return co_await refuse(db, who, view.access, fits.error());
    }
    auto plan = make_plan(view, {});
    if (!plan) {
        co_return co_await refuse(db, who, view.access, plan.error());
    }
    plan->params.emplace_back(value);
    plan->inner_where.push_back("t." + sql_identifier(column) + " = $" + std::to_string(plan->params.size()) +
                                "::" + found->pg_type);
    auto rows = co_await read(db, *plan, {.limit = 1});
    if (!rows) {
        co_return co_await refuse(db, who, view.access, rows.error());
    }
    view.access.fields = plan->fields;
    Cells cells(plan->masks);
    Json out = rows->size() == 0 ? Json(nullptr) : row_json(*rows, 0, *plan, cells);
    std::int64_t bytes = rows->size() == 0 ? 0 : static_cast<std::int64_t>(out.dump().size());
    co_await audit::delivered(db, who, view.access, rows->size(), bytes);
    co_return out;
}

asio::awaitable<Result<Json>> fetch(db::Pool& db, const Principal& who, View view, QueryPairs query) {
    view.access.filter = filter_text(query);
    auto parsed = parse_query(query);
    if (!parsed) {
        co_return co_await refuse(db, who, view.access, parsed.error());
    }
    auto plan = make_plan(view, *parsed);
    if (!plan) {
        co_return co_await refuse(db, who, view.access, plan.error());
    }
    Page page{.limit = std::min(parsed->limit.value_or(page_rows_max), page_rows_max),
              .offset = parsed->offset};
    if (view.rows_max > 0) {
        page.limit = std::min(*page.limit, view.rows_max);
    }
    auto rows = co_await read(db, *plan, page);
    if (!rows) {
        co_return co_await refuse(db, who, view.access, rows.error());
    }
    Json out = Json::array();
    Cells cells(plan->masks);
    for (int row = 0; row < rows->size(); ++row) {
        out.push_back(row_json(*rows, row, *plan, cells));
    }
    view.access.fields = plan->fields;
    co_await audit::delivered(db, who, view.access, rows->size(),
                              static_cast<std::int64_t>(out.dump().size()));
    co_return out;
}

}  // namespace pengcheng::rows
