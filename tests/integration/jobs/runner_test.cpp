#include "harness.hpp"
#include "sanitizer.hpp"

#include "app/run_blocking.hpp"

#include <pengcheng/jobs/jobs.hpp>

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <thread>

namespace pengcheng::test {
namespace {

namespace asio = boost::asio;

constexpr ProblemType spoilt{"test.spoilt", 422, "The file is spoilt", "文件已损坏"};

asio::awaitable<void> pause(jobs::Context& context, int milliseconds) {
    asio::steady_timer timer(context.db().executor(), std::chrono::milliseconds(milliseconds));
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<jobs::Finished> finish(jobs::Context& context, Json result) {
    auto tx = co_await context.db().begin();
    co_return co_await context.finish(std::move(tx), std::move(result));
}

asio::awaitable<jobs::Finished> add_up(jobs::Context& context) {
    std::int64_t sum = 0;
    for (int i = 1; i <= 4; ++i) {
        std::function<void()> work = [&sum, i] { sum += i; };
        co_await context.cpu(std::move(work));
        co_await context.progress("adding", i, 4);
    }
    Json result = {{"rows", sum}};
    co_return co_await finish(context, std::move(result));
}

asio::awaitable<jobs::Finished> refuse(jobs::Context& context) {
    co_await pause(context, 1);
    throw ProblemError(spoilt.because("第 3 行", "line 3"));
}

asio::awaitable<jobs::Finished> fail(jobs::Context& context) {
    co_await pause(context, 1);
    throw std::runtime_error("no such luck");
}

/// One statement that runs for a minute, told to nobody.
asio::awaitable<jobs::Finished> long_statement(jobs::Context& context) {
    auto tx = co_await context.db().begin();
    co_await tx.script("CREATE TABLE public.half_copied ()");
    co_await tx.script("SELECT pg_sleep(60)");
    co_return co_await context.finish(std::move(tx), Json::object());
}

/// Notes which department's turn it was.
asio::awaitable<jobs::Finished> take_turn(jobs::Context& context) {
    auto tx = co_await context.begin();
    co_await tx.script("INSERT INTO public.turns (organization) VALUES ('" + context.job().organization +
                       "')");
    co_return co_await context.finish(std::move(tx), Json::object());
}

asio::awaitable<jobs::Finished> work_on(jobs::Context& context) {
    for (std::int64_t i = 0;; ++i) {
        co_await pause(context, 10);
        co_await context.progress("working", i, 0);
    }
}

/// Never looks whether it shall stop.
asio::awaitable<jobs::Finished> stay(jobs::Context& context) {
    auto tx = co_await context.db().begin();
    co_await tx.script("CREATE TABLE public.half_done ()");
    while (true) {
        co_await pause(context, 1000);
    }
}

std::atomic<bool> first_may_go = false;
std::atomic<bool> first_ended = false;

/// The first attempt sleeps through the end of its lease, the second one does the work.
asio::awaitable<jobs::Finished> sleep_or_work(jobs::Context& context) {
    if (context.job().attempt == 1) {
        while (!first_may_go) {
            co_await pause(context, 10);
        }
        std::shared_ptr<void> note(nullptr, [](void*) { first_ended = true; });
        Json late = {{"by", "first"}};
        co_return co_await finish(context, std::move(late));
    }
    Json result = {{"by", "second"}};
    co_return co_await finish(context, std::move(result));
}

/// Runners of this process beside the server's; their kinds of job are none of the server's.
class Jobs : public ServerTest {
protected:
    void SetUp() override {
        runtime_.config.database_url = server_->url();
        runtime_.config.worker_threads = 2;
        runtime_.config.drain_ms_max = 3000;
        runtime_.clock = &clock_;
    }
    [[nodiscard]] std::unique_ptr<jobs::Runner> runner() const {
        jobs::Bodies bodies{{"test.add", add_up},          {"test.refuse", refuse},
                            {"test.fail", fail},           {"test.work", work_on},
                            {"test.stay", stay},           {"test.sleep", sleep_or_work},
                            {"test.long", long_statement}, {"test.turn", take_turn}};
        auto made = std::make_unique<jobs::Runner>(runtime_, std::move(bodies));
        made->start();
        return made;
    }
    template <class T>
    T blocking(const std::function<asio::awaitable<T>(db::Pool&)>& work) const {
        return app::run_blocking<T>(server_->url(), work);
    }
    static asio::awaitable<std::string> put(db::Pool& db, std::string kind, std::string key) {
        auto tx = co_await db.begin();
        jobs::NewJob job{.kind = std::move(kind),
                         .organization = "040",
                         .object = "x",
                         .payload = Json::object(),
                         .unique_key = std::move(key)};
        std::string id = co_await jobs::enqueue(tx, Principal::system("test"), std::move(job));
        co_await tx.commit();
        co_return id;
    }
    [[nodiscard]] std::string enqueue(const std::string& kind, const std::string& key = {}) const {
        return blocking<std::string>([&](db::Pool& db) { return put(db, kind, key); });
    }
    [[nodiscard]] jobs::Job job(const std::string& id) const {
        return blocking<std::optional<jobs::Job>>([&](db::Pool& db) { return jobs::find(db, id); }).value();
    }
    jobs::Job wait_for(const std::string& id, const std::string& state, int ms_max = 10000) const {
        auto until = std::chrono::steady_clock::now() + patience * std::chrono::milliseconds(ms_max);
        jobs::Job found = job(id);
        while (found.state != state && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            found = job(id);
        }
        EXPECT_EQ(found.state, state) << found.kind;
        return found;
    }

    Clock clock_;
    Runtime runtime_;
};

TEST_F(Jobs, RunToTheirEndWithResultAndProgress) {
    auto running = runner();
    jobs::Job done = wait_for(enqueue("test.add"), "done");
    EXPECT_EQ(done.result["rows"], 10);
    EXPECT_EQ(done.stage, "adding");
    EXPECT_EQ(done.done, 4);
    EXPECT_EQ(done.attempt, 1);
    EXPECT_FALSE(done.finished_at.empty());
}

TEST_F(Jobs, FailForGoodWithAReasonInBothLanguages) {
    auto running = runner();
    jobs::Job failed = wait_for(enqueue("test.refuse"), "failed");
    EXPECT_EQ(failed.attempt, 1);
    EXPECT_NE(failed.error_zh.find("第 3 行"), std::string::npos);
    EXPECT_NE(failed.error_en.find("line 3"), std::string::npos);
}

TEST_F(Jobs, AreTriedAgainAndThenGivenUp) {
    auto running = runner();
    std::string id = enqueue("test.fail");
    sql("UPDATE jobs.job SET attempt_max = 2 WHERE id = '" + id + "'");
    jobs::Job dead = wait_for(id, "dead");
    EXPECT_EQ(dead.attempt, 2);
    EXPECT_EQ(dead.error_en.find("no such luck"), std::string::npos) << "details are for the log";
    EXPECT_EQ(cli(*server_, {"job", "retry", id}).status, 0);
}

TEST_F(Jobs, AreCancelledWithinASecond) {
    auto running = runner();
    std::string id = enqueue("test.work");
    wait_for(id, "running");
    auto cancelled = cli(*server_, {"--json", "job", "cancel", id});
    EXPECT_EQ(cancelled.status, 0) << cancelled.out;
    wait_for(id, "cancelled", 1200);
    EXPECT_EQ(cli(*server_, {"job", "cancel", id}).status, 1) << "it has ended";
}

TEST_F(Jobs, AreCancelledWithinASecondInTheMiddleOfAStatement) {
    auto running = runner();
    std::string id = enqueue("test.long");
    wait_for(id, "running");
    while (sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "0") {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(cli(*server_, {"job", "cancel", id}).status, 0);
    wait_for(id, "cancelled", 1000);
    EXPECT_EQ(sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' "
                  "AND state = 'active'"),
              "0");
    EXPECT_EQ(sql("SELECT to_regclass('public.half_copied')"), "");
}

TEST_F(Jobs, AreTakenOverWhenTheirLeaseRunsOutAndTheLateWorkerWritesNothing) {
    auto one = runner();
    auto other = runner();
    std::string id = enqueue("test.sleep");
    wait_for(id, "running");
    sql("UPDATE jobs.job SET lease_until = now() - interval '1 second' WHERE id = '" + id + "'");
    jobs::Job done = wait_for(id, "done");
    EXPECT_EQ(done.attempt, 2);
    first_may_go = true;
    for (int i = 0; i < patience * 500 && !first_ended; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(first_ended);
    EXPECT_EQ(job(id).result["by"], "second");
}

TEST_F(Jobs, GoBackToTheQueueWhenTheRunnerStops) {
    auto running = runner();
    std::string id = enqueue("test.work");
    wait_for(id, "running");
    running->stop();
    jobs::Job queued = job(id);
    EXPECT_EQ(queued.state, "queued");
    EXPECT_EQ(queued.attempt, 0);
    EXPECT_EQ(cli(*server_, {"job", "cancel", id}).status, 0);
}

TEST_F(Jobs, ThatDoNotListenAreDroppedWithTheirTransaction) {
    runtime_.config.drain_ms_max = 200;
    auto running = runner();
    std::string id = enqueue("test.stay");
    wait_for(id, "running");
    running->stop();
    EXPECT_EQ(job(id).state, "queued");
    EXPECT_EQ(sql("SELECT to_regclass('public.half_done')"), "");
    EXPECT_EQ(cli(*server_, {"job", "cancel", id}).status, 0);
}

TEST_F(Jobs, OfOneDepartmentDoNotDelayAnothersHoweverMany) {
    sql("CREATE TABLE IF NOT EXISTS public.turns (n serial, organization text)");
    sql("TRUNCATE public.turns RESTART IDENTITY");
    sql("INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, created_by) "
        "SELECT gen_random_uuid(), 'test.turn', '040', 'x', '{}', '', 0, '' FROM generate_series(1, 1000)");
    sql("INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, created_by) "
        "SELECT gen_random_uuid(), 'test.turn', o, 'x', '{}', '', 0, '' FROM unnest('{022,009}'::text[]) o");
    auto running = runner();
    auto until = std::chrono::steady_clock::now() + patience * std::chrono::seconds(20);
    while (sql("SELECT count(*) FROM public.turns WHERE organization <> '040'") != "2" &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    running->stop();
    EXPECT_EQ(sql("SELECT count(*) FROM public.turns WHERE organization <> '040'"), "2");
    EXPECT_LE(std::stoi(sql("SELECT max(n) FROM public.turns WHERE organization <> '040'")), 6)
        << "the two departments with one job each were among the first served";
    EXPECT_EQ(sql("SELECT count(*) FROM jobs.job WHERE kind = 'test.turn' AND state = 'running'"), "0");
    sql("DELETE FROM jobs.job WHERE kind = 'test.turn'");
}

TEST_F(Jobs, OfHigherPriorityGoFirst) {
    sql("CREATE TABLE IF NOT EXISTS public.turns (n serial, organization text)");
    sql("TRUNCATE public.turns RESTART IDENTITY");
    sql("INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, created_by) "
        "SELECT gen_random_uuid(), 'test.turn', CASE WHEN i = 30 THEN '022' ELSE '040' END, 'x', '{}', '', "
        "CASE WHEN i = 30 THEN 10 ELSE 0 END, '' FROM generate_series(1, 30) i");
    auto running = runner();
    auto until = std::chrono::steady_clock::now() + patience * std::chrono::seconds(20);
    while (sql("SELECT count(*) FROM public.turns") != "30" && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_LE(std::stoi(sql("SELECT n FROM public.turns WHERE organization = '022'")), 3)
        << "taken first; those beside it may end before it";
}

TEST_F(Jobs, LeaveAPlaceForADepartmentThatHasNothingAtWork) {
    auto running = runner();
    std::vector<std::string> busy;
    for (int i = 0; i < 4; ++i) {
        busy.push_back(enqueue("test.work"));
    }
    for (int i = 0;
         i < patience * 200 && sql("SELECT count(*) FROM jobs.job WHERE kind = 'test.work' AND state = "
                                   "'running'") != "2";
         ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    sql("INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, created_by) "
        "VALUES (gen_random_uuid(), 'test.add', '022', 'x', '{}', 'other', 0, '')");
    auto until = std::chrono::steady_clock::now() + patience * std::chrono::seconds(3);
    while (sql("SELECT state FROM jobs.job WHERE unique_key = 'other'") != "done" &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(sql("SELECT state FROM jobs.job WHERE unique_key = 'other'"), "done");
    EXPECT_EQ(sql("SELECT count(*) FROM jobs.job WHERE kind = 'test.work' AND state = 'running'"), "2")
        << "two threads, two jobs of one department";
    sql("DELETE FROM jobs.job WHERE unique_key = 'other'");
    for (const std::string& id : busy) {
        EXPECT_EQ(cli(*server_, {"job", "cancel", id}).status, 0);
        wait_for(id, "cancelled", 2000);
    }
}

TEST_F(Jobs, ThatWereGivenUpAreListedWithTheirReasonAndRunAgain) {
    std::string id = enqueue("test.fail");
    sql("UPDATE jobs.job SET attempt_max = 1 WHERE id = '" + id + "'");
    auto running = runner();
    wait_for(id, "dead");
    running->stop();
    Json page = cli(*server_, {"--json", "job", "dead", "--kind", "test.fail"}).json();
    ASSERT_FALSE(page["items"].empty());
    EXPECT_EQ(page["items"][0]["id"], id);
    EXPECT_NE(page["items"][0]["error"]["zh"].get<std::string>().find("第 1 次"), std::string::npos);
    Reply listed = as("market_officer").get("/api/v1/jobs?state=dead&kind=test.fail");
    EXPECT_EQ(listed.json["items"][0]["id"], id);
    auto figures = blocking<jobs::Gauges>([](db::Pool& db) { return jobs::gauges(db); });
    EXPECT_GE(figures.dead, 1);

    EXPECT_EQ(as("civil_officer").post("/api/v1/jobs/" + id + "/retry").status, 403);
    EXPECT_EQ(job(id).state, "dead");
    Reply again = as("market_officer").post("/api/v1/jobs/" + id + "/retry");
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(again.json["state"], "queued");
    EXPECT_EQ(again.json["attempt"], 0);
    EXPECT_EQ(as("market_officer").post("/api/v1/jobs/" + id + "/retry").status, 409);
    EXPECT_EQ(cli(*server_, {"job", "cancel", id}).status, 0);
}

TEST_F(Jobs, OfOneKeyAreMadeOnce) {
    std::string id = enqueue("test.nobody", "the-key");
    EXPECT_EQ(enqueue("test.nobody", "the-key"), id);
    EXPECT_EQ(cli(*server_, {"job", "cancel", id}).status, 0);
    EXPECT_NE(enqueue("test.nobody", "the-key"), id);
}

TEST_F(Jobs, AreSeenByTheirDepartmentAndStreamTheirProgress) {
    auto running = runner();
    std::string id = enqueue("test.add");
    wait_for(id, "done");
    std::string url = "/api/v1/jobs/" + id;
    EXPECT_EQ(anonymous().get(url).status, 401);
    EXPECT_EQ(as("civil_officer").get(url).status, 403);
    EXPECT_EQ(as("market_officer").get("/api/v1/jobs/nonsense").status, 404);
    Reply shown = as("market_officer").get(url);
    ASSERT_EQ(shown.status, 200) << shown.body;
    EXPECT_EQ(shown.json["result"]["rows"], 10);
    EXPECT_EQ(as("market_officer").post(url + "/cancel").status, 409);
    EXPECT_EQ(as("civil_officer").post(url + "/cancel").status, 403);

    Reply events = as("market_officer").get(url + "/events");
    EXPECT_EQ(events.status, 200);
    EXPECT_TRUE(events.body.starts_with("event: progress\ndata: {")) << events.body;

    Reply mine = as("market_officer").get("/api/v1/jobs?kind=test.add");
    ASSERT_EQ(mine.status, 200);
    EXPECT_FALSE(mine.json["items"].empty());
    Reply theirs = as("civil_officer").get("/api/v1/jobs?kind=test.add");
    EXPECT_TRUE(theirs.json["items"].empty());
}

}  // namespace
}  // namespace pengcheng::test
