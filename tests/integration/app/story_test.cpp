// The path from a department's file to other departments and the public, over REST, on real files and on the
// synthetic registers. The citizen's part is in services/case_test.cpp; the browser walks it all in
// tests/e2e.
#include "harness.hpp"

#include <pengcheng/base/text.hpp>

#include <zlib.h>

#include <fstream>

namespace pengcheng::test {

namespace {

std::string gunzip(const std::filesystem::path& file) {
    gzFile in = gzopen(file.c_str(), "rb");
    if (in == nullptr) {
        throw std::runtime_error("cannot read " + file.string());
    }
    std::string out;
    std::vector<char> piece(1 << 20);
    for (int got = 0; (got = gzread(in, piece.data(), static_cast<unsigned>(piece.size()))) > 0;) {
        out.append(piece.data(), static_cast<std::size_t>(got));
    }
    gzclose(in);
    return out;
}

}  // namespace

class Story : public ServerTest {
protected:
    /// What the server infers from an upload, as items of an entry.
    static Json inspect(const Client& client, const std::string& upload_id) {
        Reply reply = client.post("/api/v1/uploads/" + upload_id + "/inspect");
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.json;
    }
    static Json items_of(const Json& inspection) {
        Json items = Json::array();
        for (const Json& item : inspection["items"]) {
            Json one;
            for (const char* member :
                 {"no", "name", "column", "type", "length", "scale", "nullable", "element", "code_list"}) {
                if (item.contains(member)) {
                    one[member] = item[member];
                }
            }
            items.push_back(one);
        }
        return items;
    }
    static std::string rows_digest(const std::string& ref, const std::string& columns) {
        std::string table = sql("SELECT table_name FROM store.resource_table WHERE ref = '" + ref + "'");
        return sql("SELECT count(*) || ' ' || md5(string_agg(md5(row(" + columns +
                   ")::text), '' ORDER BY code)) FROM store." + sql("SELECT quote_ident('" + table + "')"));
    }
    static std::string token(const Client& officer) {
        Reply made = officer.post("/api/v1/clients", {{"name", "测试系统"}});
        EXPECT_EQ(made.status, 201) << made.body;
        std::string form =
            "grant_type=client_credentials&client_id=" + made.json["client_id"].get<std::string>() +
            "&client_secret=" + percent_encode(made.json["client_secret"].get<std::string>());
        Reply reply = anonymous().post_bytes("/oauth/token", form, "application/x-www-form-urlencoded");
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.json["access_token"];
    }
    static std::int64_t total(const Client& client, const std::string& target) {
        Reply reply = client.header("Prefer", "count=exact").get(target);
        std::string range = reply.header("content-range");
        return to_int(std::string_view(range).substr(range.find('/') + 1)).value_or(-1);
    }
    static Json quality_report(const Client& officer, const std::string& ref) {
        Reply started = officer.post("/api/v1/quality/" + ref + "/runs");
        EXPECT_EQ(started.status, 202) << started.body;
        finished_job(officer, started.json["job_id"], 120);
        return officer.get("/api/v1/quality/" + ref + "/runs/" + started.json["run_id"].get<std::string>())
            .json;
    }
    static Json open(const Client& officer, const std::string& ref, const std::string& slug,
                     const Json& columns) {
        Json items = Json::array();
        for (const Json& column : columns) {
            items.push_back({{"column", column}});
        }
        Reply made = officer.post("/api/v1/open/proposals", {{"resource", ref},
                                                             {"slug", slug},
                                                             {"title", "开放:" + slug},
                                                             {"open_type", "unconditional"},
                                                             {"items", items},
                                                             {"licence", "xz-open-1"},
                                                             {"theme", "15"}});
        EXPECT_EQ(made.status, 201) << made.body;
        std::string url = "/api/v1/open/proposals/" + made.json["id"].get<std::string>();
        Reply sent = officer.if_match(made.json["version"]).post(url + "/submit");
        EXPECT_EQ(sent.status, 200) << sent.body;
        Reply approved = as("reviewer").if_match(sent.json["version"]).post(url + "/approve");
        EXPECT_EQ(approved.status, 200) << approved.body;
        return approved.json;
    }
};

TEST_F(Story, StreetsReadTheSameInUtf8AndGb18030) {
    NEED_TEST_DATA();
    Client officer = as("civil_officer");
    std::string utf8 = read_file(test_data("admin-divisions-2023/streets.csv"));
    std::string upload_id = upload(officer, "streets.csv", utf8);
    Json found = inspect(officer, upload_id);
    EXPECT_EQ(found["encoding"], "UTF-8");
    Json items = items_of(found);
    ASSERT_EQ(items.size(), 5U);
    items[0]["primary_key"] = true;
    items[0]["nullable"] = false;
    Json resource = publish(officer, resource_body("乡镇街道区划", items));
    std::string ref = resource["ref"];
    Json batch = load(officer, ref, "streets.csv", utf8);
    EXPECT_EQ(batch["rows_loaded"], 41352) << batch.dump();
    std::string before = rows_digest(ref, "code, name");

    std::string gb18030 = gunzip(test_data("encodings/derived/streets.gb18030.csv.gz"));
    std::string second = upload(officer, "streets-gb.csv", gb18030);
    EXPECT_EQ(inspect(officer, second)["encoding"], "GB18030");
    Reply preview =
        officer.post("/api/v1/ingest/" + ref + "/preview", {{"upload_id", second}, {"mode", "upsert"}});
    ASSERT_EQ(preview.status, 202) << preview.body;
    Json changes = finished_job(officer, preview.json["job_id"])["result"];
    EXPECT_EQ(changes["unchanged"], 41352) << changes.dump().substr(0, 500);
    EXPECT_EQ(changes["added"], 0);
    batch = load(officer, ref, "streets-gb.csv", gb18030);
    EXPECT_EQ(batch["encoding"], "GB18030");
    EXPECT_EQ(rows_digest(ref, "code, name"), before);
}

TEST_F(Story, AWorkbookSavedByExcelBecomesAnEntry) {
    NEED_TEST_DATA();
    Client officer = as("civil_officer");
    std::string bytes = read_file(test_data("xlsx-zh/demo__demo.xlsx"));
    std::string upload_id = upload(officer, "演示.xlsx", bytes);
    Json found = inspect(officer, upload_id);
    EXPECT_EQ(found["format"], "xlsx");
    ASSERT_EQ(found["items"].size(), 3U);
    EXPECT_EQ(found["items"][0]["name"], "字符串标题");
    EXPECT_TRUE(found["items"][1]["type"] == "T" || found["items"][1]["type"] == "D")
        << found["items"][1].dump();
    Json resource = publish(officer, resource_body("工作簿示例", items_of(found)));
    Json batch = load(officer, resource["ref"], "演示.xlsx", bytes);
    EXPECT_EQ(batch["rows_loaded"], 10);
    EXPECT_EQ(batch["rows_rejected"], 0);
    Json rows = officer.get("/api/v1/data/" + resource["ref"].get<std::string>() + "?limit=1").json;
    EXPECT_EQ(rows[0][found["items"][0]["column"].get<std::string>()], "字符串0");
}

TEST_F(Story, DailyCasesAreScoredOpenedChartedAndShared) {
    NEED_TEST_DATA();
    Client officer = as("market_officer");
    std::string bytes = gunzip(test_data("covid19-daily/daily-2019-12-01_2020-08-15.csv.gz"));
    std::string upload_id = upload(officer, "daily.csv", bytes);
    Json items = items_of(inspect(officer, upload_id));
    ASSERT_EQ(items.size(), 11U);
    Json resource = publish(officer, resource_body("疫情每日统计", items));
    std::string ref = resource["ref"];
    Json batch = load(officer, ref, "daily.csv", bytes);
    ASSERT_EQ(batch["rows_loaded"], 142328) << batch.dump();
    Json report = quality_report(officer, ref);
    EXPECT_EQ(report["rows"], 142328);
    EXPECT_GT(report["score"], 60) << report.dump().substr(0, 1000);

    open(officer, ref, "daily-cases", {"date", "country", "province", "city", "confirmed", "cured", "dead"});
    Client citizen = anonymous();
    EXPECT_EQ(total(citizen, "/api/v1/open/data/daily-cases?limit=1"), 142328);
    Json chart = citizen.get("/api/v1/open/datasets/daily-cases/chart").json;
    EXPECT_EQ(chart["kind"], "line") << chart.dump().substr(0, 300);
    EXPECT_FALSE(chart["series"].empty());
    Reply csv = citizen.get("/api/v1/open/data/daily-cases.csv");
    EXPECT_EQ(std::count(csv.body.begin(), csv.body.end(), '\n'), 142329);
    EXPECT_EQ(citizen.get("/api/v1/open/data/daily-cases.xlsx?limit=100").body.substr(0, 2), "PK");
    EXPECT_NE(citizen.get("/datasets/daily-cases").body.find("curl"), std::string::npos);

    // Another department: the entry is found, its rows are not, until the provider grants four fields.
    Client asker = as("civil_officer");
    EXPECT_EQ(
        asker.get("/api/v1/catalogue/resources?q=" + percent_encode("统计 疫情")).json["items"][0]["ref"],
        ref);
    Client system = server_->bearer(token(asker));
    EXPECT_EQ(system.get("/api/v1/data/" + ref).status, 403);
    Json wanted = Json::array({{{"column", "date"}},
                               {{"column", "province"}},
                               {{"column", "confirmed"}},
                               {{"column", "city"}, {"mask", "name_first"}}});
    Reply asked = asker.post("/api/v1/exchange/requests", {{"resource", ref},
                                                           {"items", wanted},
                                                           {"basis", "传染病防治法"},
                                                           {"scene", "疫情研判"},
                                                           {"scope", "本局"},
                                                           {"purpose", "5"},
                                                           {"mode", "api"},
                                                           {"months", 6}});
    ASSERT_EQ(asked.status, 201) << asked.body;
    EXPECT_GT(asked.json["days_left"], 0);
    EXPECT_EQ(system.get("/api/v1/data/" + ref).status, 403);
    Reply granted =
        as("market_provider")
            .post("/api/v1/exchange/requests/" + asked.json["id"].get<std::string>() + "/approve");
    ASSERT_EQ(granted.status, 200) << granted.body;

    Reply rows =
        system.get("/api/v1/data/" + ref + "?select=date,province,city,confirmed&province=eq." +
                   percent_encode("湖北省") + "&confirmed=gt.100&order=confirmed.desc,date.asc&limit=5");
    ASSERT_EQ(rows.status, 200) << rows.body;
    EXPECT_EQ(rows.json.size(), 5U);
    EXPECT_EQ(rows.json[0].size(), 4U);
    for (const char* query : {"select=dead", "dead=gt.1", "order=dead.desc"}) {
        Reply outside = system.get("/api/v1/data/" + ref + "?" + query);
        std::string nothing = std::string(query);
        nothing.replace(nothing.find("dead"), 4, "none");
        Reply missing = system.get("/api/v1/data/" + ref + "?" + nothing);
        EXPECT_EQ(outside.status, missing.status) << query;
        EXPECT_EQ(outside.json["code"], missing.json["code"]) << query;
        EXPECT_GE(outside.status, 400) << query;
    }
    std::string full_city = percent_encode("武汉市");
    EXPECT_EQ(system.get("/api/v1/data/" + ref + "?city=eq." + full_city).json.size(), 0U)
        << "the plain value finds nothing";
    EXPECT_GT(
        system.get("/api/v1/data/" + ref + "?city=like." + percent_encode("武") + "*&limit=5").json.size(),
        0U);

    Json grants = as("market_provider").get("/api/v1/exchange/grants?box=given").json["items"];
    std::string grant_id;
    for (const Json& grant : grants) {
        if (grant["resource"]["ref"] == ref) {
            grant_id = grant["id"];
        }
    }
    ASSERT_FALSE(grant_id.empty());
    Json seen = as("market_provider").get("/api/v1/exchange/grants/" + grant_id + "/accesses").json;
    EXPECT_GE(seen["items"].size(), 3U);
    EXPECT_EQ(as("market_provider")
                  .post("/api/v1/exchange/grants/" + grant_id + "/revoke", {{"reason", "用途变更"}})
                  .status,
              200);
    EXPECT_EQ(system.get("/api/v1/data/" + ref).status, 403);
    EXPECT_EQ(cli(*server_, {"audit", "verify"}).status, 0);
}

TEST_F(Story, SownFaultsAreReportedExactly) {
    std::filesystem::path folder = server_->var / "registers";
    std::string command = "node '" + (source_folder() / "demo/registers.mjs").string() + "' --out '" +
                          folder.string() + "' >/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    const Json sown = Json::parse(read_file(folder / "faults.json"));
    const Json entries = Json::parse(read_file(folder / "entries.json"));
    Client officer = as("market_officer");
    for (const auto& [name, expected] : sown.items()) {
        std::string bytes = read_file(folder / (name + ".csv"));
        const Json entry = entries[name];
        Json resource = publish(officer, entry["body"]);
        std::string ref = resource["ref"];
        if (!entry["rules"].empty()) {
            Reply put = officer.put("/api/v1/quality/" + ref + "/rules", {{"rules", entry["rules"]}});
            ASSERT_EQ(put.status, 200) << put.body;
        }
        Json batch = load(officer, ref, name + ".csv", bytes);
        std::map<std::string, std::int64_t> found;
        Json report = quality_report(officer, ref);
        for (const Json& rule : report["rules"]) {
            found[rule["kind"]] += rule["failed"].get<std::int64_t>();
        }
        Json rejects = officer
                           .get("/api/v1/ingest/" + ref + "/batches/" + batch["id"].get<std::string>() +
                                "/rejects?limit=500")
                           .json;
        for (const Json& reject : rejects["items"]) {
            ++found[reject["code"]];
        }
        std::map<std::string, std::int64_t> wanted;
        std::int64_t rejected = 0;
        for (const Json& fault : expected["faults"]) {
            // Both rows of a repeated value fail a uniqueness rule (GB/T 36344 0304: rows whose key occurs
            // once).
            std::int64_t rows = fault["count"].get<std::int64_t>() * (fault["kind"] == "unique" ? 2 : 1);
            wanted[fault["kind"]] += rows;
            bool stops =
                fault["kind"] == "required" || fault["kind"] == "type" || fault["kind"] == "code_list";
            rejected += stops ? rows : 0;
        }
        std::erase_if(found, [](const auto& entry_) { return entry_.second == 0; });
        EXPECT_EQ(found, wanted) << name << ' ' << report["rules"].dump().substr(0, 3000);
        EXPECT_EQ(batch["rows_rejected"], rejected);
        EXPECT_EQ(batch["rows_loaded"], expected["rows"].get<std::int64_t>() - rejected);
    }
}

/// Every way by which a stored cell leaves, and that each leaves evidence.
TEST_F(Story, EveryRouteThatReturnsACellLeavesEvidence) {
    Client officer = as("market_officer");
    Json items = Json::array({{{"name", "编号"},
                               {"column", "code"},
                               {"type", "C"},
                               {"length", 10},
                               {"primary_key", true},
                               {"nullable", false}},
                              {{"name", "数量"}, {"column", "amount"}, {"type", "I"}},
                              {{"name", "日期"}, {"column", "day"}, {"type", "D"}}});
    Json resource = publish(officer, resource_body("证据测试", items));
    std::string ref = resource["ref"];
    Json batch = load(officer, ref, "a.csv",
                      "编号,数量,日期\nA1,1,2026-01-05\nA2,2,2026-02-05\nA3,x,2026-03-05\nA4,4,2026-04-05\n");
    Reply rules = officer.put("/api/v1/quality/" + ref + "/rules", {{"rules",
                                                                     {{{"id", "r1"},
                                                                       {"kind", "range"},
                                                                       {"item", "amount"},
                                                                       {"severity", "major"},
                                                                       {"params", {{"max", 1}}}}}}});
    ASSERT_EQ(rules.status, 200) << rules.body;
    Json report = quality_report(officer, ref);
    open(officer, ref, "evidence", {"code", "amount", "day"});
    std::string second = upload(officer, "b.csv", "编号,数量,日期\nA1,5,2026-01-05\n");

    std::string run = "/api/v1/quality/" + ref + "/runs/" + report["id"].get<std::string>();
    std::string rejects = "/api/v1/ingest/" + ref + "/batches/" + batch["id"].get<std::string>() + "/rejects";
    struct Row {
        std::string name;
        std::function<Reply()> call;
    };
    std::vector<Row> ways = {
        {"data api", [&] { return officer.get("/api/v1/data/" + ref); }},
        {"data api csv", [&] { return officer.header("Accept", "text/csv").get("/api/v1/data/" + ref); }},
        {"reject list", [&] { return officer.get(rejects); }},
        {"reject file", [&] { return officer.get(rejects + "/file"); }},
        {"failing rows", [&] { return officer.get(run + "/failures"); }},
        {"failing rows file", [&] { return officer.get(run + "/failures/file"); }},
        {"chart", [&] { return anonymous().get("/api/v1/open/datasets/evidence/chart"); }},
        {"data set page", [&] { return anonymous().get("/datasets/evidence"); }},
        {"preview",
         [&] {
             Reply reply = officer.post("/api/v1/ingest/" + ref + "/preview",
                                        {{"upload_id", second}, {"mode", "upsert"}});
             finished_job(officer, reply.json["job_id"]);
             return reply;
         }},
    };
    for (const char* format : {"", ".csv", ".json", ".ndjson", ".xlsx"}) {
        ways.push_back({std::string("open data") + format, [format] {
                            return anonymous().get(std::string("/api/v1/open/data/evidence") + format);
                        }});
    }
    for (const Row& way : ways) {
        std::string count = "SELECT count(*) FROM audit.access WHERE kind IN ('access', 'access-opened')";
        std::int64_t before = *to_int(sql(count));
        Reply reply = way.call();
        EXPECT_LT(reply.status, 300) << way.name << ' ' << reply.body.substr(0, 300);
        EXPECT_GT(*to_int(sql(count)), before) << way.name << " leaves no evidence";
    }
}

}  // namespace pengcheng::test
