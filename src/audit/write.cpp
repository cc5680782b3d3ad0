#include "audit/record.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

std::atomic<bool> relaxed_mode = false;

/// Records that share one commit.
struct Batch {
    explicit Batch(const asio::any_io_executor& executor)
        : ended(executor, asio::steady_timer::time_point::max()) {}
    std::vector<Record> records;
    asio::steady_timer ended;
    bool done = false;
    std::exception_ptr error;
};

/// While one batch is being written, the next one gathers.
struct Writer {
    std::shared_ptr<Batch> next;
    bool running = false;
};

/// A pool belongs to one thread, so its writer does too.
std::shared_ptr<Writer> writer_of(db::Pool& db) {
    thread_local std::unordered_map<const db::Pool*, std::shared_ptr<Writer>> writers;
    auto& writer = writers[&db];
    if (!writer) {
        writer = std::make_shared<Writer>();
    }
    return writer;
}

asio::awaitable<void> drain(db::Pool& db, std::shared_ptr<Writer> writer) {
    // Resets the writer also when an io_context drops this coroutine half way: a pool made later may have
    // the same address.
    auto reset = [](Writer* dropped) {
        dropped->running = false;
        dropped->next.reset();
    };
    std::unique_ptr<Writer, decltype(reset)> guard(writer.get(), reset);
    while (auto batch = std::exchange(writer->next, nullptr)) {
        try {
            co_await insert(db, batch->records);
        } catch (const std::exception& error) {
            batch->error = std::current_exception();
            log::error("audit.write-failed", {{"error", error.what()}});
        }
        batch->done = true;
        batch->ended.cancel();
    }
}

}  // namespace

void set_relaxed(bool relaxed) {
    relaxed_mode = relaxed;
}

asio::awaitable<void> write(db::Pool& db, Record record) {
    settle(record);
    auto writer = writer_of(db);
    if (!writer->next) {
        writer->next = std::make_shared<Batch>(db.executor());
    }
    auto batch = writer->next;
    batch->records.push_back(std::move(record));
    if (!writer->running) {
        writer->running = true;
        spawn(db.executor(), drain(db, writer), "audit.write");
    }
    if (relaxed_mode) {
        co_return;
    }
    while (!batch->done) {
        boost::system::error_code cancelled;
        co_await batch->ended.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    if (batch->error) {
        std::rethrow_exception(batch->error);
    }
}

}  // namespace pengcheng::audit
