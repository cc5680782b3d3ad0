#pragma once

#include <pengcheng/jobs/jobs.hpp>

namespace pengcheng::app {

/// Sweeps away what no module needs any more: ended sessions, kept replies, old tables, old jobs.
boost::asio::awaitable<jobs::Finished> housekeeping(jobs::Context& context);

}  // namespace pengcheng::app
