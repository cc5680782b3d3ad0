#pragma once

#include "harness.hpp"

#include <pengcheng/base/text.hpp>

#include <array>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/// `pengcheng` with an environment of the test's own: another var folder, an embedded cluster.
namespace pengcheng::test {

using Environment = std::map<std::string, std::string>;

struct Running {
    pid_t pid = -1;
    int out = -1;
};

inline Running launch_in(const Environment& environment, const std::vector<std::string>& arguments,
                         const std::filesystem::path& log) {
    std::array<int, 2> out{};
    if (pipe2(out.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe");
    }
    const std::string program =
        (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "pengcheng").string();
    const pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(out[1], 1);
        dup2(open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666), 2);
        for (const auto& [name, value] : environment) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        std::vector<char*> words{const_cast<char*>(program.c_str())};
        for (const std::string& word : arguments) {
            words.push_back(const_cast<char*>(word.c_str()));
        }
        words.push_back(nullptr);
        execv(program.c_str(), words.data());
        _exit(127);
    }
    close(out[1]);
    return {.pid = child, .out = out[0]};
}

/// Runs a command to its end.
inline CommandRun run_in(const Environment& environment, const std::vector<std::string>& arguments,
                         const std::filesystem::path& log) {
    const Running child = launch_in(environment, arguments, log);
    CommandRun run;
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = read(child.out, piece.data(), piece.size())) > 0;) {
        run.out.append(piece.data(), static_cast<std::size_t>(got));
    }
    close(child.out);
    int status = 0;
    waitpid(child.pid, &status, 0);
    run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return run;
}

/// Starts a server and waits until it is ready. Its sql() and url() are not to be used.
inline std::shared_ptr<Server> serve_in(const Environment& environment, const std::filesystem::path& log,
                                        std::vector<std::string> arguments = {"serve"}) {
    const Running child = launch_in(environment, arguments, log);
    auto server = std::make_shared<Server>();
    server->weak = server;
    server->process = child.pid;
    server->var = environment.at("PENGCHENG_VAR");
    std::string text;
    std::array<char, 512> piece{};
    while (text.find('\n') == std::string::npos) {
        const ssize_t got = read(child.out, piece.data(), piece.size());
        if (got <= 0) {
            throw std::runtime_error("the server did not start: " + text + read_file(log));
        }
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    close(child.out);
    server->port = static_cast<int>(to_int(trim(text.substr(text.rfind(':') + 1))).value_or(0));
    return server;
}

/// A folder under /tmp that every user may enter; gone at the end.
struct Scratch {
    Scratch() {
        std::string pattern = "/tmp/pcs-XXXXXX";
        folder = mkdtemp(pattern.data());
        std::filesystem::permissions(folder, std::filesystem::perms::all);
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::filesystem::path folder;
};

}  // namespace pengcheng::test
