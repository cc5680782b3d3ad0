#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/jobs/jobs.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace pengcheng::ingest {

namespace asio = boost::asio;

/// "ingest.load" (payload {"batch"}) and "ingest.preview" ({"ref", "upload", "mode", "sheet"}), each with
/// "who". A load changes what readers see in its last transaction or not at all.
jobs::Bodies job_bodies();

/// Each csv, tsv, xlsx and json file of a folder (not of folders below) becomes a draft entry with its rows,
/// without a server: what `pengcheng ingest DIR` does. `said` is told of each file as it is done.
/// -> {"files": [{"file", "ref", "rows", "rejected", "problem"}], "loaded", "failed"}
asio::awaitable<Result<Json>> ingest_folder(db::Pool& db, const Runtime& runtime, Principal who,
                                            std::filesystem::path folder, std::string organization,
                                            std::function<void(const Json&)> said);

}  // namespace pengcheng::ingest
