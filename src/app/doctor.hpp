#pragma once

#include "app/cli.hpp"

namespace pengcheng::app {

struct DoctorOptions {
    std::int64_t disk_mb_min = 1024;  ///< least free space wanted in var
};

/// Checks configuration, database, schema, clocks, calendar, disk, folders, keys, checkpoint copies, port and
/// front end. Each finding: {name, ok, found, why, remedy}. Changes nothing; an embedded cluster is started
/// for the look if it does not run, and never made.
Json examine(Cli& cli, const DoctorOptions& options);

}  // namespace pengcheng::app
