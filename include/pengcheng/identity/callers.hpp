#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <map>
#include <string>
#include <vector>

namespace pengcheng::identity {

/// Who stands behind a user name or client id, as records of the audit log keep them.
struct Caller {
    std::string name;     ///< display name of the account, or the system's name
    bool system = false;  ///< a department's system, not a person
};

/// By user name or client id; who is not known is left out.
boost::asio::awaitable<std::map<std::string, Caller>> callers(db::Pool& db, std::vector<std::string> names);

}  // namespace pengcheng::identity
