#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <string>

namespace pengcheng {

/// Starts `task` on `executor`; what it throws is logged under `name`. Give the task values, not references
/// to what may end before it.
void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> task, std::string name);

}  // namespace pengcheng
