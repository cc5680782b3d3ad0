#pragma once

#include "audit/lane.hpp"

#include <pengcheng/base/time.hpp>

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pengcheng::audit {

/// How the evidence of this process is written; set before any is.
struct WriterOptions {
    std::string url;
    const Clock* clock = nullptr;  ///< outlives all writing
    bool relaxed = false;
};
void set_writer_options(WriterOptions options);

/// A context and what the writer knows of it.
struct KnownContext {
    Context context;
    Digest digest;
    bool stored = false;
};

/// Entries one after the other.
struct Entries {
    struct Item {
        std::shared_ptr<KnownContext> context;  ///< null in access-closed
        std::size_t end;                        ///< of its bytes
    };
    std::string bytes;
    std::vector<Item> items;
    std::int64_t first_at_us = 0, last_at_us = 0;
};

/// Records that share one commit.
struct Batch {
    explicit Batch(const asio::any_io_executor& executor)
        : ended(executor, asio::steady_timer::time_point::max()) {}

    Entries entries;
    asio::steady_timer ended;
    bool done = false;
    std::exception_ptr error;
};

/// Writes the evidence of one I/O thread in one chain: what arrives while a commit is in flight shares the
/// next one.
/// Thread: that of its executor. Lifetime: that of the executor's context.
class Writer : public std::enable_shared_from_this<Writer> {
public:
    explicit Writer(asio::any_io_executor executor);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// The writer of this thread.
    static Writer& of(const asio::any_io_executor& executor);

    std::shared_ptr<KnownContext> context(const Principal& who, Access& access);
    /// Queues the entry; its time is set here, for times in a chain never go back.
    std::shared_ptr<Batch> put(std::shared_ptr<KnownContext> context, Entry entry);

    /// In relaxed mode as many wait unwritten before a caller has to; in strict mode every caller waits.
    static constexpr std::size_t waiting_max = 4096;
    /// In relaxed mode records gather as long: with one commit, what a crash can lose.
    static constexpr std::chrono::milliseconds relaxed_gather{50};
    /// In strict mode a commit waits at most as long for callers who came together before.
    static constexpr std::chrono::microseconds strict_gather{300};

    /// What writers of threads that have ended did not write any more (relaxed mode). A batch that was under
    /// way is among it: better twice than not at all. Call it when no other thread writes.
    static std::vector<Entries> take_unwritten();
    std::shared_ptr<Batch> adopt(Entries entries);

private:
    static asio::awaitable<void> drain(std::shared_ptr<Writer> self);
    asio::awaitable<void> gather(std::chrono::microseconds most);
    asio::awaitable<void> commit(const Entries& entries);
    asio::awaitable<void> attempt(const Entries& entries);
    asio::awaitable<void> add_contexts(const Entries& entries);
    [[nodiscard]] Head sealed(const Entries& entries, CopyRows& rows) const;
    void begin_draining();

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    asio::any_io_executor executor_;
    asio::steady_timer gathered_;
    std::size_t wanted_ = 0;             ///< records that the batch waits for
    std::size_t last_ = 0, before_ = 0;  ///< sizes of the last two batches
    Lane lane_;
    Head tried_;  ///< where the chain ends if the attempt in flight is committed; chain 0: nothing was sent
    std::shared_ptr<Batch> next_;
    std::shared_ptr<Batch> under_way_;
    bool running_ = false;
    std::int64_t last_at_us_ = 0;
    std::unordered_map<std::string, std::shared_ptr<KnownContext>, TextHash, std::equal_to<>> contexts_;
};

/// Until the batch is committed; throws what kept it from that.
asio::awaitable<void> committed(std::shared_ptr<Batch> batch);

/// Whether evidence is written behind (evidence_mode: relaxed) instead of before a reply.
bool relaxed();

}  // namespace pengcheng::audit
