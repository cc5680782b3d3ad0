// PostgreSQL restarts, now gently, now not, and connections end at any moment, under a mixed load of one
// server that nobody restarts.
#include "harness.hpp"
#include "sanitizer.hpp"

#include <pengcheng/base/text.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <random>
#include <thread>

namespace pengcheng::test {
namespace {

class Chaos : public ServerTest {
protected:
    static constexpr const char* entries = "/api/v1/catalogue/resources";
    static constexpr int file_rows = 30'000;

    static Json items() {
        return Json::array({{{"name", "编号"},
                             {"column", "code"},
                             {"type", "C"},
                             {"length", 20},
                             {"primary_key", true},
                             {"nullable", false}},
                            {{"name", "数量"}, {"column", "amount"}, {"type", "I"}}});
    }
    static std::string file() {
        std::string out = "编号,数量\n";
        for (int i = 0; i < file_rows; ++i) {
            out += "A" + std::to_string(i) + "," + std::to_string(i % 97) + "\n";
        }
        return out;
    }
    /// A token of a system of the department that owns the rows.
    static Client system() {
        Json made = as("market_officer").post("/api/v1/clients", {{"name", "常读系统"}}).json;
        std::string form = "grant_type=client_credentials&client_id=" + made["client_id"].get<std::string>() +
                           "&client_secret=" + percent_encode(made["client_secret"].get<std::string>());
        Reply token = anonymous().post_bytes("/oauth/token", form, "application/x-www-form-urlencoded");
        return server_->bearer(token.json["access_token"]);
    }
    static bool shed(const Reply& reply) {
        return reply.status == 503 && !reply.header("retry-after").empty();
    }
    static std::string type(const Reply& reply) {
        return reply.json.is_object() ? reply.json.value("type", "") : "";
    }
    /// A client's pause before it sends again; the reply is what is waited for.
    static void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }
    /// Sends the same write with the same key until its outcome is known.
    Reply persist(const Client& client, const std::string& target, const Json& body) {
        auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(60);
        Reply reply;
        while (std::chrono::steady_clock::now() < deadline) {
            reply = client.post(target, body);
            bool at_work = type(reply) == "/problems/http.idempotency-busy";
            if (!shed(reply) && !at_work) {
                break;
            }
            repeats_ += 1;
            pause();
        }
        return reply;
    }
    void write_on(int writer) {
        for (int i = 0; !calm_; ++i) {
            std::string name = "乱中写 " + std::to_string(writer) + "-" + std::to_string(i);
            Reply reply =
                persist(as_writer_.header("Idempotency-Key", name), entries, resource_body(name, items()));
            bool done = reply.status == 201 || type(reply) == "/problems/http.idempotency-done";
            EXPECT_TRUE(done) << name << ": " << reply.status << ' ' << reply.body;
            lost_replies_ += reply.status == 201 ? 0 : 1;
            written_ += 1;
        }
    }
    void read_on(const Client& client, const std::string& target, const std::string& wanted) {
        while (!calm_) {
            Reply reply = client.get(target);
            EXPECT_TRUE((reply.status == 200 && reply.body == wanted) || shed(reply))
                << target << ": " << reply.status << ' ' << reply.body;
            (reply.status == 200 ? read_ : refused_) += 1;
            if (reply.status != 200) {
                pause();
            }
        }
    }
    /// Connections end at random moments; then a restart that waits for what runs, then one that does not.
    /// The pauses wait for nothing: they put each blow at a moment that nobody chose.
    void disturb(std::mt19937& random) {
        constexpr int blows = 12;
        for (const char* mode : {"fast", "immediate"}) {
            for (int i = 0; i < blows; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(random() % 120));
                sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
                    "current_database() AND pid <> pg_backend_pid() AND random() < 0.7");
            }
            Server::restart_cluster(mode);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 300));
    }

    Client as_writer_ = as("market_officer");
    std::atomic<bool> calm_{false};
    std::atomic<int> written_{0}, repeats_{0}, lost_replies_{0}, read_{0}, refused_{0};
};

TEST_F(Chaos, NothingIsLostOrDoubledAndNobodyRestartsTheServer) {
    unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::string ref = publish(as_writer_, resource_body("乱中读", items())).at("ref");
    load(as_writer_, ref, "a.csv", "编号,数量\nA1,1\nA2,2\n");
    std::string loaded = publish(as_writer_, resource_body("乱中归集", items())).at("ref");
    std::string sent = upload(as_writer_, "big.csv", file());
    Client reader = system();
    std::string target = "/api/v1/data/" + ref + "?order=code";
    std::string rows = reader.get(target).body;
    ASSERT_NE(rows.find("A2"), std::string::npos) << rows;
    const pid_t process = server_->process;

    std::vector<std::thread> threads;
    for (int writer = 0; writer < 3; ++writer) {
        threads.emplace_back([this, writer] { write_on(writer); });
    }
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] { read_on(reader, target, rows); });
    }
    std::string job;
    threads.emplace_back([&] {
        Reply batch =
            persist(as_writer_.header("Idempotency-Key", "batch"), "/api/v1/ingest/" + loaded + "/batches",
                    {{"upload_id", sent}, {"mode", "replace"}});
        EXPECT_EQ(batch.status, 202) << batch.body;
        job = batch.json.value("job_id", "");
    });
    disturb(random);
    calm_ = true;
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::string count = std::to_string(written_);
    EXPECT_GT(written_, 10);
    EXPECT_GT(read_, 10);
    EXPECT_EQ(sql("SELECT count(*) || ' ' || count(DISTINCT name) FROM catalogue.resource_name "
                  "WHERE name LIKE '乱中写 %'"),
              count + " " + count);
    EXPECT_EQ(
        sql("SELECT count(*) FROM audit.record WHERE action = 'catalogue.resource.create' AND object IN "
            "(SELECT ref FROM catalogue.resource_name WHERE name LIKE '乱中写 %')"),
        count);
    EXPECT_EQ(finished_job(as_writer_, job)["state"], "done");
    std::string table = sql("SELECT table_name FROM store.resource_table WHERE ref = '" + loaded + "'");
    EXPECT_EQ(sql("SELECT count(*) || ' ' || count(DISTINCT code) FROM store." + table),
              std::to_string(file_rows) + " " + std::to_string(file_rows));
    EXPECT_EQ(reader.get(target).body, rows);
    EXPECT_EQ(::kill(process, 0), 0);
    EXPECT_EQ(cli(*server_, {"audit", "verify"}).status, 0);
    RecordProperty("written", written_);
    std::cout << written_ << " writes, " << repeats_ << " sent again, " << lost_replies_ << " replies lost; "
              << read_ << " reads, " << refused_ << " refused\n";
}

}  // namespace
}  // namespace pengcheng::test
