#include "staff.hpp"

namespace pengcheng::test {
namespace {

const std::string stations =
    "id,name,kind,keeper,phone\n"
    "1,鼓楼站,公共,王小明,13800000001\n"
    "2,云龙站,公共,李大为,13800000002\n"
    "3,泉山站,专用,赵一鸣,13800000003\n";

/// From the entry to the data set, through the public door.
class Opening : public ServerTest {
protected:
    static Json items() {
        return Json::array(
            {{{"name", "编号"}, {"column", "id"}, {"type", "I"}, {"primary_key", true}, {"nullable", false}},
             {{"name", "站名"}, {"column", "name"}, {"type", "C"}, {"length", 40}},
             {{"name", "类别"}, {"column", "kind"}, {"type", "C"}, {"length", 10}},
             {{"name", "负责人"},
              {"column", "keeper"},
              {"type", "C"},
              {"length", 20},
              {"element", "person_name"},
              {"grade", 2}},
             {{"name", "电话"},
              {"column", "phone"},
              {"type", "C"},
              {"length", 20},
              {"element", "mobile"},
              {"grade", 3},
              {"sensitive", true}}});
    }

    /// A published entry with rows and a finished quality run; its ref.
    static std::string mounted(const std::string& name) {
        Json body = resource_body(name, items());
        body["grade"] = 3;
        body["open_flag"] = true;
        body["open_type"] = "unconditional";
        Json resource = publish(as("market_officer"), body);
        std::string ref = resource["ref"];
        load(as("market_officer"), ref, "stations.csv", stations);
        auto run = as("market_officer").post("/api/v1/quality/" + ref + "/runs");
        if (run.status == 202) {
            finished_job(as("market_officer"), run.json["job_id"]);
        }
        return ref;
    }

    static Json proposal(const std::string& ref, const std::string& slug) {
        return {{"resource", ref},
                {"slug", slug},
                {"open_type", "unconditional"},
                {"licence", "xz-open-1"},
                {"items",
                 {{{"column", "name"}}, {{"column", "kind"}}, {{"column", "keeper"}, {"mask", "name"}}}}};
    }

    static std::string propose(const Json& body) {
        auto made = as("market_officer").post("/api/v1/open/proposals", body);
        EXPECT_EQ(made.status, 201) << made.body;
        return made.json.value("id", "");
    }

    static Reply step(const std::string& user, const std::string& id, const std::string& verb) {
        return as(user).post("/api/v1/open/proposals/" + id + "/" + verb);
    }
};

TEST_F(Opening, PublishesWhatWasProposedCheckedAndSigned) {
    std::string ref = mounted("回收站点甲");
    std::string id = propose(proposal(ref, "stations-a"));
    auto check = as("market_officer").get("/api/v1/open/proposals/" + id + "/check");
    EXPECT_TRUE(check.json["passed"]) << check.body;
    EXPECT_EQ(step("market_officer", id, "submit").status, 200);
    EXPECT_EQ(anonymous().get("/api/v1/open/datasets/stations-a").status, 404);
    auto signed_off = step("reviewer", id, "approve");
    ASSERT_EQ(signed_off.status, 200) << signed_off.body;
    EXPECT_EQ(signed_off.json["state"], "published");

    auto rows = anonymous().get("/api/v1/open/data/stations-a?order=name.asc");
    ASSERT_EQ(rows.status, 200) << rows.body;
    ASSERT_EQ(rows.json.size(), 3u);
    EXPECT_EQ(rows.json[0].size(), 3u);  // no phone, no id
    EXPECT_EQ(rows.body.find("138000"), std::string::npos);
    EXPECT_EQ(rows.body.find("王小明"), std::string::npos);
    EXPECT_EQ(rows.header("access-control-allow-origin"), "*");
    EXPECT_EQ(anonymous().get("/api/v1/open/data/stations-a?phone=eq.13800000001").status,
              anonymous().get("/api/v1/open/data/stations-a?nothing=eq.1").status);
    EXPECT_EQ(anonymous().get("/api/v1/open/data/stations-a.csv").status, 200);
    EXPECT_EQ(anonymous().get("/api/v1/open/data/stations-a.exe").status, 404);

    auto dataset = anonymous().get("/api/v1/open/datasets/stations-a");
    EXPECT_EQ(dataset.json["rows"], 3);
    EXPECT_EQ(dataset.json["uses"]["download"], 1);
    EXPECT_EQ(dataset.json["uses"]["api"], 1);
    auto chart = anonymous().get("/api/v1/open/datasets/stations-a/chart");
    EXPECT_EQ(chart.json["kind"], "bar");
    EXPECT_EQ(chart.json["x"]["name"], "类别");
    EXPECT_EQ(anonymous().get("/api/v1/open/datasets?q=回收站点甲").json["total"], 1);

    auto page = anonymous().header("Accept-Language", "zh-CN").get("/datasets/stations-a");
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("application/ld+json"), std::string::npos);
    EXPECT_EQ(page.body.find("王小明"), std::string::npos);
    EXPECT_NE(page.body.find("/api/v1/open/data/stations-a?limit=5"), std::string::npos);
}

TEST_F(Opening, RefusesPlainPersonalItemsAndSaysWhy) {
    std::string ref = mounted("回收站点乙");
    Json body = proposal(ref, "stations-b");
    body["items"] = {{{"column", "name"}}, {{"column", "phone"}}};
    std::string id = propose(body);
    ASSERT_EQ(step("market_officer", id, "submit").status, 200);
    auto before = dump({"portal"});
    auto refused = step("reviewer", id, "approve");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.json["type"], "/problems/portal.check-failed");
    EXPECT_NE(refused.body.find("/checks/grade"), std::string::npos);
    EXPECT_NE(refused.body.find("/checks/personal"), std::string::npos);
    EXPECT_EQ(dump({"portal"}), before);
    EXPECT_EQ(anonymous().get("/api/v1/open/data/stations-b").status, 404);
}

TEST_F(Opening, IsForTheProvidingDepartmentOnly) {
    std::string ref = mounted("回收站点丙");
    auto before = dump({"portal"});
    EXPECT_EQ(anonymous().post("/api/v1/open/proposals", proposal(ref, "stations-c")).status, 401);
    auto other = as("civil_officer").post("/api/v1/open/proposals", proposal(ref, "stations-c"));
    EXPECT_EQ(other.status, 403) << other.body;
    EXPECT_EQ(dump({"portal"}), before);
    std::string id = propose(proposal(ref, "stations-c"));
    EXPECT_EQ(as("civil_officer").get("/api/v1/open/proposals/" + id).status, 403);
    EXPECT_EQ(step("market_officer", id, "approve").status, 403);
    EXPECT_EQ(step("reviewer", id, "approve").status, 409);  // not submitted yet
    Json taken = proposal(ref, "stations-c");
    EXPECT_EQ(as("market_officer").post("/api/v1/open/proposals", taken).status, 409);
}

TEST_F(Opening, GoesBackWithAReasonAndComesAgain) {
    std::string id = propose(proposal(mounted("回收站点丁"), "stations-d"));
    ASSERT_EQ(step("market_officer", id, "submit").status, 200);
    auto returned =
        as("reviewer").post("/api/v1/open/proposals/" + id + "/return", {{"reason", "请补充说明"}});
    ASSERT_EQ(returned.status, 200) << returned.body;
    EXPECT_EQ(returned.json["return_reason"], "请补充说明");
    Json body = proposal(returned.json["resource"]["ref"], "stations-d");
    body["abstract"] = "全市回收站点。";
    std::string url = "/api/v1/open/proposals/" + id;
    EXPECT_EQ(as("market_officer").put(url, body).status, 428);
    EXPECT_EQ(as("market_officer").if_match(1).put(url, body).status, 412);
    auto changed = as("market_officer").if_match(returned.json["version"]).put(url, body);
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(step("market_officer", id, "submit").status, 200);
    EXPECT_EQ(step("reviewer", id, "approve").status, 200);
}

TEST_F(Opening, WrongTurnsChangeNothing) {
    const std::string ref = mounted("回收站点戊");
    const std::string id = propose(proposal(ref, "stations-e"));
    const std::string url = "/api/v1/open/proposals/" + id;
    // Somebody of the bureau who proposes its own entry: the other half of the work is another's.
    add_staff(*server_, "both", std::string(bureau), {"data_officer", "reviewer"});
    const auto both = as("both");
    Json entry = resource_body("数据局自有目录", items());
    entry["grade"] = 3;
    entry["open_flag"] = true;
    entry["open_type"] = "unconditional";
    const std::string own_ref = publish(both, entry)["ref"];
    load(both, own_ref, "stations.csv", stations);
    finished_job(both, both.post("/api/v1/quality/" + own_ref + "/runs").json["job_id"]);
    Reply own = both.post("/api/v1/open/proposals", proposal(own_ref, "stations-own"));
    ASSERT_EQ(own.status, 201) << own.body;
    const std::string own_url = "/api/v1/open/proposals/" + own.json["id"].get<std::string>();
    ASSERT_EQ(both.post(own_url + "/submit").status, 200);

    const auto before = dump({"portal", "catalogue", "events"});
    for (const char* name : {"civil_officer", "market_provider", "window"}) {
        EXPECT_EQ(step(name, id, "submit").status, 403) << name;
        EXPECT_EQ(step(name, id, "approve").status, 403) << name;
        EXPECT_EQ(as(name).post(url + "/return", {{"reason", "x"}}).status, 403) << name;
        EXPECT_EQ(as(name).if_match(1).put(url, proposal(ref, "stations-f")).status, 403) << name;
    }
    EXPECT_EQ(anonymous().post(url + "/submit").status, 401);
    EXPECT_EQ(as("market_officer").if_match(9).put(url, proposal(ref, "stations-f")).status, 412);
    EXPECT_EQ(as("reviewer").post(url + "/return", {{"reason", "还没有提交"}}).status, 409);
    EXPECT_EQ(as("reviewer").post(own_url + "/return", {{"reason", ""}}).status, 422);
    const auto refused = both.post(own_url + "/approve");
    EXPECT_EQ(refused.json["type"], "/problems/portal.own-approval") << refused.body;
    EXPECT_EQ(dump({"portal", "catalogue", "events"}), before);
    EXPECT_EQ(anonymous().get("/api/v1/open/data/stations-own").status, 404);
}

using PortalPages = ServerTest;

TEST_F(PortalPages, KeepPreferencesAndNeverLeaveTheSite) {
    auto chosen = anonymous().get("/preferences?lang=en&back=/datasets");
    EXPECT_EQ(chosen.status, 303);
    EXPECT_EQ(chosen.header("location"), "/datasets");
    for (const char* away : {"https://evil.test", "//evil.test", "/\\evil.test"}) {
        EXPECT_EQ(anonymous().get(std::string("/preferences?large=1&back=") + away).header("location"), "/")
            << away;
    }
    auto english = anonymous().header("Cookie", "pc_lang=en").get("/");
    EXPECT_NE(english.body.find("<html lang=\"en\""), std::string::npos);
}

TEST_F(PortalPages, AnswerForWhatIsNotThere) {
    auto page = anonymous().get("/datasets/none");
    EXPECT_EQ(page.status, 404);
    EXPECT_NE(page.body.find("<h1>"), std::string::npos);
    auto found = anonymous().get("/datasets?q=%3Cscript%3Ealert(1)%3C/script%3E&page=999999");
    EXPECT_EQ(found.status, 200);
    EXPECT_EQ(found.body.find("<script>alert"), std::string::npos);
}

}  // namespace
}  // namespace pengcheng::test
