#include <pengcheng/audit/sealer.hpp>

#include "audit/sealing.hpp"
#include "audit/writer.hpp"

#include <pengcheng/base/evidence_policy.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>
#include <pengcheng/db/conninfo.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

constexpr std::chrono::milliseconds seal_every{500};
constexpr std::int64_t seals_per_checkpoint = 1000;
constexpr std::chrono::minutes months_every{60};
constexpr int months_ahead = 3;

constexpr db::Statement make_months_sql{"audit.make_months",
                                        "SELECT audit.make_months($1::int) FROM audit.ensure_role()"};
PENGCHENG_STATEMENTS(make_months_sql);

}  // namespace

void start_evidence(const Runtime& runtime) {
    set_writer_options({.url = db::with_session_name(runtime.config.database_url, "pengcheng-evidence"),
                        .clock = runtime.clock,
                        .relaxed = runtime.config.evidence_mode == "relaxed"});
}

struct Sealer::Impl {
    explicit Impl(const Runtime& runtime_) : runtime(runtime_), io(1), wake(io) {}

    asio::awaitable<void> write_left_over() {
        for (Entries& entries : Writer::take_unwritten()) {
            co_await committed(Writer::of(io.get_executor()).adopt(std::move(entries)));
        }
    }

    asio::awaitable<void> turn(db::Pool& db) {
        if (stopping) {
            co_await write_left_over();
        }
        since_checkpoint += co_await sealing->seal_pending(db);
        auto now = std::chrono::steady_clock::now();
        std::chrono::seconds every(evidence_policy().checkpoint_seconds);
        if (stopping || since_checkpoint >= seals_per_checkpoint || now - last_checkpoint >= every) {
            since_checkpoint = 0;
            last_checkpoint = now;
            co_await sealing->checkpoint(db);
        }
        if (now >= next_months) {
            next_months = now + months_every;
            co_await db.one<int>(make_months_sql, months_ahead);
            if (evidence_policy().keep_months > 0) {
                co_await sealing->prune(db, evidence_policy().keep_months);
            }
        }
    }

    asio::awaitable<void> loop() {
        db::PoolOptions options{.url = runtime.config.database_url, .size_max = 1};
        db::Pool db(io.get_executor(), options);
        for (bool last = false; !last;) {
            last = stopping;
            std::string failure;
            try {
                co_await turn(db);
            } catch (const std::exception& error) {
                failure = error.what();
            }
            if (!failure.empty()) {
                log::error("audit.seal-failed", {{"error", failure}});
            }
            if (!last && !stopping) {
                wake.expires_after(seal_every);
                boost::system::error_code woken;
                co_await wake.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            }
        }
    }

    const Runtime& runtime;
    std::optional<Sealing> sealing;
    asio::io_context io;
    asio::steady_timer wake;
    bool stopping = false;  ///< on the sealer's thread
    std::int64_t since_checkpoint = 0;
    std::chrono::steady_clock::time_point last_checkpoint = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point next_months = last_checkpoint;
    std::thread thread;
};

Sealer::Sealer(const Runtime& runtime) : impl_(std::make_unique<Impl>(runtime)) {
}
Sealer::~Sealer() {
    stop();
}

void Sealer::start() {
    Impl* impl = impl_.get();
    impl->sealing.emplace(impl->runtime);
    start_evidence(impl->runtime);
    spawn(impl->io.get_executor(), impl->loop(), "audit.sealer");
    impl->thread = std::thread([impl] { impl->io.run(); });
}

void Sealer::stop() {
    if (!impl_->thread.joinable()) {
        return;
    }
    Impl* impl = impl_.get();
    asio::post(impl->io, [impl] {
        impl->stopping = true;
        impl->wake.cancel();
    });
    impl->thread.join();
}

asio::awaitable<int> prune(db::Pool& db, const Runtime& runtime, int keep_months) {
    Sealing sealing(runtime);
    co_return co_await sealing.prune(db, keep_months);
}

asio::awaitable<Checkpoint> checkpoint(db::Pool& db, const Runtime& runtime) {
    Sealing sealing(runtime);
    co_await sealing.seal_pending(db);
    co_return co_await sealing.checkpoint(db);
}

}  // namespace pengcheng::audit
