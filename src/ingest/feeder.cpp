#include "ingest/feeder.hpp"

#include <pengcheng/base/spawn.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pengcheng::ingest {

namespace {

constexpr std::size_t slices_ahead = 2;

}  // namespace

Feeder::Feeder(jobs::Context& context, std::shared_ptr<RowFeed> feed)
    : context_(context), feed_(std::move(feed)), changed_(context.db().executor()) {
}

asio::awaitable<std::shared_ptr<RowFeed::Slice>> Feeder::next() {
    start();
    while (ready_.empty() && !error_) {
        co_await changed();
    }
    if (ready_.empty()) {
        std::rethrow_exception(error_);
    }
    auto slice = std::move(ready_.front());
    ready_.pop_front();
    start();
    co_return slice;
}

asio::awaitable<void> Feeder::stop() {
    ended_ = true;
    while (filling_) {
        co_await changed();
    }
}

void Feeder::start() {
    if (filling_ || ended_ || error_ || ready_.size() >= slices_ahead) {
        return;
    }
    filling_ = true;
    spawn(context_.db().executor(), fill(), "ingest.fill");
}

asio::awaitable<void> Feeder::fill() {
    auto slice = std::make_shared<RowFeed::Slice>();
    if (!spare_.empty()) {
        slice = std::move(spare_.front());
        spare_.pop_front();
    }
    std::function<void()> work = [feed = feed_, slice] { feed->fill(*slice); };
    try {
        co_await context_.cpu(std::move(work));
        ended_ = ended_ || slice->end;
        ready_.push_back(std::move(slice));
    } catch (const std::exception&) {
        error_ = std::current_exception();  // next() passes it on
    }
    filling_ = false;
    changed_.cancel();
    start();
}

asio::awaitable<void> Feeder::changed() {
    changed_.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code woken;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

}  // namespace pengcheng::ingest
