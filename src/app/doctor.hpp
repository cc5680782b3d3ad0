#pragma once

#include "app/cli.hpp"

namespace pengcheng::app {

/// Checks program, configuration, database, clock, disk, keys and front end. Each finding:
/// {name, ok, found, remedy}. Changes nothing.
Json examine(Cli& cli);

}  // namespace pengcheng::app
