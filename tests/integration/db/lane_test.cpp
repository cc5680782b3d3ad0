#include "harness.hpp"
#include "sanitizer.hpp"

#include <pengcheng/db/changes.hpp>
#include <pengcheng/db/pool.hpp>

#include <chrono>
#include <thread>

namespace pengcheng::test {
namespace {

namespace asio = boost::asio;
using db::Lane;
using db::Statement;

constexpr Statement echo_sql{"test.echo", "SELECT $1::text AS said", Lane::shared};
constexpr Statement number_sql{"test.number", "SELECT $1::text::bigint AS value", Lane::shared};
constexpr Statement slow_sql{"test.slow", "SELECT pg_sleep(0.6), 'late' AS said", Lane::shared};
constexpr Statement shape_sql{"test.shape", "SELECT * FROM public.shape", Lane::shared};

/// Reads of one thread through the lane of a pool of its own, on the server's database.
class ReadLanes : public ServerTest {
protected:
    ReadLanes() : pool_(io_.get_executor(), {.url = server_->url(), .size_max = 3, .lane = true}) {}

    void start(asio::awaitable<void> task) {
        ++under_way_;
        asio::co_spawn(io_, std::move(task), [this](std::exception_ptr failed) {
            --under_way_;
            if (failed && !failed_) {
                failed_ = failed;
            }
        });
    }
    void run() {
        io_.restart();
        while (under_way_ > 0) {  // not to its end: the lane's watch goes on
            io_.run_one();
        }
        if (auto failed = std::exchange(failed_, nullptr)) {
            std::rethrow_exception(failed);
        }
    }

    asio::awaitable<void> say(std::string word) {
        said_.push_back(co_await pool_.one<std::string>(echo_sql, std::move(word)));
    }
    asio::awaitable<void> number(std::string text) {
        try {
            co_await pool_.one<std::int64_t>(number_sql, std::move(text));
        } catch (const db::Error& error) {
            refused_.push_back(error.sqlstate());
        }
    }
    asio::awaitable<void> shaped(int i) {
        auto query = std::make_shared<db::SharedQuery>();
        query->name = "shape " + std::to_string(i);
        query->sql = "SELECT " + std::to_string(i) + " + $1::int";
        std::vector<db::Param> one{1};
        db::Rows rows = co_await pool_.short_query(std::move(query), std::move(one));
        EXPECT_EQ(rows.at(0, 0), std::to_string(i + 1));
    }

    asio::io_context io_;
    db::Pool pool_;
    std::exception_ptr failed_;
    int under_way_ = 0;
    std::vector<std::string> said_;
    std::vector<std::string> refused_;
};

TEST_F(ReadLanes, ManyReadsShareGroupsAndEachGetsItsOwnAnswer) {
    for (int i = 0; i < 500; ++i) {
        start(say("word " + std::to_string(i)));
    }
    run();
    ASSERT_EQ(said_.size(), 500U);
    std::ranges::sort(said_);
    EXPECT_EQ(std::ranges::adjacent_find(said_), said_.end());
    EXPECT_LT(pool_.figures().lane_groups, 50) << "500 reads in groups";
    EXPECT_EQ(pool_.figures().in_use, 0);
}

TEST_F(ReadLanes, ANeighboursErrorIsItsOwn) {
    for (int i = 0; i < 200; ++i) {
        start(i % 7 == 0 ? number("not a number") : say("word " + std::to_string(i)));
    }
    run();
    EXPECT_EQ(refused_, std::vector<std::string>(29, "22P02"));
    EXPECT_EQ(said_.size(), 171U);
}

TEST_F(ReadLanes, AParameterIsNotCutOffAtItsNul) {
    using namespace std::string_literals;
    auto refused = [](db::Pool& pool, Lane lane, int& count) -> asio::awaitable<void> {
        Statement echo = echo_sql;
        echo.lane = lane;
        try {
            std::vector<db::Param> one{"admin\0x"s};
            co_await pool.execute(echo, std::move(one));
        } catch (const db::Error& error) {
            count += error.sqlstate() == "22021" ? 1 : 0;
        }
    };
    auto in_transaction = [](db::Pool& pool, int& count) -> asio::awaitable<void> {
        auto tx = co_await pool.begin();
        try {
            co_await tx.one<std::string>(echo_sql, "admin\0x"s);
        } catch (const db::Error& error) {
            count += error.sqlstate() == "22021" ? 1 : 0;
        }
    };
    int count = 0;
    for (int i = 0; i < 20; ++i) {
        start(i % 5 == 0 ? refused(pool_, Lane::shared, count) : say("word " + std::to_string(i)));
    }
    start(refused(pool_, Lane::own, count));
    start(in_transaction(pool_, count));
    run();
    EXPECT_EQ(count, 6);
    EXPECT_EQ(said_.size(), 16U) << "a neighbour's NUL is its own";
}

TEST_F(ReadLanes, ASlowReadMovesToAConnectionOfItsOwn) {
    std::string late;
    auto slow = [](db::Pool& pool, std::string& out) -> asio::awaitable<void> {
        db::Rows rows = co_await pool.execute(slow_sql, {});
        out = rows.at(0, 1).value_or("");
    };
    start(slow(pool_, late));
    start(say("quick"));
    run();
    EXPECT_EQ(late, "late");
    EXPECT_EQ(said_, std::vector<std::string>{"quick"});
}

TEST_F(ReadLanes, ClientShapedStatementsStayFew) {
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 400; ++i) {
            start(shaped(i));
        }
        run();
    }
    std::string prepared;
    auto count = [](db::Pool& pool, std::string& out) -> asio::awaitable<void> {
        db::Query query{"SELECT count(*) FROM pg_prepared_statements", {}};
        db::Rows rows = co_await pool.short_query(std::move(query));
        out = rows.at(0, 0).value_or("");
    };
    start(count(pool_, prepared));
    run();
    EXPECT_GT(std::stoi(prepared), 100);
    EXPECT_LE(std::stoi(prepared), 160) << "1200 texts, at most 128 kept, those to be closed aside";
}

/// What twenty keys of a made-up table say, asked together.
class LookUps : public ReadLanes {
protected:
    static void SetUpTestSuite() {
        ReadLanes::SetUpTestSuite();
        sql("CREATE TABLE public.looked_up AS SELECT 'k' || i AS key, i AS value FROM generate_series(1, 20) "
            "AS i");
        sql("CREATE UNIQUE INDEX ON public.looked_up (key)");
    }
    asio::awaitable<void> look_up(std::string key) {
        std::vector<db::Param> params{7, key};
        try {
            db::Rows rows = co_await pool_.short_query(query_, std::move(params));
            EXPECT_EQ(rows.column_count(), 1);
            said_.push_back(key + "=" +
                            (rows.size() == 0 ? "none" : std::string(rows.at(0, 0).value_or("null"))));
        } catch (const db::Error& error) {
            refused_.push_back(error.sqlstate());
        }
    }
    std::string prepared(const std::string& what) {
        std::string out;
        auto count = [](db::Pool& pool, std::string like, std::string& answer) -> asio::awaitable<void> {
            db::Query query{"SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE $1", {like}};
            db::Rows rows = co_await pool.short_query(std::move(query));
            answer = rows.at(0, 0).value_or("");
        };
        start(count(pool_, what, out));
        run();
        return out;
    }

    std::shared_ptr<const db::SharedQuery> query_ = std::make_shared<db::SharedQuery>(
        db::SharedQuery{.name = "look-up",
                        .sql = "SELECT value + $1::int FROM public.looked_up WHERE key = $2",
                        .several_head = "SELECT value + $1::int, key FROM public.looked_up WHERE key IN (",
                        .several_tail = ")"});
};

TEST_F(LookUps, InFlightShareAStatementAndEachGetsItsOwnRow) {
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
        int key = i % 25;  // four times each; those beyond 20 are not there
        start(look_up("k" + std::to_string(key)));
        bool found = key >= 1 && key <= 20;
        expected.push_back("k" + std::to_string(key) + "=" + (found ? std::to_string(key + 7) : "none"));
    }
    run();
    std::ranges::sort(said_);
    std::ranges::sort(expected);
    EXPECT_EQ(said_, expected);
    EXPECT_NE(prepared("%key IN ($2, $3%"), "0") << "they were answered together";
}

TEST_F(LookUps, OneThatFailsHarmsNoOther) {
    for (int i = 1; i <= 20; ++i) {
        start(look_up("k" + std::to_string(i)));
        if (i % 10 == 0) {
            start(look_up("\xff no text"));
        }
    }
    run();
    EXPECT_EQ(said_.size(), 20U);
    EXPECT_EQ(refused_, std::vector<std::string>(2, "22021"));
}

TEST_F(ReadLanes, KilledConnectionsAreNotNoticed) {
    start(say("before"));
    run();
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pengcheng'"
        " AND datname = current_database() AND pid <> pg_backend_pid()");
    for (int i = 0; i < 20; ++i) {
        start(say("after " + std::to_string(i)));
    }
    run();
    EXPECT_EQ(said_.size(), 21U);
}

TEST_F(ReadLanes, AStatementWhoseTableChangedIsPreparedAnew) {
    sql("CREATE TABLE public.shape AS SELECT 1 AS a");
    auto columns = [](db::Pool& pool, int& out) -> asio::awaitable<void> {
        db::Rows rows = co_await pool.execute(shape_sql, {});
        out = rows.column_count();
    };
    int count = 0;
    start(columns(pool_, count));
    run();
    EXPECT_EQ(count, 1);
    sql("ALTER TABLE public.shape ADD COLUMN b int");
    start(columns(pool_, count));
    run();
    EXPECT_EQ(count, 2);
    sql("DROP TABLE public.shape");
}

TEST_F(ReadLanes, WhoGivesUpIsDetachedAndNobodyElseWaits) {
    asio::cancellation_signal stop;
    std::exception_ptr ended;
    auto slow = [](db::Pool& pool) -> asio::awaitable<void> { co_await pool.execute(slow_sql, {}); };
    asio::co_spawn(io_, slow(pool_), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr error) {
                       ended = error;
                   }));
    asio::post(io_, [&] { stop.emit(asio::cancellation_type::terminal); });
    start(say("other"));
    run();
    EXPECT_THROW(std::rethrow_exception(ended), boost::system::system_error);
    EXPECT_EQ(said_, std::vector<std::string>{"other"});
}

TEST_F(ReadLanes, TheWriterHearsOfItsOwnChangeBeforeItsCommitReturns) {
    db::Listener listener(server_->url());
    listener.start();
    auto settled = [] { return db::changes(db::Topic::exchange) == db::changes(db::Topic::exchange); };
    for (int i = 0; i < patience * 500 && !settled(); ++i) {
        std::this_thread::yield();
        start(say("wait"));
        run();
    }
    ASSERT_TRUE(settled()) << "a listener that hears lets the numbers stand";
    auto write = [](db::Pool& pool, std::uint64_t& before, std::uint64_t& after) -> asio::awaitable<void> {
        auto tx = co_await pool.begin();
        before = db::changes(db::Topic::exchange);
        co_await tx.script("UPDATE exchange.access_grant SET version = version");
        co_await tx.commit();
        after = db::changes(db::Topic::exchange);
    };
    for (int i = 0; i < 50; ++i) {
        std::uint64_t before = 0;
        std::uint64_t after = 0;
        start(write(pool_, before, after));
        run();
        ASSERT_GT(after, before) << "round " << i;
    }
}

TEST_F(ReadLanes, WithoutAListenerNothingIsTrusted) {
    EXPECT_NE(db::changes(db::Topic::store), db::changes(db::Topic::store));
}

}  // namespace
}  // namespace pengcheng::test
