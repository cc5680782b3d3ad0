#pragma once

#include <pengcheng/base/config.hpp>

#include <filesystem>

namespace pengcheng::app {

/// Runs the server until SIGTERM or SIGINT: cluster (embedded), migrations, the pack if one is named, jobs,
/// HTTP. Prints "ready http://HOST:PORT" on stdout when it listens. -> exit status.
int serve(Config config, const std::filesystem::path& pack);

}  // namespace pengcheng::app
