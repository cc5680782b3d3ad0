#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Runs and what they found, for people.
namespace pengcheng::quality {

namespace asio = boost::asio;

struct Run {
    std::string id, ref, organization, state, grade, created_at, finished_at;
    std::optional<double> score;
    std::optional<std::int64_t> load;
    bool capped = false;
    std::int64_t rows = 0, bad_rows = 0;
    Json report;
};

Json brief(const Run& run);
Json full(const Run& run, bool chinese);

asio::awaitable<Json> list_runs(db::Pool& db, std::string ref, std::string cursor, int limit);
/// The run, which must be of this resource.
asio::awaitable<std::optional<Run>> find_run(db::Pool& db, std::string ref, std::string run_id);

struct Failure {
    std::int64_t row_id = 0;
    std::optional<std::int64_t> line;
    std::string rule, item, code, reason_zh, reason_en;
    std::optional<std::string> value;
};
struct FailurePage {
    std::vector<Failure> items;
    std::string next_cursor;
    std::int64_t bytes = 0;  ///< of values
};
asio::awaitable<Result<FailurePage>> list_failures(db::Pool& db, std::string run_id, std::string rule,
                                                   std::string cursor, int limit);
/// Every failure of a run in the order of list_failures: row_id, line, rule, item, value, reason (by
/// language).
db::Query all_failures(const std::string& run_id, bool chinese);

}  // namespace pengcheng::quality
