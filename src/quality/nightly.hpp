#pragma once

#include <pengcheng/jobs/jobs.hpp>

namespace pengcheng::quality {

/// Asks for a run of every resource that has rows: rules about time and code lists that changed meanwhile
/// judge rows that did not.
boost::asio::awaitable<jobs::Finished> nightly(jobs::Context& context);

}  // namespace pengcheng::quality
