#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace pengcheng::app {

/// Runs one coroutine to its end on a private io_context and pool; start-up work and CLI commands.
template <class T>
T run_blocking(const std::string& database_url,
               const std::function<boost::asio::awaitable<T>(db::Pool&)>& work) {
    boost::asio::io_context io(1);
    db::PoolOptions options;
    options.url = database_url;
    options.size_max = 4;
    db::Pool pool(io.get_executor(), options);
    std::optional<T> result;
    std::exception_ptr error;
    auto finish = [&](std::exception_ptr caught, std::optional<T> value) {
        error = caught;
        result = std::move(value);
    };
    auto wrapped = [](const std::function<boost::asio::awaitable<T>(db::Pool&)>& task,
                      db::Pool& db) -> boost::asio::awaitable<std::optional<T>> {
        co_return co_await task(db);
    };
    boost::asio::co_spawn(io, wrapped(work, pool), finish);
    io.run();
    if (error) {
        std::rethrow_exception(error);
    }
    return std::move(*result);
}

}  // namespace pengcheng::app
