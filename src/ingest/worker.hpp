#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <type_traits>
#include <utility>

namespace pengcheng::ingest {

namespace asio = boost::asio;

/// Threads for a route's short file work (looking into a file, writing one out), which may block a disk.
asio::thread_pool& workers();

/// Runs `work` there and comes back with what it returns or throws.
template <class F>
asio::awaitable<std::invoke_result_t<F>> on_worker(F work) {
    auto task = [](F run) -> asio::awaitable<std::invoke_result_t<F>> { co_return run(); };
    co_return co_await asio::co_spawn(workers().get_executor(), task(std::move(work)), asio::use_awaitable);
}

}  // namespace pengcheng::ingest
