#include "rows/reading.hpp"

#include "rows/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <algorithm>
#include <unordered_map>

namespace pengcheng::rows {
namespace {

Result<void> find_page(const http::Call& call, Reading& out) {
    const ReadQuery& query = out.asked.query;
    out.page = {.limit = query.limit, .offset = query.offset};
    out.sent_before = query.offset;
    std::int64_t rows_max = out.view->rows_max;
    if (rows_max > 0 && (!query.limit || *query.limit > rows_max)) {
        out.page.limit = rows_max;
        out.capped = true;
    }
    if (query.cursor.empty()) {
        return {};
    }
    auto position =
        open_cursor(cursor_key(call.runtime), query.cursor, cursor_binding(*out.view, call.query_pairs()));
    if (!position) {
        return position.error();
    }
    out.page.after = position->after;
    out.page.offset = 0;
    out.sent_before = position->offset;
    return {};
}

}  // namespace

Result<Reading> prepare(const http::Call& call, std::shared_ptr<const View> view,
                        std::string_view forced_format) {
    RequestParts parts{.query = call.query_pairs(),
                       .accept = call.header("Accept"),
                       .prefer = call.header("Prefer"),
                       .range = call.header("Range"),
                       .accept_profile = call.header("Accept-Profile"),
                       .forced_format = forced_format};
    auto asked = read_request(parts);
    if (!asked) {
        return asked.error();
    }
    auto plan = make_plan(*view, asked->query);
    if (!plan) {
        bool broken = !view->row_filter.empty() && !check_row_filter(view->table, view->row_filter);
        return broken ? problem::view_broken.plain() : plan.error();
    }
    audit::Access access = view->access;
    Reading out{.view = std::move(view),
                .access = std::move(access),
                .asked = std::move(*asked),
                .plan = std::move(*plan)};
    if (auto done = find_page(call, out); !done) {
        return done.error();
    }
    out.access.fields = out.plan.fields;
    out.access.filter = filter_text(call.query_pairs());
    return out;
}

std::optional<Problem> problem_of(const db::Error& error) {
    const std::string& state = error.sqlstate();
    if (state == "57014") {
        return problem::of(
            problem::too_slow, state, "请缩小范围：按主键或有索引的字段过滤，或减少每页行数",
            "canceling statement due to statement timeout: narrow the filter or ask for fewer rows");
    }
    if (state == "42883") {
        return problem::of(problem::no_operator, state, "这种类型没有此运算", error.what());
    }
    bool callers = state.starts_with("22") || state == "42601" || state == "42804" || state == "42846";
    if (!callers) {
        return std::nullopt;
    }
    return problem::of(problem::bad_value, state, "查询中的值无法使用", error.what());
}

Problem refusal_in(std::exception_ptr error) {
    try {
        std::rethrow_exception(error);
    } catch (const db::Error& caught) {
        if (auto refusal = problem_of(caught)) {
            return *refusal;
        }
        throw;
    }
}

namespace {

/// What PostgreSQL's planner calls cheap enough for a lane shared with others; an index scan of a page costs
/// some tens, a sequential scan of 100,000 rows some thousands.
constexpr double lane_cost_max = 1000;
constexpr std::size_t verdicts_max = 4096;

/// Whether a statement's text was found short; it names its table, so a new load is judged anew. Of one
/// I/O thread.
std::unordered_map<std::string, bool>& verdicts() {
    thread_local std::unordered_map<std::string, bool> them;
    if (them.size() > verdicts_max) {
        them.clear();
    }
    return them;
}

asio::awaitable<bool> is_cheap(db::Pool& db, const db::Query& query) {
    auto found = verdicts().find(query.sql);
    if (found != verdicts().end()) {
        co_return found->second;
    }
    db::Query explain{"EXPLAIN (FORMAT JSON) " + query.sql, query.params};
    db::Rows rows = co_await db.query(std::move(explain));
    Json tree = Json::parse(rows.at(0, 0).value_or("[]"));
    bool small = tree.at(0).at("Plan").at("Total Cost").get<double>() <= lane_cost_max;
    verdicts()[query.sql] = small;
    co_return small;
}

}  // namespace

namespace {

/// A key or the head of the table is found at once; anything else may have to look far.
bool is_near(const Plan& plan, const Page& page) {
    return plan.by_key || (plan.storage_order && plan.inner_where.empty() && plan.outer_where.empty() &&
                           page.offset <= page_rows_max);
}

}  // namespace

bool known_short(const Plan& plan, const Page& page) {
    if (is_near(plan, page)) {
        return true;
    }
    auto found = verdicts().find(page_query(plan, page).sql);
    return found != verdicts().end() && found->second;
}

Page fetched_page(const Reading& reading) {
    Page page = reading.page;
    page.with_id = true;
    if (reading.asked.format == Format::object) {
        page.limit = std::min(page.limit.value_or(page_rows_max), page_rows_max);
    } else if (page.limit) {
        ++*page.limit;
    }
    return page;
}

asio::awaitable<db::Rows> read_page(db::Pool& db, const Plan& plan, Page page) {
    db::Query query = page_query(plan, page);
    if (is_near(plan, page) || (page.limit && co_await is_cheap(db, query))) {
        co_return co_await db.short_query(std::move(query));
    }
    auto tx = co_await db.begin();
    co_await tx.script("SET LOCAL statement_timeout = " + std::to_string(page_ms_max));
    db::Rows rows = co_await tx.query(std::move(query));
    co_await tx.commit();
    co_return rows;
}

namespace {

std::int64_t number_in(const db::Rows& rows) {
    std::int64_t value = 0;
    db::decode(rows.at(0, 0), value);
    return value;
}

asio::awaitable<std::int64_t> planned(db::Transaction& tx, const Plan& plan) {
    db::Query query = explain_query(plan);
    db::Rows rows = co_await tx.query(std::move(query));
    Json tree = Json::parse(rows.at(0, 0).value_or("[]"));
    co_return static_cast<std::int64_t>(tree.at(0).at("Plan").at("Plan Rows").get<double>());
}

}  // namespace

asio::awaitable<void> read_total(db::Transaction& tx, Reading& reading) {
    Count count = reading.asked.count;
    bool whole = reading.plan.inner_where.empty() && reading.plan.outer_where.empty();
    if (count == Count::none) {
        co_return;
    }
    if (whole) {
        reading.total = reading.view->table.rows;  // kept exactly by every load
        co_return;
    }
    if (count == Count::planned) {
        reading.total = co_await planned(tx, reading.plan);
        co_return;
    }
    auto max = count == Count::estimated ? std::optional(estimate_rows_max + 1) : std::nullopt;
    db::Query query = count_query(reading.plan, max);
    db::Rows rows = co_await tx.query(std::move(query));
    reading.total = number_in(rows);
    if (max && *reading.total == *max) {
        std::int64_t guess = co_await planned(tx, reading.plan);
        reading.total = std::max(*max, guess);
    }
}

std::string filter_text(const Pairs& query) {
    constexpr std::size_t shown_max = 300;
    std::string out;
    for (const auto& [name, text] : query) {
        if (name != "_cursor") {
            out += (out.empty() ? "" : "&") + name + "=" + text;
        }
    }
    return utf8_prefix(out, shown_max);
}

void write_head(http::Reply& reply, const http::Call& call, const Reading& reading,
                std::optional<std::int64_t> returned, std::optional<std::int64_t> next_after) {
    reply.content_type = content_type(reading.asked.format);
    reply.header("Vary", "Accept, Accept-Language, Authorization, Cookie, Prefer, Range");
    if (returned) {
        Extent extent{reading.sent_before, *returned, reading.total};
        reply.status = extent_status(extent);
        reply.header("Content-Range", content_range(extent));
    }
    if (!reading.asked.preference_applied.empty()) {
        reply.header("Preference-Applied", reading.asked.preference_applied);
    }
    if (next_after) {
        Position next{*next_after, reading.sent_before + returned.value_or(0)};
        auto cursor =
            seal_cursor(cursor_key(call.runtime), next, cursor_binding(*reading.view, call.query_pairs()));
        auto limit = reading.capped ? reading.asked.query.limit : reading.page.limit;
        reply.header("Link", next_link(call.path(), call.query_pairs(), cursor, limit));
    }
    if (reading.asked.download) {
        std::string name =
            reading.view->file_name.empty() ? reading.view->table.ref : reading.view->file_name;
        reply.download_as(name + "." + std::string(extension(reading.asked.format)));
    }
}

}  // namespace pengcheng::rows
