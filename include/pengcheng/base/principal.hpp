#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng {

/// Who calls. Made by `identity` (HTTP) or `app` (CLI, jobs); carried by value, never stored.
struct Principal {
    enum class Kind { anonymous, user, client, operator_, system };

    Kind kind = Kind::anonymous;
    std::string id;            ///< UUID of the user or client; empty for anonymous and system
    std::string name;          ///< username or client_id; what the audit log shows
    std::string display_name;  ///< 姓名 or name of the system
    std::string organization;  ///< organization code ("017"); empty for citizens
    std::string region;        ///< GB/T 2260 code of the organization
    std::vector<std::string> roles;
    std::string request_id;
    std::string address;  ///< of the caller, after the trusted-proxy rule
    bool chinese = true;  ///< language of messages

    [[nodiscard]] bool has_role(std::string_view role) const {
        return std::find(roles.begin(), roles.end(), role) != roles.end();
    }
    [[nodiscard]] bool anonymous() const { return kind == Kind::anonymous; }

    /// The server itself: jobs and start-up work.
    static Principal system(std::string_view part);
};

}  // namespace pengcheng
