#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>

namespace pengcheng::identity {

/// The file of `folder` that does not open what the database holds, or is missing though something was sealed
/// with it; empty when the keys are the database's. Makes no key. Throws ProblemError for a file that is
/// none.
boost::asio::awaitable<std::string> foreign_key_file(db::Pool& db, std::filesystem::path folder);

}  // namespace pengcheng::identity
