// "Nothing is half done": the write routes, with each statement of each call refused once.
#include "db/walk.hpp"

namespace pengcheng::test {

class Atomicity : public WalkTest {
protected:
    static Json items() {
        return Json::array({{{"name", "编号"},
                             {"column", "code"},
                             {"type", "C"},
                             {"length", 10},
                             {"primary_key", true},
                             {"nullable", false}},
                            {{"name", "数量"}, {"column", "amount"}, {"type", "I"}}});
    }
    static std::string entry_url(const Json& entry) {
        return "/api/v1/catalogue/resources/" + entry["ref"].get<std::string>();
    }
    /// Walks a step of an entry's life; the entry after it.
    static Json step(const std::string& who, const Json& entry, const std::string& name,
                     const Json& body = Json::object()) {
        return walk(as(who).if_match(entry["version"]), "POST", entry_url(entry) + "/" + name, body).json;
    }
};

TEST_F(Atomicity, OfAnEntryAndItsRows) {
    Json entry =
        walk(as("market_officer"), "POST", "/api/v1/catalogue/resources", resource_body("原子性", items()))
            .json;
    Json body = resource_body("原子性,改名", items());
    entry = walk(as("market_officer").if_match(entry["version"]), "PUT", entry_url(entry), body).json;
    entry = step("market_officer", entry, "submit");
    entry = step("reviewer", entry, "return", {{"reason", "请补充"}});
    entry = step("market_officer", entry, "submit");
    entry = step("reviewer", entry, "approve");
    entry = step("reviewer", entry, "publish");
    std::string ref = entry["ref"];

    Client officer = as("market_officer");
    Reply sent = walk(officer, "POST", "/api/v1/uploads?name=a.csv", "编号,数量\nA1,1\nA2,x\n",
                      "application/octet-stream");
    std::string id = sent.json["id"];
    walk(officer, "POST", "/api/v1/uploads/" + id + "/inspect");
    walk(officer, "PUT", "/api/v1/quality/" + ref + "/rules",
         {{"rules",
           {{{"id", "r1"},
             {"kind", "range"},
             {"item", "amount"},
             {"severity", "major"},
             {"params", {{"max", 1}}}}}}});
    Reply preview =
        walk(officer, "POST", "/api/v1/ingest/" + ref + "/preview", {{"upload_id", id}, {"mode", "upsert"}});
    finished_job(officer, preview.json["job_id"]);
    Reply batch =
        walk(officer, "POST", "/api/v1/ingest/" + ref + "/batches", {{"upload_id", id}, {"mode", "replace"}});
    finished_job(officer, batch.json["job_id"]);
    Reply run = walk(officer, "POST", "/api/v1/quality/" + ref + "/runs");
    finished_job(officer, run.json["job_id"]);

    Json other = walk(officer, "POST", "/api/v1/catalogue/resources", resource_body("要删的", items())).json;
    walk(officer.if_match(other["version"]), "DELETE", entry_url(other));
    Reply unwanted = walk(officer, "POST", "/api/v1/uploads?name=b.csv", "a,b\n", "application/octet-stream");
    EXPECT_EQ(unwanted.status, 201);
    entry = officer.get(entry_url(entry)).json;
    step("reviewer", entry, "retire", {{"reason", "不再更新"}});
}

}  // namespace pengcheng::test
