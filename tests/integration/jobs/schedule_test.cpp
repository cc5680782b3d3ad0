#include "harness.hpp"

#include "app/run_blocking.hpp"
#include "sanitizer.hpp"

#include <pengcheng/jobs/schedule.hpp>

#include <thread>

namespace pengcheng::test {
namespace {

namespace asio = boost::asio;

/// A clock that stands where it was put.
class SetClock final : public Clock {
public:
    [[nodiscard]] Time now() const override { return at; }
    Time at{};
};

Time at(std::string_view text) {
    return parse_time(text).value();
}

/// Schedules on a clock of the test's own. The server's runner takes the jobs it fires; its own clock is far
/// from the times below, so it fires none of them.
class Schedules : public ServerTest {
protected:
    void SetUp() override {
        runtime_.config.database_url = server_->url();
        runtime_.clock = &clock_;
        runtime_.calendar =
            WorkCalendar({{*parse_day("2030-01-01"), false}, {*parse_day("2030-01-05"), true}});
        clock_.at = at("2030-01-01T00:00:00+08:00");
        sql("UPDATE jobs.schedule SET paused = true");
        sql("DELETE FROM jobs.schedule WHERE code LIKE 't-%'");
        sql("DELETE FROM jobs.job WHERE schedule LIKE 't-%'");
    }
    template <class T>
    T blocking(const std::function<asio::awaitable<T>(db::Pool&)>& work) const {
        return app::run_blocking<T>(server_->url(), work);
    }
    jobs::Schedule add(const std::string& code, const std::string& cron, const std::string& missed,
                       const std::string& days = "any") {
        jobs::ScheduleInput input{
            .code = code, .title = "测试", .kind = "app.housekeeping", .cron = cron, .days = days};
        input.missed = missed;
        input.missed_max = missed == "run_all" ? 3 : 1;
        return blocking<Result<jobs::Schedule>>(
                   [&](db::Pool& db) { return jobs::add_schedule(db, runtime_, who_, input); })
            .value();
    }
    int fire(std::string_view now) {
        clock_.at = at(now);
        return blocking<int>([&](db::Pool& db) { return jobs::fire_due(db, runtime_); });
    }
    static std::string due_times(const std::string& code) {
        return sql(
            "SELECT coalesce(string_agg(to_char(due_at AT TIME ZONE 'Asia/Shanghai', 'DD HH24:MI'), ', ' "
            "ORDER BY due_at), '') FROM jobs.job WHERE schedule = '" +
            code + "'");
    }
    static void all_done() {
        for (int i = 0;
             i < patience * 500 && sql("SELECT count(*) FROM jobs.job WHERE schedule LIKE 't-%' AND state IN "
                                       "('queued', 'running')") != "0";
             ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    const Principal who_ = Principal::system("test");
    SetClock clock_;
    Runtime runtime_;
};

TEST_F(Schedules, FireOnceWhenTheyAreDue) {
    jobs::Schedule made = add("t-daily", "30 3 * * *", "run_once");
    EXPECT_EQ(made.next_due, "2030-01-01T03:30:00.000+08:00");
    EXPECT_EQ(fire("2030-01-01T03:29:59+08:00"), 0);
    EXPECT_EQ(fire("2030-01-01T03:30:00+08:00"), 1);
    EXPECT_EQ(fire("2030-01-01T03:30:01+08:00"), 0);
    EXPECT_EQ(due_times("t-daily"), "01 03:30");
    all_done();
    EXPECT_EQ(
        sql("SELECT string_agg(state || ' ' || priority, ',') FROM jobs.job WHERE schedule = 't-daily'"),
        "done -10");
    EXPECT_EQ(fire("2030-01-02T03:30:00+08:00"), 1);
    EXPECT_EQ(due_times("t-daily"), "01 03:30, 02 03:30");
}

TEST_F(Schedules, KeepTheWorkingCalendar) {
    EXPECT_EQ(add("t-working", "0 9 * * *", "run_once", "working").next_due, "2030-01-02T09:00:00.000+08:00")
        << "New Year is off";
    EXPECT_EQ(fire("2030-01-04T10:00:00+08:00"), 1);
    EXPECT_EQ(
        sql("SELECT to_char(next_due AT TIME ZONE 'Asia/Shanghai', 'DD') FROM jobs.schedule WHERE code = "
            "'t-working'"),
        "05")
        << "a Saturday that is worked";
}

TEST_F(Schedules, DoWithMissedTimesWhatTheySay) {
    add("t-skip", "0 * * * *", "skip");
    add("t-once", "0 * * * *", "run_once");
    add("t-all", "0 * * * *", "run_all");
    EXPECT_EQ(fire("2030-01-01T08:30:00+08:00"), 4);
    EXPECT_EQ(due_times("t-skip"), "");
    EXPECT_EQ(due_times("t-once"), "01 08:00");
    EXPECT_EQ(due_times("t-all"), "01 06:00, 01 07:00, 01 08:00");
    EXPECT_EQ(fire("2030-01-01T08:31:00+08:00"), 0);
    all_done();
    EXPECT_EQ(fire("2030-01-01T09:00:10+08:00"), 3) << "all three in time";
    EXPECT_EQ(due_times("t-skip"), "01 09:00");
}

TEST_F(Schedules, FireOnceThoughManyProcessesLook) {
    add("t-many", "*/10 * * * *", "run_all");
    clock_.at = at("2030-01-01T00:25:00+08:00");
    std::atomic<int> fired = 0;
    std::vector<std::thread> lookers;
    for (int i = 0; i < 8; ++i) {
        lookers.emplace_back(
            [&] { fired += blocking<int>([&](db::Pool& db) { return jobs::fire_due(db, runtime_); }); });
    }
    for (std::thread& looker : lookers) {
        looker.join();
    }
    EXPECT_EQ(fired, 2);
    EXPECT_EQ(due_times("t-many"), "01 00:10, 01 00:20");
    // A process whose look came late finds the job there, even with the schedule put back.
    sql("UPDATE jobs.schedule SET next_due = '2030-01-01T00:10:00+08:00' WHERE code = 't-many'");
    EXPECT_EQ(fire("2030-01-01T00:25:00+08:00"), 0);
    EXPECT_EQ(due_times("t-many"), "01 00:10, 01 00:20");
}

TEST_F(Schedules, ArePausedGoOnAndRunByHand) {
    add("t-paused", "0 * * * *", "run_once");
    Client admin = as("system_admin");
    Reply paused = admin.post("/api/v1/schedules/t-paused/pause", {{"paused", true}});
    EXPECT_EQ(paused.status, 200) << paused.body;
    EXPECT_TRUE(paused.json["paused"]);
    EXPECT_EQ(fire("2030-01-01T05:00:00+08:00"), 0);
    Reply run = admin.post("/api/v1/schedules/t-paused/run");
    ASSERT_EQ(run.status, 202) << run.body;
    EXPECT_EQ(finished_job(admin, run.json["job_id"])["state"], "done");
    Reply resumed = admin.post("/api/v1/schedules/t-paused/pause", {{"paused", false}});
    EXPECT_FALSE(resumed.json["paused"]);
    EXPECT_EQ(resumed.json["last_state"], "done");
    EXPECT_EQ(admin.post("/api/v1/schedules/t-nothing/run").status, 404);
}

TEST_F(Schedules, AreMadeChangedAndRemovedByTheSystemAdministratorAlone) {
    Json body = {{"code", "t-made"},    {"title", "月初清理"},   {"kind", "app.housekeeping"},
                 {"cron", "0 4 * * *"}, {"days", "nth_working"}, {"nth", 1}};
    EXPECT_EQ(as("market_officer").post("/api/v1/schedules", body).status, 403);
    Client admin = as("system_admin");
    Reply made = admin.post("/api/v1/schedules", body);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(admin.post("/api/v1/schedules", body).status, 409);
    struct Bad {
        const char* member;
        Json value;
        const char* pointer;
    };
    for (const Bad& bad :
         {Bad{"cron", "61 * * * *", "/cron"}, Bad{"cron", "0 0 31 2 *", "/cron"}, Bad{"nth", 0, "/nth"},
          Bad{"kind", "ingest.load", "/kind"}, Bad{"object", "some-ref", "/object"},
          Bad{"code", "Bad Code", "/code"}, Bad{"title", "", "/title"}}) {
        Json wrong = body;
        wrong["code"] = "t-wrong";
        wrong[bad.member] = bad.value;
        Reply refused = admin.post("/api/v1/schedules", wrong);
        EXPECT_EQ(refused.status, 422) << refused.body;
        EXPECT_EQ(refused.json["errors"][0]["pointer"], bad.pointer) << refused.body;
    }
    Json change = body;
    change.erase("code");
    change["cron"] = "0 5 * * *";
    EXPECT_EQ(admin.put("/api/v1/schedules/t-made", change).status, 428);
    EXPECT_EQ(admin.if_match(7).put("/api/v1/schedules/t-made", change).status, 412);
    Reply changed = admin.if_match(1).put("/api/v1/schedules/t-made", change);
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.json["cron"], "0 5 * * *");
    EXPECT_EQ(changed.json["version"], 2);
    Reply times = admin.post("/api/v1/schedules/upcoming", {{"cron", "0 5 * * *"}, {"days", "working"}});
    EXPECT_EQ(times.json["due"].size(), 5U) << times.body;
    Reply list = as("reviewer").get("/api/v1/schedules");
    EXPECT_EQ(list.status, 200);
    EXPECT_GE(list.json["kinds"].size(), 3U);
    EXPECT_EQ(admin.remove("/api/v1/schedules/t-made").status, 204);
    EXPECT_EQ(admin.remove("/api/v1/schedules/t-made").status, 404);
}

TEST_F(Schedules, AreKeptByTheCommandLine) {
    auto add = cli(*server_, {"--json", "job", "schedule", "add", "t-cli", "--title", "月末", "--kind",
                              "app.housekeeping", "--cron", "0 18 * * *", "--days", "last_working"});
    ASSERT_EQ(add.status, 0) << add.out;
    EXPECT_FALSE(add.json()["next_due"].is_null());
    EXPECT_EQ(cli(*server_, {"job", "schedule", "pause", "t-cli"}).status, 0);
    Json list = cli(*server_, {"--json", "job", "schedule", "list"}).json();
    EXPECT_GE(list["items"].size(), 3U) << "housekeeping and the nightly run come with the program";
    EXPECT_EQ(cli(*server_, {"job", "schedule", "resume", "t-cli"}).status, 0);
    auto run = cli(*server_, {"--json", "job", "schedule", "run", "t-cli"});
    ASSERT_EQ(run.status, 0) << run.out;
    EXPECT_EQ(finished_job(as("system_admin"), run.json()["job_id"])["state"], "done");
    EXPECT_EQ(cli(*server_, {"job", "schedule", "remove", "t-cli"}).status, 0);
    EXPECT_EQ(cli(*server_, {"job", "schedule", "remove", "t-cli"}).status, 1);
    EXPECT_EQ(cli(*server_, {"job", "schedule", "upcoming", "--cron", "0 0 30 2 *"}).status, 1);
}

TEST_F(Schedules, SweepAwayWhatNobodyNeeds) {
    sql("INSERT INTO identity.session (token_hash, account, created_at, last_seen_at, expires_at, address) "
        "SELECT 'old-hash', id, now() - interval '2 days', now() - interval '2 "
        "days', now() - interval '1 day', '' FROM identity.account LIMIT 1");
    sql("INSERT INTO http.idempotency (principal, key, request, started_at) VALUES ('x', 'old', 'y', now() - "
        "interval '2 days')");
    sql("INSERT INTO jobs.job (id, kind, organization, object, payload, unique_key, priority, state, "
        "created_by, finished_at) SELECT gen_random_uuid(), 'test.old', '040', 'x', '{}', '', 0, s, '', "
        "now() - "
        "interval '60 days' FROM unnest('{done,dead}'::text[]) s");
    Reply run = as("system_admin").post("/api/v1/schedules/housekeeping/run");
    ASSERT_EQ(run.status, 202) << run.body;
    Json job = finished_job(as("system_admin"), run.json["job_id"]);
    EXPECT_EQ(job["state"], "done") << job.dump(1);
    EXPECT_GE(job["result"]["sessions"], 1);
    EXPECT_GE(job["result"]["keys"], 1);
    EXPECT_GE(job["result"]["jobs"], 1);
    EXPECT_EQ(sql("SELECT string_agg(state, ',') FROM jobs.job WHERE kind = 'test.old'"), "dead")
        << "reasons are kept longer";
}

TEST_F(Schedules, JudgeEveryResourceByNight) {
    Json items = {{{"name", "编号"},
                   {"column", "bian_hao"},
                   {"type", "C"},
                   {"length", 20},
                   {"nullable", false},
                   {"primary_key", true}}};
    Reply made = as("market_officer").post("/api/v1/catalogue/resources", resource_body("夜间检查", items));
    ASSERT_EQ(made.status, 201) << made.body;
    std::string ref = made.json["ref"];
    load(as("market_officer"), ref, "a.csv", "编号\n1\n2\n");
    for (int i = 0; i < patience * 500 && sql("SELECT count(*) FROM quality.run WHERE state = 'done'") != "1";
         ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    Reply run = as("system_admin").post("/api/v1/schedules/nightly-quality/run");
    ASSERT_EQ(run.status, 202) << run.body;
    Json job = finished_job(as("system_admin"), run.json["job_id"]);
    EXPECT_EQ(job["result"]["runs"], 1) << job.dump(1);
    for (int i = 0; i < patience * 500 && sql("SELECT count(*) FROM quality.run WHERE state = 'done'") < "2";
         ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(
        sql("SELECT count(*) FROM jobs.job WHERE kind = 'quality.run' AND state = 'done' AND object = '" +
            ref + "'"),
        "2")
        << "after the load, and by night";
}

}  // namespace
}  // namespace pengcheng::test
