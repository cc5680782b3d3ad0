#include "quality/report.hpp"

#include "quality/problems.hpp"
#include "quality/score.hpp"

#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/jobs/jobs.hpp>
#include <pengcheng/quality/quality.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

static constexpr auto describe(db::RowOf<Run>) {
    return db::columns(db::column("id", &Run::id), db::column("ref", &Run::ref),
                       db::column("organization", &Run::organization), db::column("state", &Run::state),
                       db::column("grade", &Run::grade), db::column("created_at", &Run::created_at),
                       db::column("finished_at", &Run::finished_at), db::column("score", &Run::score),
                       db::column("load", &Run::load), db::column("capped", &Run::capped),
                       db::column("rows", &Run::rows), db::column("bad_rows", &Run::bad_rows),
                       db::column("report", &Run::report));
}

static constexpr auto describe(db::RowOf<Failure>) {
    return db::columns(db::column("row_id", &Failure::row_id), db::column("line", &Failure::line),
                       db::column("rule", &Failure::rule), db::column("item", &Failure::item),
                       db::column("code", &Failure::code), db::column("reason_zh", &Failure::reason_zh),
                       db::column("reason_en", &Failure::reason_en), db::column("value", &Failure::value));
}

static constexpr auto describe(db::RowOf<RunSummary>) {
    return db::columns(db::column("id", &RunSummary::id), db::column("score", &RunSummary::score),
                       db::column("grade", &RunSummary::grade), db::column("rows", &RunSummary::rows),
                       db::column("bad_rows", &RunSummary::bad_rows),
                       db::column("finished_at", &RunSummary::finished_at));
}

namespace {

constexpr db::Statement list_runs_sql{"quality.list_runs", R"sql(
    SELECT id, ref, organization, state, grade, base.rfc3339(created_at) AS created_at,
           coalesce(base.rfc3339(finished_at), '') AS finished_at, score, load, capped,
           row_count AS rows, bad_rows, 'null'::jsonb AS report
      FROM quality.run
     WHERE ref = $1 AND ($2::uuid IS NULL OR id < $2::uuid)
     ORDER BY id DESC LIMIT $3::int
)sql"};

constexpr db::Statement find_run_sql{"quality.find_run", R"sql(
    SELECT id, ref, organization, state, grade, base.rfc3339(created_at) AS created_at,
           coalesce(base.rfc3339(finished_at), '') AS finished_at, score, load, capped,
           row_count AS rows, bad_rows, report
      FROM quality.run WHERE ref = $1 AND id = $2::uuid
)sql"};

constexpr db::Statement latest_run_sql{"quality.find_latest_run", R"sql(
    SELECT id, score, grade, row_count AS rows, bad_rows, base.rfc3339(finished_at) AS finished_at
      FROM quality.run WHERE ref = $1 AND state = 'done' ORDER BY id DESC LIMIT 1
)sql"};

// $2 rule or all, $3 $4 rule and row of the last failure seen.
constexpr db::Statement list_failures_sql{"quality.list_failures", R"sql(
    SELECT row_id, line, rule, item, code, reason_zh, reason_en, value
      FROM quality.failure
     WHERE run_id = $1::uuid AND ($2 = '' OR rule = $2) AND (rule, row_id) > ($3, $4::bigint)
     ORDER BY rule, row_id LIMIT $5::int
)sql"};

PENGCHENG_STATEMENTS(list_runs_sql, find_run_sql, latest_run_sql, list_failures_sql);

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

/// A run that did not end by itself: its job knows why.
asio::awaitable<void> take_job_state(db::Pool& db, Run& run) {
    if (run.state == "done" || run.state == "failed") {
        co_return;
    }
    auto job = co_await jobs::find(db, run.id);
    if (job && (job->state == "cancelled" || job->state == "dead" || job->state == "failed")) {
        run.state = job->state == "cancelled" ? "cancelled" : "failed";
        run.finished_at = job->finished_at;
    }
}

Problem bad_cursor() {
    return pengcheng::problem::invalid_input.at("/cursor", "游标无效，请从第一页重新开始",
                                                "The cursor is not one of ours; begin with the first page");
}

struct Position {
    std::string rule;
    std::int64_t row_id = 0;
};

Result<Position> position_of(const std::string& cursor) {
    if (cursor.empty()) {
        return Position{};
    }
    auto text = base64_decode(cursor);
    auto value = text ? parse_json(*text) : Result<Json>(bad_cursor());
    if (!value || !value->is_array() || value->size() != 2 || !(*value)[0].is_string() ||
        !(*value)[1].is_number_integer()) {
        return bad_cursor();
    }
    return Position{(*value)[0].get<std::string>(), (*value)[1].get<std::int64_t>()};
}

}  // namespace

Json brief(const Run& run) {
    return {{"id", run.id},
            {"state", run.state},
            {"score", or_null(run.score)},
            {"grade", text_or_null(run.grade)},
            {"rows", run.rows},
            {"bad_rows", run.bad_rows},
            {"load", or_null(run.load)},
            {"created_at", run.created_at},
            {"finished_at", text_or_null(run.finished_at)}};
}

Json full(const Run& run, bool chinese) {
    Json out = brief(run);
    out["ref"] = run.ref;
    out["capped"] = run.capped;
    out["rules"] = run.report["rules"];
    out["dimensions"] = run.report["dimensions"];
    for (Json& each : out["dimensions"]) {
        auto known = std::ranges::find(dimensions, each["code"].get<std::string>(), &Dimension::code);
        each["name"] = known == dimensions.end() ? "" : chinese ? known->name_zh : known->name_en;
    }
    return out;
}

asio::awaitable<Json> list_runs(db::Pool& db, std::string ref, std::string cursor, int limit) {
    std::optional<std::string> before;
    if (!cursor.empty()) {
        if (!is_id(cursor)) {
            throw ProblemError(bad_cursor());
        }
        before = cursor;
    }
    auto runs = co_await db.all<Run>(list_runs_sql, ref, before, limit + 1);
    Json out = {{"items", Json::array()}, {"next_cursor", nullptr}};
    if (runs.size() > static_cast<std::size_t>(limit)) {
        runs.pop_back();
        out["next_cursor"] = runs.back().id;
    }
    for (Run& run : runs) {
        co_await take_job_state(db, run);
        out["items"].push_back(brief(run));
    }
    co_return out;
}

asio::awaitable<std::optional<Run>> find_run(db::Pool& db, std::string ref, std::string run_id) {
    if (!is_id(run_id)) {
        co_return std::nullopt;
    }
    auto run = co_await db.find<Run>(find_run_sql, ref, run_id);
    if (run) {
        co_await take_job_state(db, *run);
    }
    co_return run;
}

asio::awaitable<std::optional<RunSummary>> latest(db::Pool& db, std::string ref) {
    co_return co_await db.find<RunSummary>(latest_run_sql, ref);
}

asio::awaitable<Result<FailurePage>> list_failures(db::Pool& db, std::string run_id, std::string rule,
                                                   std::string cursor, int limit) {
    auto after = position_of(cursor);
    if (!after) {
        co_return after.error();
    }
    FailurePage page;
    page.items =
        co_await db.all<Failure>(list_failures_sql, run_id, rule, after->rule, after->row_id, limit + 1);
    if (page.items.size() > static_cast<std::size_t>(limit)) {
        page.items.pop_back();
        const Failure& last = page.items.back();
        page.next_cursor = base64url(Json::array({last.rule, last.row_id}).dump());
    }
    for (const Failure& failure : page.items) {
        page.bytes += failure.value ? static_cast<std::int64_t>(failure.value->size()) : 0;
    }
    co_return page;
}

db::Query all_failures(const std::string& run_id, bool chinese) {
    return {.sql = std::string("SELECT row_id, line, rule, item, value, ") +
                   (chinese ? "reason_zh" : "reason_en") +
                   " FROM quality.failure WHERE run_id = $1::uuid ORDER BY rule, row_id",
            .params = {run_id}};
}

}  // namespace pengcheng::quality
