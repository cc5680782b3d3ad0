#include <pengcheng/quality/quality.hpp>

#include "quality/judge.hpp"
#include "quality/nightly.hpp"
#include "quality/problems.hpp"
#include "quality/rule_set.hpp"
#include "quality/score.hpp"

#include <pengcheng/audit/audit.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

namespace {

constexpr db::Statement add_run_sql{"quality.add_run", R"sql(
    INSERT INTO quality.run (id, ref, organization, state, load, created_by, created_at)
    VALUES ($1::uuid, $2, $3, $4, $5::bigint, $6, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET state = excluded.state WHERE excluded.state = 'running'
)sql"};

// A run with other rules is another run.
constexpr db::Statement rules_stamp_sql{"quality.find_rules_stamp", R"sql(
    SELECT coalesce((SELECT md5(rules::text) FROM quality.rule_set WHERE ref = $1), '')
)sql"};

constexpr db::Statement fail_run_sql{"quality.fail_run", R"sql(
    UPDATE quality.run SET state = 'failed', finished_at = now() WHERE id = $1::uuid
)sql"};

constexpr db::Statement drop_failures_sql{"quality.drop_failures", R"sql(
    DELETE FROM quality.failure WHERE run_id = $1::uuid
)sql"};

// A row with several faults counts once in each dimension and once in the total ('').
constexpr db::Statement count_bad_rows_sql{"quality.count_bad_rows", R"sql(
    SELECT coalesce(dimension, '') AS dimension, count(DISTINCT row_id) AS bad_rows
      FROM quality.failure WHERE run_id = $1::uuid AND scored
     GROUP BY GROUPING SETS ((dimension), ())
)sql"};

constexpr db::Statement finish_run_sql{"quality.finish_run", R"sql(
    UPDATE quality.run
       SET state = 'done', load = $2::bigint, score = $3::float8, grade = $4, capped = $5::boolean,
           row_count = $6::bigint, bad_rows = $7::bigint, report = $8::jsonb, finished_at = clock_timestamp()
     WHERE id = $1::uuid
)sql"};

PENGCHENG_STATEMENTS(add_run_sql, rules_stamp_sql, fail_run_sql, drop_failures_sql, count_bad_rows_sql,
                     finish_run_sql);

constexpr std::string_view freshness_dimension = "05";
constexpr std::string_view freshness_indicator = "0502";

struct BadRows {
    std::string dimension;
    std::int64_t bad_rows = 0;
};
constexpr auto describe(db::RowOf<BadRows>) {
    return db::columns(db::column("dimension", &BadRows::dimension),
                       db::column("bad_rows", &BadRows::bad_rows));
}

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

/// The report as stored: {dimensions, rules}.
class Report {
public:
    void add(const Json& rule, const RuleCount& count) {
        Json line = rule;
        line["judged"] = count.judged;
        line["failed"] = count.failed;
        line["score"] = or_null(rule_score(count));
        lines_.push_back(std::move(line));
        counts_.push_back(count);
    }
    [[nodiscard]] Score score() const { return score_of(counts_); }
    [[nodiscard]] Json json(const Score& score, const std::map<std::string, std::int64_t>& bad_rows) const {
        Json all = Json::array();
        for (std::size_t i = 0; i < dimensions.size(); ++i) {
            std::string code(dimensions[i].code);
            auto bad = bad_rows.find(code);
            all.push_back({{"code", code},
                           {"weight", dimensions[i].weight},
                           {"score", or_null(score.dimensions[i].score)},
                           {"judged", score.dimensions[i].judged},
                           {"failed", score.dimensions[i].failed},
                           {"bad_rows", bad == bad_rows.end() ? 0 : bad->second}});
        }
        return {{"dimensions", std::move(all)}, {"rules", lines_}};
    }

private:
    Json lines_ = Json::array();
    std::vector<RuleCount> counts_;
};

/// 及时性: one element, the load itself.
void add_freshness(Report& report, const catalogue::Resource& resource, const store::Table& table, Time now) {
    auto hours = overdue_hours(resource.update_cycle);
    auto loaded = parse_time(table.loaded_at);
    if (!hours || !loaded) {
        return;
    }
    bool overdue = now - *loaded > std::chrono::hours(*hours);
    Json rule = {{"id", "derived.freshness"},       {"kind", "freshness"}, {"item", ""},
                 {"title", "按更新周期及时更新"},   {"severity", "major"}, {"dimension", freshness_dimension},
                 {"indicator", freshness_indicator}};
    report.add(
        rule,
        {.dimension = freshness_dimension, .severity = "major", .judged = 1, .failed = overdue ? 1 : 0});
}

void add_rule(Report& report, const rules::RuleSpec& spec, std::int64_t judged, std::int64_t failed) {
    const rules::SpecKind& kind = *rules::find_kind(spec.kind);
    Json rule = {{"id", spec.id},
                 {"kind", spec.kind},
                 {"item", spec.item},
                 {"title", spec.title},
                 {"severity", spec.severity},
                 {"dimension", kind.dimension},
                 {"indicator", kind.indicator}};
    report.add(rule,
               {.dimension = kind.dimension, .severity = spec.severity, .judged = judged, .failed = failed});
}

Report make_report(const Subject& subject, const rules::Counts& counts) {
    Report report;
    for (std::size_t i = 0; i < subject.rules.specs().size(); ++i) {
        add_rule(report, subject.rules.specs()[i], counts.judged[i], counts.failed[i]);
    }
    for (const rules::RuleSpec& spec : subject.listless) {
        add_rule(report, spec, 0, 0);
    }
    return report;
}

/// What the run found, written with the end of the job.
asio::awaitable<jobs::Finished> finish_run(jobs::Context& context, db::Transaction writer,
                                           const catalogue::Resource& resource, const Subject& subject,
                                           const rules::Counts& counts, std::int64_t rows) {
    Report report = make_report(subject, counts);
    add_freshness(report, resource, subject.table, context.runtime().now());
    Score score = report.score();
    auto counted = co_await writer.all<BadRows>(count_bad_rows_sql, subject.run_id);
    std::map<std::string, std::int64_t> bad_rows;
    for (const BadRows& each : counted) {
        bad_rows[each.dimension] = each.bad_rows;
    }
    std::int64_t all_bad = bad_rows[""];
    std::string grade(score.grade);
    Json json = report.json(score, bad_rows);
    co_await context.fence(writer);
    co_await writer.run(finish_run_sql, subject.run_id, subject.table.load, score.total, grade, score.capped,
                        rows, all_bad, std::move(json));
    Json result = {{"run_id", subject.run_id},
                   {"score", or_null(score.total)},
                   {"grade", grade},
                   {"rows", rows},
                   {"bad_rows", all_bad}};
    co_await audit::record(writer, Principal::system("quality"), "quality.run.finish", resource.ref, result);
    co_return co_await context.finish(std::move(writer), std::move(result));
}

/// The rules over all rows, in the snapshot that the row rules read: what memory could not tell apart goes to
/// SQL.
asio::awaitable<void> judge_sets(jobs::Context& context, RowJudge& judge, db::Transaction& reader,
                                 db::Transaction& writer, const Subject& subject, rules::Counts& counts) {
    for (std::size_t key = 0; key < subject.keys.size(); ++key) {
        auto among = co_await judge.suspects_of(key);
        co_await judge_set(reader, writer, subject, subject.keys[key].rule, std::move(among), counts);
    }
    for (std::size_t rule = 0; rule < subject.rules.specs().size(); ++rule) {
        if (subject.rules.kind(rule).set && !subject.in_memory(rule)) {
            co_await context.progress("unique", 0, subject.table.rows);
            co_await judge_set(reader, writer, subject, rule, std::nullopt, counts);
        }
    }
}

asio::awaitable<jobs::Finished> judge_resource(jobs::Context& context, std::string ref) {
    db::Pool& db = context.db();
    auto reader = co_await db.begin_snapshot();
    auto resource = co_await catalogue::find(reader, ref);
    auto table = co_await store::current(reader, ref);
    if (!resource || !table) {
        const ProblemType& why = resource ? problem::no_rows : problem::no_resource;
        throw ProblemError(why.plain());
    }
    auto items = rule_items(*resource);
    auto stored = co_await stored_rules(db, ref);
    auto specs = effective_rules(items, stored);
    auto lists = co_await code_lists(db, items, specs);
    auto listless = take_listless(specs, items, lists);
    auto compiled =
        rules::CompiledRules::compile(items, std::move(specs), std::move(lists), context.runtime().today());
    auto subject =
        make_subject(context.job().id, std::move(*table), std::move(compiled).value(), std::move(listless));

    auto writer = co_await db.begin();
    co_await writer.run(drop_failures_sql, subject->run_id);
    co_await writer.copy_in_begin(std::string(failure_copy_sql));
    RowJudge judge(context, subject);
    co_await judge.run(reader, writer);
    rules::Counts counts = judge.counts();
    co_await judge_sets(context, judge, reader, writer, *subject, counts);
    co_await writer.copy_in_finish();
    co_return co_await finish_run(context, std::move(writer), *resource, *subject, counts, judge.rows());
}

asio::awaitable<void> note_run(jobs::Context& context, std::string ref, std::optional<std::int64_t> load) {
    const jobs::Job& job = context.job();
    auto tx = co_await context.begin();
    co_await tx.run(add_run_sql, job.id, ref, job.organization, "running", load, "");
    co_await tx.commit();
}

asio::awaitable<void> note_failure(jobs::Context& context) {
    auto tx = co_await context.begin();
    co_await tx.run(fail_run_sql, context.job().id);
    co_await tx.commit();
}

asio::awaitable<jobs::Finished> run(jobs::Context& context) {
    const jobs::Job& job = context.job();
    std::string ref = job.payload.at("ref").get<std::string>();
    std::optional<std::int64_t> load;
    if (job.payload.contains("load") && job.payload["load"].is_number_integer()) {
        load = job.payload["load"].get<std::int64_t>();
    }
    co_await note_run(context, ref, load);
    std::optional<Problem> refused;
    try {
        co_return co_await judge_resource(context, ref);
    } catch (const ProblemError& error) {
        refused = error.problem();
    }
    co_await note_failure(context);
    throw ProblemError(*refused);
}

}  // namespace

jobs::Bodies job_bodies(const Runtime&) {
    return {{"quality.run", run}, {"quality.nightly", nightly}};
}

asio::awaitable<std::string> enqueue_run(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::string organization, std::int64_t load) {
    auto stamp = co_await tx.one<std::string>(rules_stamp_sql, ref);
    jobs::NewJob job{.kind = "quality.run",
                     .organization = organization,
                     .object = ref,
                     .unique_key = "quality.run:" + ref + ":" + std::to_string(load) + ":" + stamp};
    job.payload = {{"ref", ref}, {"load", load}};
    std::string id = co_await jobs::enqueue(tx, who, std::move(job));
    co_await tx.run(add_run_sql, id, ref, organization, "queued", load, who.name);
    co_return id;
}

}  // namespace pengcheng::quality
