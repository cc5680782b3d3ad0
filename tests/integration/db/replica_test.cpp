#include "sanitizer.hpp"

#include <pengcheng/db/migrate.hpp>
#include <pengcheng/db/pool.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

namespace pengcheng::test {
namespace {

namespace asio = boost::asio;

/// A primary and a streaming replica of its own, made with PostgreSQL's tools.
class Replicas : public testing::Test {
protected:
    Replicas() {
        std::string pattern = "/tmp/pcr-XXXXXX";
        folder_ = mkdtemp(pattern.data());
        std::filesystem::permissions(folder_, std::filesystem::perms::all);
        run("initdb -D primary --no-sync -A trust -U pengcheng");
        run("pg_ctl -D primary -w -l primary.log -o \"-k $PWD -p 5501 -c listen_addresses= -c fsync=off\" "
            "start");
        run("pg_basebackup -h $PWD -p 5501 -U pengcheng -D replica -R -X stream");
        run("pg_ctl -D replica -w -l replica.log -o \"-k $PWD -p 5502 -c listen_addresses= -c fsync=off\" "
            "start");
        options_.url = url(5501);
        options_.read_url = url(5502);
        options_.read_lag_ms_max = 1500;
        options_.lane = true;
        pool_.emplace(io_.get_executor(), options_);
    }
    ~Replicas() override {
        pool_.reset();
        io_.restart();
        io_.run();
        stop("replica");
        stop("primary");
        std::filesystem::remove_all(folder_);
    }

    [[nodiscard]] std::string url(int port) const {
        return "host=" + folder_.string() + " port=" + std::to_string(port) +
               " user=pengcheng dbname=postgres";
    }
    void run(const std::string& command) const {
        std::string user =
            geteuid() == 0 ? "setpriv --reuid pengcheng --regid pengcheng --clear-groups " : "";
        std::string line = "cd " + folder_.string() + " && PATH=/usr/lib/postgresql/15/bin:$PATH " + user +
                           "sh -c '" + command + "' >> run.log 2>&1";
        if (std::system(line.c_str()) != 0) {
            throw std::runtime_error("failed: " + command);
        }
    }
    void stop(const std::string& which) const { run("pg_ctl -D " + which + " -m immediate stop || true"); }

    /// "replica" or "primary": who answers the pool's reads.
    std::string reads_at() {
        std::string out;
        auto ask = [](db::Pool& pool, std::string& answer) -> asio::awaitable<void> {
            db::Query query{"SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END, now()",
                            {}};
            auto read = [&query](db::Pool& from) { return from.short_query(query); };
            db::Rows rows = co_await db::from_reader(pool, read);
            answer = rows.at(0, 0).value_or("");
        };
        std::exception_ptr failed;
        bool done = false;
        asio::co_spawn(io_, ask(*pool_, out), [&](std::exception_ptr error) {
            failed = error;
            done = true;
        });
        io_.restart();
        while (!done) {
            io_.run_one();
        }
        if (failed) {
            std::rethrow_exception(failed);
        }
        return out;
    }
    /// Lets the watch look until reads go to `where`; false after ten seconds.
    bool reads_move_to(const std::string& where) {
        auto until = std::chrono::steady_clock::now() + patience * std::chrono::seconds(10);
        while (std::chrono::steady_clock::now() < until) {
            if (reads_at() == where) {
                return true;
            }
            io_.run_for(std::chrono::milliseconds(50));
        }
        return false;
    }

    std::filesystem::path folder_;
    db::PoolOptions options_;
    asio::io_context io_;
    std::optional<db::Pool> pool_;
};

TEST_F(Replicas, ServeWhileTheyKeepUpAndNotOtherwise) {
    EXPECT_TRUE(reads_move_to("replica"));
    EXPECT_TRUE(pool_->figures().replica_in_use);

    db::query_text(url(5502), "SELECT pg_wal_replay_pause()");
    db::query_text(url(5501), "SELECT pg_logical_emit_message(true, 'test', 'the primary moves on')");
    EXPECT_TRUE(reads_move_to("primary")) << "replay stands still";
    db::query_text(url(5502), "SELECT pg_wal_replay_resume()");
    EXPECT_TRUE(reads_move_to("replica")) << "it caught up";

    stop("replica");
    EXPECT_TRUE(reads_move_to("primary")) << "it is gone";
    io_.run_for(std::chrono::milliseconds(500));
    EXPECT_FALSE(pool_->figures().replica_in_use);
}

TEST_F(Replicas, WithoutWritesTheyAreNotBehind) {
    ASSERT_TRUE(reads_move_to("replica"));
    io_.run_for(std::chrono::milliseconds(2500));
    EXPECT_EQ(reads_at(), "replica") << "an idle primary writes nothing to wait for";
}

}  // namespace
}  // namespace pengcheng::test
