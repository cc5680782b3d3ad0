#include "audit/writer.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

#include <boost/asio/execution_context.hpp>

namespace pengcheng::audit {

namespace {

constexpr std::size_t contexts_max = 4096;

WriterOptions options;

/// All writers of this process, for what they leave when it stops.
std::mutex writers_mutex;
std::set<Writer*> writers;

std::int64_t now_us() {
    return options.clock->now().time_since_epoch().count();
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
    assert(options.clock != nullptr && "start_evidence() comes first");
    std::lock_guard lock(writers_mutex);
    writers.insert(this);
}

Writer::~Writer() {
    std::lock_guard lock(writers_mutex);
    writers.erase(this);
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
    last_at_us_ = std::max(last_at_us_, now_us());
    if (!next_) {
        next_ = std::make_shared<Batch>(executor_);
        next_->entries.first_at_us = last_at_us_;
    }
    entry.at_us = last_at_us_;
    Entries& into = next_->entries;
    encode(into.bytes, entry);
    into.items.push_back({std::move(context), into.bytes.size()});
    into.last_at_us = last_at_us_;
    if (into.items.size() == wanted_) {
        gathered_.cancel();
    }
    auto batch = next_;
    begin_draining();
    return batch;
}

void Writer::begin_draining() {
    if (!running_) {
        running_ = true;
        spawn(executor_, drain(shared_from_this()), "audit.write");
    }
}

std::vector<Entries> Writer::take_unwritten() {
    std::lock_guard lock(writers_mutex);
    std::vector<Entries> out;
    for (Writer* writer : writers) {
        for (auto* batch : {&writer->under_way_, &writer->next_}) {
            if (*batch && !(*batch)->done) {
                out.push_back(std::move((*batch)->entries));
            }
            batch->reset();
        }
    }
    return out;
}

std::shared_ptr<Batch> Writer::adopt(Entries entries) {
    next_ = std::make_shared<Batch>(executor_);
    next_->entries = std::move(entries);
    auto batch = next_;
    begin_draining();
    return batch;
}

asio::awaitable<void> committed(std::shared_ptr<Batch> batch) {
    while (!batch->done) {
        boost::system::error_code cancelled;
        co_await batch->ended.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    if (batch->error) {
        std::rethrow_exception(batch->error);
    }
}

asio::awaitable<void> Writer::drain(std::shared_ptr<Writer> self) {
    // Spawned work begins at once: what else is ready on this thread is to join the first batch.
    co_await asio::post(self->executor_, asio::use_awaitable);
    while (self->next_) {
        co_await self->gather(options.relaxed ? relaxed_gather : strict_gather);
        auto batch = std::exchange(self->next_, nullptr);
        self->before_ = std::exchange(self->last_, batch->entries.items.size());
        self->under_way_ = batch;
        try {
            co_await self->commit(batch->entries);
        } catch (const std::exception& error) {
            batch->error = std::current_exception();
            log::error("audit.write-failed",
                       {{"error", error.what()}, {"records", std::to_string(batch->entries.items.size())}});
            self->lane_.close();
        }
        self->under_way_.reset();
        batch->done = true;
        batch->ended.cancel();
    }
    self->running_ = false;
}

/// Callers that were answered together come again together: a commit that starts with the first of them makes
/// all others wait for the next one. So it waits a little for as many as there were lately.
asio::awaitable<void> Writer::gather(std::chrono::microseconds most) {
    wanted_ = options.relaxed ? waiting_max : std::max(last_, before_);
    if (next_->entries.items.size() >= wanted_) {
        co_return;
    }
    gathered_.expires_after(most);
    boost::system::error_code enough;
    co_await gathered_.async_wait(asio::redirect_error(asio::use_awaitable, enough));
}

asio::awaitable<void> Writer::commit(const Entries& entries) {
    tried_ = {};
    std::exception_ptr lost;
    try {
        co_await lane_.open(entries.first_at_us);
        co_await attempt(entries);
    } catch (const db::Error& error) {
        if (!error.connection_lost() || lane_.head().chain == 0) {
            throw;
        }
        lost = std::current_exception();
    }
    if (!lost) {
        co_return;
    }
    bool committed = co_await lane_.reopen(entries.first_at_us, tried_);
    if (!committed) {
        co_await attempt(entries);
    }
}

asio::awaitable<void> Writer::attempt(const Entries& entries) {
    co_await add_contexts(entries);
    CopyRows rows;
    tried_ = sealed(entries, rows);
    co_await lane_.append(rows.finish());
    lane_.advance(tried_);
}

asio::awaitable<void> Writer::add_contexts(const Entries& entries) {
    for (const Entries::Item& item : entries.items) {
        if (item.context && !item.context->stored) {
            co_await lane_.add_context(item.context->context, context_id(item.context->digest));
            item.context->stored = true;
        }
    }
}

Head Writer::sealed(const Entries& entries, CopyRows& rows) const {
    Head head = lane_.head();
    std::size_t begin = 0;
    for (const Entries::Item& item : entries.items) {
        std::string_view entry(entries.bytes.data() + begin, item.end - begin);
        begin = item.end;
        const Digest* context = item.context ? &item.context->digest : nullptr;
        head.seq += 1;
        head.hash = link(head.hash, head.chain, head.seq, context == nullptr ? no_digest : *context, entry);
        rows.add(head.chain, head.seq, head.hash, context, entry);
    }
    head.at_us = entries.last_at_us;
    return head;
}

}  // namespace pengcheng::audit
