// Several server processes on one queue: they share it, one that stands still cannot write, and any may be
// killed at any moment.
#include "harness.hpp"
#include "sanitizer.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>
#include <thread>

namespace pengcheng::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int bad_line_every = 500;

Json items(bool keyed) {
    return {{{"name", "编号"},
             {"column", "bian_hao"},
             {"type", "C"},
             {"length", 20},
             {"nullable", false},
             {"primary_key", keyed}},
            {{"name", "名称"}, {"column", "ming_cheng"}, {"type", "C"}, {"length", 100}},
            {{"name", "数"}, {"column", "shu"}, {"type", "I"}}};
}

/// `rows` good lines and one more bad one after each `bad_line_every` of them.
std::string file_of(int rows, int first = 0) {
    std::string out = "编号,名称,数\n";
    for (int i = first; i < first + rows; ++i) {
        std::string n = std::to_string(i);
        out += n + ",第" + n + "行," + std::to_string(i % 97) + "\n";
        if ((i + 1) % bad_line_every == 0) {
            out += "x" + n + ",坏行,不是数\n";
        }
    }
    return out;
}

class Processes : public ServerTest {
protected:
    void SetUp() override { other_ = beside(*server_); }

    /// One more process on the same database and the same uploads, as on another machine with shared files.
    static std::shared_ptr<Server> beside(const Server& first) {
        static int count = 0;
        namespace fs = std::filesystem;
        auto server = std::make_shared<Server>();
        server->weak = server;
        server->database = first.database;
        server->var = first.var.string() + "-beside-" + std::to_string(++count);
        fs::create_directories(server->var);
        fs::create_directories(first.var / "uploads");
        fs::permissions(first.var / "uploads", fs::perms::all);  // the server is another user
        fs::create_directory_symlink(first.var / "uploads", server->var / "uploads");
        server->restart();
        return server;
    }

    static std::string entry(const std::string& name, bool keyed) {
        Reply made =
            as("market_officer").post("/api/v1/catalogue/resources", resource_body(name, items(keyed)));
        EXPECT_EQ(made.status, 201) << made.body;
        return made.json["ref"];
    }
    static std::string start(const std::string& ref, const std::string& upload_id) {
        Reply started =
            as("market_officer")
                .post("/api/v1/ingest/" + ref + "/batches", {{"upload_id", upload_id}, {"mode", "replace"}});
        EXPECT_EQ(started.status, 202) << started.body;
        return started.json["job_id"];
    }
    static std::string column(const std::string& job, const std::string& name) {
        return sql("SELECT coalesce(" + name + "::text, '') FROM jobs.job WHERE id = '" + job + "'");
    }
    /// Waits until the SQL answers `wanted`.
    static bool becomes(const std::string& statement, const std::string& wanted, seconds longest) {
        auto until = std::chrono::steady_clock::now() + patience * longest;
        while (std::chrono::steady_clock::now() < until) {
            if (sql(statement) == wanted) {
                return true;
            }
            std::this_thread::sleep_for(milliseconds(20));
        }
        return false;
    }
    static std::string state_of(const std::string& job) {
        return "SELECT state FROM jobs.job WHERE id = '" + job + "'";
    }
    std::shared_ptr<Server> holder(const std::string& job) const {
        std::string worker = column(job, "worker");
        std::string pid = worker.substr(worker.rfind(':') + 1);
        return pid == std::to_string(server_->process) ? server_ : other_;
    }
    static std::string table_of(const std::string& ref) {
        return "store." + sql("SELECT table_name FROM store.resource_table WHERE ref = '" + ref + "'");
    }
    static std::string log() { return read_file(server_->var.parent_path() / (server_->database + ".log")); }

    std::shared_ptr<Server> other_;
};

TEST_F(Processes, ShareOneQueue) {
    std::string ref = entry("共享队列", true);
    std::string file = upload(as("market_officer"), "a.csv", file_of(20'000));
    std::vector<std::string> jobs;
    for (int i = 0; i < 8; ++i) {
        std::string each = entry("共享队列" + std::to_string(i), true);
        jobs.push_back(start(each, file));
    }
    for (const std::string& job : jobs) {
        EXPECT_TRUE(becomes(state_of(job), "done", seconds(60))) << column(job, "error_en");
        EXPECT_EQ(column(job, "attempt"), "1");
    }
    EXPECT_EQ(sql("SELECT count(DISTINCT worker) FROM jobs.job WHERE kind = 'ingest.load'"), "2");
}

/// Stops the process that holds a load, once `share` percent are read; when its lease is past another one
/// does the work, and the first one, going on, writes nothing.
class StandingStill : public Processes {
protected:
    static constexpr int rows = 150'000;

    void stop_and_go_on(const std::string& name, const std::string& moment, bool whole_lease) {
        SCOPED_TRACE(name + ": " + moment);
        std::string ref = entry(name, true);
        std::string job = start(ref, upload(as("market_officer"), "big.csv", file_of(rows)));
        ASSERT_TRUE(becomes("SELECT (" + moment + ")::text FROM jobs.job WHERE id = '" + job + "'", "true",
                            seconds(60)));
        auto sleeper = holder(job);
        std::string token = column(job, "lease_token");
        ::kill(sleeper->process, SIGSTOP);
        if (!whole_lease) {
            sql("UPDATE jobs.job SET lease_until = now() - interval '1 second' WHERE id = '" + job +
                "' AND state = 'running'");
        }
        bool done = becomes(state_of(job), "done", seconds(60));
        std::string loaded =
            sql("SELECT md5(string_agg(t::text, '' ORDER BY _id)) FROM " + table_of(ref) + " t");
        ::kill(sleeper->process, SIGCONT);
        ASSERT_TRUE(done) << column(job, "error_en");
        ASSERT_TRUE(becomes(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pengcheng-job-" + token + "'",
            "0", seconds(20)));
        // The late worker has answered once more and taken its next turn at the queue.
        EXPECT_EQ(sleeper->anonymous().get("/healthz").status, 200);
        EXPECT_TRUE(heard_of_it(job)) << "the late worker never noticed";
        expect_loaded_once(ref, job);
        EXPECT_EQ(sql("SELECT md5(string_agg(t::text, '' ORDER BY _id)) FROM " + table_of(ref) + " t"),
                  loaded);
        EXPECT_EQ(column(job, "attempt"), "2");
    }

    static bool heard_of_it(const std::string& job) {
        for (int i = 0; i < patience * 200; ++i) {
            std::string text = log();
            std::size_t at = text.find("jobs.lease-lost");
            while (at != std::string::npos) {
                std::size_t end = text.find('\n', at);
                if (text.substr(at, end - at).find(job) != std::string::npos) {
                    return true;
                }
                at = text.find("jobs.lease-lost", end);
            }
            std::this_thread::sleep_for(milliseconds(100));
        }
        return false;
    }

    static void expect_loaded_once(const std::string& ref, const std::string& job) {
        std::string all = std::to_string(rows);
        EXPECT_EQ(sql("SELECT count(*) || ' ' || count(DISTINCT bian_hao) || ' ' || max(_id) FROM " +
                      table_of(ref)),
                  all + " " + all + " " + all);
        std::string rejects = std::to_string(rows / bad_line_every);
        EXPECT_EQ(
            sql("SELECT count(*) || ' ' || count(DISTINCT line) FROM ingest.reject r JOIN ingest.batch b "
                "ON b.id = r.batch WHERE b.job = '" +
                job + "'"),
            rejects + " " + rejects);
        EXPECT_EQ(
            sql("SELECT string_agg(state || ' ' || load || ' ' || rows_loaded || ' ' || rows_rejected, ',')"
                " FROM ingest.batch WHERE ref = '" +
                ref + "'"),
            "done 1 " + all + " " + rejects);
        EXPECT_EQ(sql("SELECT count(*) FROM audit.record WHERE action = 'ingest.batch.load' AND object = '" +
                      ref + "'"),
                  "1");
        EXPECT_EQ(
            sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'store' AND tablename LIKE 'stage%'"),
            "0");
    }
};

TEST_F(StandingStill, PastItsLeaseAWorkerWritesNothing) {
    stop_and_go_on("停住一", "stage = 'reading' AND done * 2 > total", true);
}

TEST_F(StandingStill, AtAnyPointOfALoadAWorkerWritesNothing) {
    stop_and_go_on("停住二", "state = 'running'", false);
    stop_and_go_on("停住三", "stage = 'reading' AND done * 10 > total", false);
    stop_and_go_on("停住四", "stage = 'reading' AND done * 10 > total * 8", false);
}

/// Loads, quality runs, scheduled jobs and notices while processes die.
class Killed : public Processes {
protected:
    static constexpr int kills = 20;
    static constexpr int firings = 30;
    static constexpr int rows = 4'000;

    std::shared_ptr<Server> either(std::mt19937& random) {
        return std::uniform_int_distribution<int>(0, 1)(random) == 0 ? server_ : other_;
    }

    /// Adds rows to the entry through `server`; whatever happens to the reply.
    static void load_some(Server& server, const std::string& ref, const std::string& file) {
        server.as("market_officer")
            .post("/api/v1/ingest/" + ref + "/batches", {{"upload_id", file}, {"mode", "append"}});
    }

    /// One entry goes to review and comes back, which leaves a notice each time.
    static void review_once(Server& server, const std::string& ref) {
        std::string url = "/api/v1/catalogue/resources/" + ref;
        Reply shown = server.as("market_officer").get(url);
        std::string state = shown.json.value("state", "");
        if (state == "submitted") {
            server.as("reviewer")
                .if_match(shown.json["version"])
                .post(url + "/return", {{"reason", "请补充说明"}});
        } else if (!state.empty()) {
            server.as("market_officer").if_match(shown.json["version"]).post(url + "/submit");
        }
    }

    /// Works until told to stop; a request that meets a dying process is simply lost.
    void keep_busy(const std::string& ref, const std::string& reviewed, const std::string& file) {
        for (int i = 0; !stop_; ++i) {
            Server& server = i % 2 == 0 ? *server_ : *other_;
            try {
                load_some(server, ref, file);
                review_once(server, reviewed);
            } catch (const std::exception&) {
                ++refused_;
            }
            std::this_thread::sleep_for(milliseconds(300));
        }
    }

    static void make_schedule() {
        Reply made = as("system_admin")
                         .post("/api/v1/schedules", {{"code", "every-minute"},
                                                     {"title", "每分钟"},
                                                     {"kind", "app.housekeeping"},
                                                     {"cron", "* * * * *"},
                                                     {"missed", "run_all"},
                                                     {"missed_max", 100}});
        ASSERT_EQ(made.status, 201) << made.body;
    }

    std::atomic<bool> stop_ = false;
    std::atomic<int> refused_ = 0;
};

TEST_F(Killed, TwentyTimesAtRandomNothingIsLostAndNothingDoubled) {
    unsigned seed = std::random_device{}();
    std::cout << "seed " << seed << std::endl;
    std::mt19937 random(seed);
    std::string ref = entry("断电二十次", false);
    std::string reviewed = entry("断电中的审核", true);
    std::string file = upload(as("market_officer"), "some.csv", file_of(rows));
    other_->as("market_officer");
    for (auto& server : {server_, other_}) {
        server->as("reviewer");
    }
    make_schedule();
    std::thread busy([&] { keep_busy(ref, reviewed, file); });
    std::string first_due;
    for (int i = 0; i < kills; ++i) {
        std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(50, 600)(random)));
        if (i == 3) {
            first_due =
                sql("UPDATE jobs.schedule SET next_due = date_trunc('minute', now()) - interval '" +
                    std::to_string(firings - 1) + " minutes' WHERE code = 'every-minute' RETURNING next_due");
        }
        auto victim = either(random);
        victim->kill();
        victim->restart();
    }
    stop_ = true;
    busy.join();
    sql("UPDATE jobs.schedule SET paused = true WHERE code = 'every-minute'");
    // The entry's loads run one after another, and each one killed holds up the rest until its lease ends.
    ASSERT_TRUE(
        becomes("SELECT count(*) FROM jobs.job WHERE state IN ('queued', 'running')", "0", seconds(180)))
        << sql("SELECT string_agg(kind || ' ' || state || ' ' || attempt, ', ') FROM jobs.job WHERE state IN "
               "('queued', 'running')");
    std::cout << refused_ << " rounds of requests met a dying process; "
              << sql("SELECT count(*) || ' jobs, ' || sum(attempt) || ' attempts' FROM jobs.job")
              << std::endl;

    EXPECT_EQ(sql("SELECT count(*) FROM jobs.job WHERE state <> 'done'"), "0") << sql(
        "SELECT string_agg(kind || ' ' || state || ' ' || error_en, ', ') FROM jobs.job WHERE state <> "
        "'done'");
    // Every batch that was taken was loaded, once.
    std::string batches = sql("SELECT count(*) FROM ingest.batch WHERE ref = '" + ref + "'");
    EXPECT_GT(std::stoi(batches), 5);
    EXPECT_EQ(sql("SELECT count(*) FROM ingest.batch WHERE ref = '" + ref + "' AND state = 'done'"), batches);
    EXPECT_EQ(sql("SELECT count(*) || ' ' || count(DISTINCT _id) FROM " + table_of(ref)),
              std::to_string(std::stoi(batches) * rows) + " " + std::to_string(std::stoi(batches) * rows));
    EXPECT_EQ(sql("SELECT count(*) FROM ingest.reject"),
              std::to_string(std::stoi(batches) * (rows / bad_line_every)));
    EXPECT_EQ(sql("SELECT count(*) FROM audit.record WHERE action = 'ingest.batch.load' AND object = '" +
                  ref + "'"),
              batches);
    // Every load asked for one quality run, and each was done, though perhaps on rows of a later load.
    EXPECT_EQ(sql("SELECT count(*) FROM quality.run WHERE ref = '" + ref + "' AND state = 'done'"), batches);
    EXPECT_EQ(sql("SELECT count(DISTINCT payload ->> 'load') FROM jobs.job WHERE kind = 'quality.run' "
                  "AND object = '" +
                  ref + "'"),
              batches);
    // Every minute since the first fired once.
    EXPECT_EQ(sql("SELECT count(*) || ' ' || count(DISTINCT due_at) FROM jobs.job "
                  "WHERE schedule = 'every-minute' AND due_at >= '" +
                  first_due + "'"),
              sql("SELECT n || ' ' || n FROM (SELECT 1 + extract(epoch FROM max(due_at) - '" + first_due +
                  "')::int / 60 AS n FROM jobs.job WHERE schedule = 'every-minute') t"));
    // Every return of the entry told its department once.
    EXPECT_EQ(sql("SELECT count(*) FROM events.notice WHERE link = '/console/catalogue/" + reviewed + "'"),
              sql("SELECT count(*) FROM audit.record WHERE object = '" + reviewed +
                  "' AND action ~ '^catalogue.resource.(submit|return)'"));
    EXPECT_EQ(sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'store' AND tablename LIKE 'stage%'"),
              "0");
}

}  // namespace
}  // namespace pengcheng::test
