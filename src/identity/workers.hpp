#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

namespace pengcheng::identity {

namespace asio = boost::asio;

// scrypt on two threads of its own: 0.1 s of CPU and 32 MiB a time have no place on an I/O thread.
// Throws ProblemError base.busy (503) when the queue before them is full.

asio::awaitable<std::string> hash_password(std::string password);
/// With an empty `encoded` it takes as long and is false: an unknown user answers like a wrong password.
asio::awaitable<bool> verify_password(std::string password, std::string encoded);

}  // namespace pengcheng::identity
