#include "app/signals.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/problem.hpp>

#include <cerrno>

namespace pengcheng::app {

namespace {

constexpr timespec look_at_files_every{.tv_sec = 2, .tv_nsec = 0};

void reload(const Config& started, http::Server& server) {
    try {
        Config config = Config::load(started.file);
        server.reload(config);
        log::set_level(config.log_level);
        log::info("server.reloaded", {{"file", started.file.string()}});
    } catch (const ProblemError& error) {
        log::error("server.reload-refused", {{"error", error.what()}});
    }
}

}  // namespace

sigset_t block_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

int serve_until_stopped(const sigset_t& signals, const Config& started, http::Server& server) {
    while (true) {
        int signal = sigtimedwait(&signals, nullptr, &look_at_files_every);
        if (signal == SIGTERM || signal == SIGINT) {
            return signal;
        }
        if (signal == SIGHUP) {
            reload(started, server);
        } else if (errno == EAGAIN) {
            server.reload_changed_certificate();
        }
    }
}

}  // namespace pengcheng::app
