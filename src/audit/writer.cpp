#include "audit/writer.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

#include <boost/asio/execution_context.hpp>

namespace pengcheng::audit {

namespace {

constexpr std::size_t contexts_max = 4096;

WriterOptions options;

std::int64_t now_us() {
    auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    return now.time_since_epoch().count();
}

/// Ties a writer to its io_context: its connection closes before the sockets' service does.
class WriterService : public asio::execution_context::service {
public:
    using key_type = WriterService;
    static inline asio::execution_context::id id;

    explicit WriterService(asio::execution_context& owner) : service(owner) {}

    Writer& writer(const asio::any_io_executor& executor) {
        if (!writer_) {
            writer_ = std::make_shared<Writer>(executor);
        }
        return *writer_;
    }

private:
    void shutdown() override { writer_.reset(); }
    std::shared_ptr<Writer> writer_;
};

}  // namespace

void set_writer_options(WriterOptions chosen) {
    options = std::move(chosen);
}

bool relaxed() {
    return options.relaxed;
}

Writer::Writer(asio::any_io_executor executor)
    : executor_(executor), gathered_(executor), lane_(std::move(executor), options.url) {
    assert(!options.url.empty() && "start_evidence() comes first");
}

Writer& Writer::of(const asio::any_io_executor& executor) {
    asio::execution_context& context = asio::query(executor, asio::execution::context);
    return asio::use_service<WriterService>(context).writer(executor);
}

std::shared_ptr<KnownContext> Writer::context(const Principal& who, Access& access) {
    thread_local std::string key;
    key.clear();
    append_key(key, who, access);
    auto found = contexts_.find(std::string_view(key));
    if (found != contexts_.end()) {
        return found->second;
    }
    if (contexts_.size() >= contexts_max) {
        contexts_.clear();
    }
    Context context = make_context(who, std::move(access));
    Digest digest = digest_of(context);
    auto known = std::make_shared<KnownContext>(KnownContext{std::move(context), digest});
    contexts_.emplace(key, known);
    return known;
}

std::shared_ptr<Batch> Writer::put(std::shared_ptr<KnownContext> context, Entry entry) {
    if (!next_) {
        next_ = std::make_shared<Batch>(executor_);
        next_->first_at_us = std::max(last_at_us_, now_us());
    }
    last_at_us_ = std::max(last_at_us_, now_us());
    entry.at_us = last_at_us_;
    encode(next_->entries, entry);
    next_->items.push_back({std::move(context), next_->entries.size()});
    next_->last_at_us = last_at_us_;
    if (next_->items.size() == wanted_) {
        gathered_.cancel();
    }
    auto batch = next_;
    if (!running_) {
        running_ = true;
        spawn(executor_, drain(shared_from_this()), "audit.write");
    }
    return batch;
}

asio::awaitable<void> Writer::drain(std::shared_ptr<Writer> self) {
    // Spawned work begins at once: what else is ready on this thread is to join the first batch.
    co_await asio::post(self->executor_, asio::use_awaitable);
    while (self->next_) {
        co_await self->gather(options.relaxed ? relaxed_gather : strict_gather);
        auto batch = std::exchange(self->next_, nullptr);
        self->before_ = std::exchange(self->last_, batch->items.size());
        try {
            co_await self->commit(*batch);
        } catch (const std::exception& error) {
            batch->error = std::current_exception();
            log::error("audit.write-failed",
                       {{"error", error.what()}, {"records", std::to_string(batch->items.size())}});
            self->lane_.close();
        }
        batch->done = true;
        batch->ended.cancel();
    }
    self->running_ = false;
}

/// Callers that were answered together come again together: a commit that starts with the first of them makes
/// all others wait for the next one. So it waits a little for as many as there were lately.
asio::awaitable<void> Writer::gather(std::chrono::microseconds most) {
    wanted_ = options.relaxed ? waiting_max : std::max(last_, before_);
    if (next_->items.size() >= wanted_) {
        co_return;
    }
    gathered_.expires_after(most);
    boost::system::error_code enough;
    co_await gathered_.async_wait(asio::redirect_error(asio::use_awaitable, enough));
}

asio::awaitable<void> Writer::commit(Batch& batch) {
    std::exception_ptr lost;
    try {
        co_await lane_.open(batch.first_at_us);
        co_await attempt(batch);
    } catch (const db::Error& error) {
        if (!error.connection_lost() || lane_.head().chain == 0) {
            throw;
        }
        lost = std::current_exception();
    }
    if (!lost) {
        co_return;
    }
    co_await lane_.reopen();
    if (tried_.chain != 0 && lane_.head().seq == tried_.seq && lane_.head().hash == tried_.hash) {
        co_return;  // it was committed, only the answer was lost
    }
    co_await attempt(batch);
}

asio::awaitable<void> Writer::attempt(const Batch& batch) {
    tried_ = {};
    co_await add_contexts(batch);
    CopyRows rows;
    tried_ = sealed(batch, rows);
    co_await lane_.append(rows.finish());
    lane_.advance(tried_);
}

asio::awaitable<void> Writer::add_contexts(const Batch& batch) {
    for (const Batch::Item& item : batch.items) {
        if (item.context && !item.context->stored) {
            co_await lane_.add_context(item.context->context, context_id(item.context->digest));
            item.context->stored = true;
        }
    }
}

Head Writer::sealed(const Batch& batch, CopyRows& rows) const {
    Head head = lane_.head();
    std::size_t begin = 0;
    for (const Batch::Item& item : batch.items) {
        std::string_view entry(batch.entries.data() + begin, item.end - begin);
        begin = item.end;
        const Digest* context = item.context ? &item.context->digest : nullptr;
        head.seq += 1;
        head.hash = link(head.hash, head.chain, head.seq, context == nullptr ? no_digest : *context, entry);
        rows.add(head.chain, head.seq, head.hash, context, entry);
    }
    head.at_us = batch.last_at_us;
    return head;
}

}  // namespace pengcheng::audit
