#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/jobs/jobs.hpp>
#include <pengcheng/rules/check.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pengcheng::catalogue {
struct ResourceInput;
}

namespace pengcheng::quality {

namespace asio = boost::asio;

/// The kinds of job this area runs: "quality.run", payload {"ref": text, "load": number (optional)}. The id
/// of the job is the id of the run; a job enqueued by another area makes its run when it starts.
jobs::Bodies job_bodies(const Runtime& runtime);

/// Enqueues a run of the resource's present rows in the caller's transaction -> job id, which is the run id.
/// One live run for each resource, load and set of rules. Ingest calls it beside its last statement.
asio::awaitable<std::string> enqueue_run(db::Transaction& tx, const Principal& who, std::string ref,
                                         std::string organization, std::int64_t load);

/// The rules of severity `block` over one row, own and derived: ingest rejects the rows that break them.
asio::awaitable<std::vector<rules::RuleSpec>> blocking_rules(db::Pool& db, std::string ref,
                                                             std::vector<rules::Item> items);

/// The last finished run of a resource.
struct RunSummary {
    std::string id;
    std::optional<double> score;  ///< nothing: no rule could judge
    std::string grade;            ///< excellent, good, medium, low, poor, or empty
    std::int64_t rows = 0, bad_rows = 0;
    std::string finished_at;
};
asio::awaitable<std::optional<RunSummary>> latest(db::Pool& db, std::string ref);

/// What is wrong with the rules a pack gives a resource, an array as in PUT /rules but without ids; pointers
/// begin with /rules/<n>. Against the items too where the entry is known. Whether code lists exist is left to
/// put_pack_rules.
std::vector<FieldError> check_pack_rules(const Json& sent, const catalogue::ResourceInput* resource);
/// Replaces the rules that packs gave the resource (their ids begin with "pack.") and keeps what its people
/// added. Refuses what PUT /rules refuses.
asio::awaitable<Result<void>> put_pack_rules(db::Transaction& tx, const Principal& who, std::string ref,
                                             Json sent);

}  // namespace pengcheng::quality
