#pragma once

#include "harness.hpp"
#include "sanitizer.hpp"

#include <chrono>

namespace pengcheng::test {

/// Makes a staff account with roles, confirmed by security_admin as the command line demands. Its password is
/// `password`.
inline void add_staff(const Server& server, const std::string& name, const std::string& organization,
                      const std::vector<std::string>& roles) {
    std::vector<std::string> arguments{"user",           "add", "--username",      name,
                                       "--display-name", name,  "--password-stdin"};
    if (!organization.empty()) {
        arguments.insert(arguments.end(), {"--organization", organization});
    }
    for (const auto& role : roles) {
        arguments.insert(arguments.end(), {"--role", role});
    }
    std::string line = std::string(password) + "\n";
    if (!roles.empty()) {
        arguments.insert(arguments.end(), {"--by", "security_admin"});
        line += line;
    }
    CommandRun made = cli(server, arguments, line);
    if (made.status != 0) {
        throw std::runtime_error("user add: " + made.out);
    }
}

/// The reply once it has this status, or the last one when five seconds of patience are over: for what
/// another process changed, which the server hears of a moment later.
inline Reply get_once(const Client& client, int status, const std::string& target) {
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(5);
    Reply reply = client.get(target);
    while (reply.status != status && std::chrono::steady_clock::now() < deadline) {
        reply = client.get(target);
    }
    return reply;
}

}  // namespace pengcheng::test
