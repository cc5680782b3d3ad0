#pragma once

#include "ingest/batch.hpp"

#include <pengcheng/jobs/jobs.hpp>

namespace pengcheng::ingest {

/// Loads a batch: what readers see changes in the last transaction or not at all. Throws ProblemError when
/// the file is refused; the batch is then marked failed.
asio::awaitable<jobs::Finished> load_batch(jobs::Context& context, std::string batch_id, Principal who);

/// Counts what a load would change and shows samples, in a transaction that keeps nothing but the result.
asio::awaitable<jobs::Finished> preview_load(jobs::Context& context, LoadInput input, Principal who);

}  // namespace pengcheng::ingest
