#include "harness.hpp"

namespace pengcheng::test {
namespace {

/// A small table whose faults are known.
class QualityRun : public ServerTest {
protected:
    static Json items() {
        return {{{"name", "编号"},
                 {"column", "code"},
                 {"type", "C"},
                 {"length", 10},
                 {"nullable", false},
                 {"primary_key", true}},
                {{"name", "姓名"}, {"column", "name"}, {"type", "C"}, {"length", 20}},
                {{"name", "身份证号"},
                 {"column", "id_no"},
                 {"type", "C"},
                 {"length", 18},
                 {"element", "id_number"}},
                {{"name", "信用代码"},
                 {"column", "credit"},
                 {"type", "C"},
                 {"length", 18},
                 {"element", "credit_code"}},
                {{"name", "金额"}, {"column", "amount"}, {"type", "N"}, {"length", 12}, {"scale", 2}},
                {{"name", "开始日期"}, {"column", "start_day"}, {"type", "D"}},
                {{"name", "结束日期"}, {"column", "end_day"}, {"type", "D"}}};
    }
    /// 5 rows: 1 right; 2 ID with a wrong check digit; 3 end before start; 4 negative amount and bad name;
    /// 5 the same name as row 4.
    static std::string rows() {
        return "编号,姓名,身份证号,信用代码,金额,开始日期,结束日期\n"
               "a1,张三,320302190001010010,,10.50,2024-01-01,2024-02-01\n"
               "a2,李四,320302190001010011,,1,2024-01-01,2024-01-01\n"
               "a3,王五,,,2,2024-03-01,2024-02-01\n"
               "a4,X9,,91320300000000000X,-3,,\n"
               "a5,X9,,,4,,\n";
    }
    static std::string make_resource(const std::string& name) {
        Reply made = as("market_officer").post("/api/v1/catalogue/resources", resource_body(name, items()));
        EXPECT_EQ(made.status, 201) << made.body;
        return made.json["ref"];
    }
    static Json run(const std::string& url) {
        Reply started = as("market_officer").post(url + "/runs");
        EXPECT_EQ(started.status, 202) << started.body;
        finished_job(as("market_officer"), started.json["job_id"]);
        Reply report = as("market_officer").get(url + "/runs/" + started.json["run_id"].get<std::string>());
        EXPECT_EQ(report.status, 200) << report.body;
        EXPECT_EQ(report.json["state"], "done");
        return report.json;
    }
    static std::map<std::string, int> failed(const Json& report) {
        std::map<std::string, int> out;
        for (const Json& rule : report["rules"]) {
            if (rule["failed"] > 0) {
                out[rule["id"]] = rule["failed"];
            }
        }
        return out;
    }
};

TEST_F(QualityRun, FindsTheKnownFaultsExactlyAndListsThem) {
    std::string ref = make_resource("质量检查样表");
    std::string url = "/api/v1/quality/" + ref;
    EXPECT_EQ(as("market_officer").post(url + "/runs").status, 409) << "nothing is stored yet";
    Json batch = load(as("market_officer"), ref, "样表.csv", rows());
    ASSERT_EQ(batch["rows_loaded"], 5) << batch;

    Json own = {{"rules", Json::array({{{"kind", "pattern"},
                                        {"item", "name"},
                                        {"params", {{"pattern", "\\p{Han}+"}}},
                                        {"severity", "minor"}},
                                       {{"kind", "unique"}, {"item", "name"}, {"severity", "hint"}}})}};
    Reply put = as("market_officer").put(url + "/rules", own);
    ASSERT_EQ(put.status, 200) << put.body;

    Json report = run(url);
    std::map<std::string, int> expected{{"derived.id_number.id_no", 1},    {"derived.credit_code.credit", 1},
                                        {"derived.date_order.end_day", 1}, {"derived.range.amount", 1},
                                        {"own.pattern.name.1", 2},         {"own.unique.name.1", 2}};
    EXPECT_EQ(failed(report), expected);
    EXPECT_EQ(report["rows"], 5);
    EXPECT_EQ(report["bad_rows"], 4) << "a row counts once";
    EXPECT_FALSE(report["capped"].get<bool>());
    EXPECT_GT(report["score"].get<double>(), 60);
    EXPECT_LT(report["score"].get<double>(), 100);

    std::string failures_url = url + "/runs/" + report["id"].get<std::string>() + "/failures";
    Json all = Json::array();
    std::string cursor;
    do {
        Reply page = as("market_officer").get(failures_url + "?limit=3&cursor=" + cursor);
        ASSERT_EQ(page.status, 200) << page.body;
        all.insert(all.end(), page.json["items"].begin(), page.json["items"].end());
        cursor = page.json["next_cursor"].is_string() ? page.json["next_cursor"].get<std::string>() : "";
    } while (!cursor.empty());
    EXPECT_EQ(all.size(), 8U) << all;
    Reply one = as("market_officer").get(failures_url + "?rule=derived.id_number.id_no");
    ASSERT_EQ(one.json["items"].size(), 1U);
    EXPECT_EQ(one.json["items"][0]["value"], "320302190001010011");
    EXPECT_EQ(one.json["items"][0]["line"], 3);

    Reply file = as("market_officer").get(failures_url + "/file");
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(std::count(file.body.begin(), file.body.end(), '\n'), 9) << file.body;
    EXPECT_EQ(
        sql("SELECT count(*) FROM audit.access WHERE channel = 'failing-rows' AND kind = 'access-opened'"
            " AND resource = '" +
            ref + "'"),
        "1");
    EXPECT_EQ(sql("SELECT count(*) > 0 FROM audit.access WHERE channel = 'failing-rows' AND kind = 'access'"
                  " AND resource = '" +
                  ref + "'"),
              "t");

    EXPECT_EQ(as("civil_officer").get(failures_url).status, 403);
    EXPECT_EQ(as("reviewer").get(failures_url).status, 403) << "the bureau sees scores, not rows";
    EXPECT_EQ(as("reviewer").get(url + "/runs").status, 200);
}

TEST_F(QualityRun, RunsAgainWithoutDoublingAnything) {
    std::string ref = make_resource("重复执行样表");
    std::string url = "/api/v1/quality/" + ref;
    load(as("market_officer"), ref, "样表.csv", rows());
    Json report = run(url);
    std::string id = report["id"];
    std::string count = "SELECT count(*) FROM quality.failure WHERE run_id = '" + id + "'";
    std::string before = sql(count);
    EXPECT_NE(before, "0");
    sql("UPDATE jobs.job SET state = 'queued', attempt = 0 WHERE id = '" + id + "'");
    finished_job(as("market_officer"), id);
    EXPECT_EQ(sql(count), before);
    EXPECT_EQ(sql("SELECT count(*) FROM quality.run WHERE id = '" + id + "'"), "1");
}

TEST_F(QualityRun, WrongTurnsChangeNothing) {
    std::string ref = make_resource("越权检查样表");
    std::string url = "/api/v1/quality/" + ref;
    load(as("market_officer"), ref, "样表.csv", rows());
    Json report = run(url);
    const std::string of_run = url + "/runs/" + report["id"].get<std::string>();
    const Json rules{{"rules", Json::array({{{"kind", "required"}, {"item", "name"}}})}};
    auto before = dump({"quality", "jobs"});
    for (const char* name : {"civil_officer", "market_provider", "window", "market_case"}) {
        EXPECT_EQ(as(name).put(url + "/rules", rules).status, 403) << name;
        EXPECT_EQ(as(name).post(url + "/runs").status, 403) << name;
    }
    EXPECT_EQ(as("civil_officer").get(of_run).status, 403);
    EXPECT_EQ(anonymous().post(url + "/runs").status, 401);
    EXPECT_EQ(as("market_officer").post("/api/v1/quality/999999-000001/runs").status, 404);
    EXPECT_EQ(as("market_officer").get(url + "/runs/01900000-0000-7000-8000-000000000000").status, 404);
    EXPECT_EQ(dump({"quality", "jobs"}), before);
}

TEST_F(QualityRun, IsCappedByABlockRuleAndRefusesBadRules) {
    std::string ref = make_resource("阻断规则样表");
    std::string url = "/api/v1/quality/" + ref;
    load(as("market_officer"), ref, "样表.csv", rows());
    auto rule_sets = [] {
        return sql("SELECT count(*) || coalesce(max(updated_at)::text, '') FROM quality.rule_set");
    };
    std::string before = rule_sets();
    auto put = [&](const Json& rule) {
        return as("market_officer").put(url + "/rules", {{"rules", Json::array({rule})}});
    };
    EXPECT_EQ(put({{"kind", "pattern"}, {"item", "name"}, {"params", {{"pattern", "("}}}}).status, 422);
    EXPECT_EQ(put({{"kind", "nonsense"}, {"item", "name"}}).status, 422);
    EXPECT_EQ(put({{"kind", "required"}, {"item", "nothing"}}).status, 422);
    EXPECT_EQ(put({{"id", "derived.required.x"}, {"kind", "required"}, {"item", "name"}}).status, 422);
    EXPECT_EQ(as("civil_officer").put(url + "/rules", {{"rules", Json::array()}}).status, 403);
    EXPECT_EQ(as("reviewer").put(url + "/rules", {{"rules", Json::array()}}).status, 403);
    EXPECT_EQ(rule_sets(), before);

    EXPECT_EQ(put({{"kind", "id_number"}, {"item", "id_no"}, {"severity", "block"}}).status, 200);
    Json report = run(url);
    EXPECT_TRUE(report["capped"].get<bool>());
    EXPECT_DOUBLE_EQ(report["score"].get<double>(), 59.9);
    EXPECT_EQ(report["grade"], "poor");
}

}  // namespace
}  // namespace pengcheng::test
