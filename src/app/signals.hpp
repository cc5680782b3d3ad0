#pragma once

#include <pengcheng/base/config.hpp>
#include <pengcheng/http/server.hpp>

#include <csignal>

namespace pengcheng::app {

/// Blocks SIGTERM, SIGINT and SIGHUP in every thread made from here on; serve_until_stopped takes them.
sigset_t block_signals();

/// Serves until SIGTERM or SIGINT; -> which. On SIGHUP the settings are read again from where `started` came
/// from, and those that may change are taken over: log level, limits, networks, origins, certificate.
/// Settings that cannot be read change nothing. A certificate whose files change is read again without a
/// signal.
int serve_until_stopped(const sigset_t& signals, const Config& started, http::Server& server);

}  // namespace pengcheng::app
