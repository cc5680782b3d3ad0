#include "harness.hpp"
#include "sanitizer.hpp"

#include <chrono>
#include <random>
#include <thread>

namespace pengcheng::test {
namespace {

class Crashing : public ServerTest {};

constexpr int file_rows = 200'000;

std::string big_file() {
    std::string out = "编号,名称,数\n";
    for (int i = 0; i < file_rows; ++i) {
        std::string n = std::to_string(i);
        out += n + ",第" + n + "行," + std::to_string(i % 97) + "\n";
    }
    return out;
}

TEST_F(Crashing, AKilledLoadIsFinishedAfterRestartWithTheSameRows) {
    Json items = {{{"name", "编号"},
                   {"column", "bian_hao"},
                   {"type", "C"},
                   {"length", 20},
                   {"nullable", false},
                   {"primary_key", true}},
                  {{"name", "名称"}, {"column", "ming_cheng"}, {"type", "C"}, {"length", 100}},
                  {{"name", "数"}, {"column", "shu"}, {"type", "I"}}};
    Reply made = as("market_officer").post("/api/v1/catalogue/resources", resource_body("断电测试", items));
    ASSERT_EQ(made.status, 201) << made.body;
    std::string ref = made.json["ref"];
    std::string id = upload(as("market_officer"), "big.csv", big_file());
    unsigned seed = std::random_device{}();
    std::mt19937 random(seed);
    int share = std::uniform_int_distribution<int>(5, 95)(random);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", killed at " + std::to_string(share) + " %");
    Reply started = as("market_officer")
                        .post("/api/v1/ingest/" + ref + "/batches", {{"upload_id", id}, {"mode", "replace"}});
    ASSERT_EQ(started.status, 202) << started.body;
    std::string job_id = started.json["job_id"];
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
        Json job = as("market_officer").get("/api/v1/jobs/" + job_id).json;
        std::int64_t total = job["total"];
        if (job["state"] == "done" || (total > 0 && job["done"].get<std::int64_t>() * 100 >= total * share)) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    server_->kill();
    server_->restart();
    Json job = finished_job(as("market_officer"), job_id, 180);
    EXPECT_EQ(job["state"], "done") << job.dump(1);
    std::string table = sql("SELECT table_name FROM store.resource_table WHERE ref = '" + ref + "'");
    EXPECT_EQ(
        sql("SELECT count(*) || ' ' || count(DISTINCT bian_hao) || ' ' || max(_id) || ' ' || "
            "count(*) FILTER (WHERE ming_cheng = '第' || bian_hao || '行' AND shu = bian_hao::int % 97) "
            "FROM store." +
            table),
        "200000 200000 200000 200000");
    EXPECT_EQ(sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'store' AND tablename LIKE 'stage%'"),
              "0");
}

}  // namespace
}  // namespace pengcheng::test
