#pragma once

#include "ingest/row_feed.hpp"

#include <pengcheng/jobs/jobs.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <exception>
#include <memory>

namespace pengcheng::ingest {

namespace asio = boost::asio;

/// Fills slices on the worker pool while the database takes the ones before: reading, checks and COPY then
/// cost the longer of two times, not their sum.
/// Lives on the job's thread. stop() before it goes, also after an exception.
class Feeder {
public:
    Feeder(jobs::Context& context, std::shared_ptr<RowFeed> feed);

    /// The next slice; the last one says `end`. Throws what the feed threw.
    asio::awaitable<std::shared_ptr<RowFeed::Slice>> next();
    /// Takes a slice back, so that its memory serves again.
    void reuse(std::shared_ptr<RowFeed::Slice> slice) { spare_.push_back(std::move(slice)); }
    /// Returns when no worker holds a slice any more.
    asio::awaitable<void> stop();

private:
    void start();
    asio::awaitable<void> fill();
    asio::awaitable<void> changed();

    jobs::Context& context_;
    std::shared_ptr<RowFeed> feed_;
    std::deque<std::shared_ptr<RowFeed::Slice>> ready_;
    std::deque<std::shared_ptr<RowFeed::Slice>> spare_;
    bool filling_ = false;
    bool ended_ = false;
    std::exception_ptr error_;
    asio::steady_timer changed_;
};

}  // namespace pengcheng::ingest
