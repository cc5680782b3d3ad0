#include "identity/workers.hpp"

#include <pengcheng/base/problem.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>

namespace pengcheng::identity {

namespace {

constexpr std::size_t worker_threads = 2;
constexpr int waiting_max = 64;  ///< some three seconds of work

asio::thread_pool& workers() {
    static asio::thread_pool pool(worker_threads);
    return pool;
}

/// One place in the queue, given back when the work ends.
class Place {
public:
    Place() {
        if (waiting().fetch_add(1) >= waiting_max) {
            waiting().fetch_sub(1);
            Problem busy = pengcheng::problem::busy.plain();
            busy.retry_after_s = 3;
            throw ProblemError(std::move(busy));
        }
    }
    ~Place() { waiting().fetch_sub(1); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

private:
    static std::atomic<int>& waiting() {
        static std::atomic<int> count{0};
        return count;
    }
};

asio::awaitable<std::string> hash_here(std::string password) {
    co_return crypto::hash_password(password);
}
asio::awaitable<bool> verify_here(std::string password, std::string encoded) {
    co_return crypto::verify_password(password, encoded);
}

}  // namespace

asio::awaitable<std::string> hash_password(std::string password) {
    Place place;
    auto work = hash_here(std::move(password));
    co_return co_await asio::co_spawn(workers(), std::move(work), asio::use_awaitable);
}

asio::awaitable<bool> verify_password(std::string password, std::string encoded) {
    Place place;
    auto work = verify_here(std::move(password), std::move(encoded));
    co_return co_await asio::co_spawn(workers(), std::move(work), asio::use_awaitable);
}

}  // namespace pengcheng::identity
