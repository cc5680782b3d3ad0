#pragma once

#include "audit/evidence.hpp"

#include <pengcheng/db/appender.hpp>

#include <cstdint>
#include <string>

namespace pengcheng::audit {

/// Where a chain ends.
struct Head {
    int chain = 0;
    std::int64_t seq = 0;
    Digest hash = no_digest;
    std::int64_t at_us = 0;  ///< of its last record
};

/// A connection that holds one chain, by an advisory lock of its session, and may do nothing but add.
/// Thread: one coroutine at a time.
class Lane {
public:
    Lane(asio::any_io_executor executor, std::string url);

    /// Ready to append: opens the connection and takes a chain when there is none. A chain that already has
    /// a record later than `at_us` is left alone, for times in a chain never go back.
    asio::awaitable<void> open(std::int64_t at_us);
    /// After a failure: whether the records up to `tried` (chain 0: none were sent) were committed. If not,
    /// ready to append them again, perhaps to another chain: the old one is free for others since the
    /// failure.
    asio::awaitable<bool> reopen(std::int64_t at_us, const Head& tried);
    void close();

    [[nodiscard]] const Head& head() const { return head_; }
    void advance(const Head& head) { head_ = head; }

    /// In a commit of its own. Adding what is there already changes nothing.
    asio::awaitable<void> add_context(const Context& context, const std::string& id);
    asio::awaitable<void> append(std::string_view rows);

private:
    asio::awaitable<void> begin_session();
    asio::awaitable<void> take_chain(std::int64_t at_us);
    asio::awaitable<bool> try_chain(int chain, std::int64_t at_us);
    asio::awaitable<void> become_writer();

    db::Appender appender_;
    int number_;  ///< what the sessions of this lane lock, one after the other
    Head head_;
};

}  // namespace pengcheng::audit
