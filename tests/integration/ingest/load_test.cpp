#include "harness.hpp"
#include "sanitizer.hpp"

#include <pengcheng/formats/table_reader.hpp>
#include <pengcheng/formats/writers.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <fstream>
#include <thread>

namespace pengcheng::test {
namespace {

Json item(const std::string& name, const std::string& column, const std::string& type, bool key = false) {
    Json out{{"name", name}, {"column", column}, {"type", type}, {"nullable", !key}, {"primary_key", key}};
    if (type == "C") {
        out["length"] = 100;
    }
    return out;
}

std::string file_of(std::initializer_list<std::string> lines) {
    std::string out;
    for (const std::string& line : lines) {
        out += line + "\r\n";
    }
    return out;
}

class Ingesting : public ServerTest {
protected:
    static std::string make_entry(const Json& items) {
        static int count = 0;
        Reply made = as("market_officer")
                         .post("/api/v1/catalogue/resources",
                               resource_body("入库测试" + std::to_string(++count), items));
        EXPECT_EQ(made.status, 201) << made.body;
        return made.json["ref"];
    }
    static std::string make_shop_entry() {
        return make_entry({item("编号", "bian_hao", "C", true), item("名称", "ming_cheng", "C"),
                           item("成立日期", "cheng_li", "D"), item("资本", "zi_ben", "N")});
    }
    /// Rows of the current table as JSON text, by key.
    static std::string rows(const std::string& ref, const std::string& columns, const std::string& order) {
        std::string table = sql("SELECT table_name FROM store.resource_table WHERE ref = '" + ref + "'");
        return table.empty() ? ""
                             : sql("SELECT coalesce(string_agg(concat_ws('|', " + columns +
                                   "), E'\n' ORDER BY " + order + "), '') FROM store." + table);
    }
    static std::string shops(const std::string& ref) {
        return rows(ref, "bian_hao, ming_cheng, cheng_li, zi_ben", "bian_hao");
    }
    static Reply start(const std::string& ref, const std::string& upload_id, const std::string& mode,
                       const std::string& what = "batches") {
        return as("market_officer")
            .post("/api/v1/ingest/" + ref + "/" + what, {{"upload_id", upload_id}, {"mode", mode}});
    }
    static std::string files_in_uploads() {
        std::string out;
        for (const auto& entry : std::filesystem::directory_iterator(server_->var / "uploads")) {
            out += entry.path().filename().string() + "\n";
        }
        return out;
    }
};

const std::string header = "编号,名称,成立日期,资本";

TEST_F(Ingesting, LoadsAFileAndMountsIt) {
    std::string ref = make_shop_entry();
    Json batch = load(as("market_officer"), ref, "企业.csv",
                      file_of({header, "01,甲店,2024年5月6日,\"1,200.5\"", "02,乙店,,"}));
    EXPECT_EQ(batch["state"], "done") << batch.dump(1);
    EXPECT_EQ(batch["rows_loaded"], 2);
    EXPECT_EQ(shops(ref), "01|甲店|2024-05-06|1200.5\n02|乙店");
    Reply entry = as("market_officer").get("/api/v1/catalogue/resources/" + ref);
    EXPECT_EQ(entry.json["record_count"], 2);
    EXPECT_EQ(sql("SELECT count(*) FROM audit.record WHERE action = 'ingest.batch.load' AND object = '" +
                  ref + "'"),
              "1");
}

TEST_F(Ingesting, ReadsGb18030AndWorkbooksAlike) {
    std::string text = file_of({header, "01,㙦店,2024-05-06,1", "02,睢宁店,2024-05-07,2.5"});
    std::string plain = make_shop_entry();
    std::string chinese = make_shop_entry();
    std::string book = make_shop_entry();
    load(as("market_officer"), plain, "a.csv", text);
    Json batch = load(as("market_officer"), chinese, "b.csv", formats::encode_text(text, "GB18030"));
    EXPECT_EQ(batch["encoding"], "GB18030");
    formats::XlsxFile workbook(
        std::filesystem::temp_directory_path(),
        {{"编号", ""}, {"名称", ""}, {"成立日期", ""}, {"资本", "", formats::CellKind::number}});
    workbook.row(std::vector<formats::OutCell>{"01", "㙦店", "2024-05-06", "1"});
    workbook.row(std::vector<formats::OutCell>{"02", "睢宁店", "2024-05-07", "2.5"});
    batch = load(as("market_officer"), book, "c.xlsx", read_file(workbook.finish()));
    EXPECT_EQ(batch["format"], "xlsx");
    EXPECT_EQ(shops(plain), shops(chinese));
    EXPECT_EQ(shops(plain), shops(book));
    EXPECT_FALSE(shops(plain).empty());
}

TEST_F(Ingesting, RejectsRowsThatBreakABlockingRule) {
    std::string ref = make_shop_entry();
    auto pattern = [](const char* column, const char* severity, const char* text) {
        Json params{{"pattern", text}};
        return Json{{"kind", "pattern"}, {"item", column}, {"severity", severity}, {"params", params}};
    };
    Json own{{"rules",
              Json::array({pattern("ming_cheng", "block", "^.+店$"), pattern("bian_hao", "major", "^0.$")})}};
    Reply put = as("market_officer").put("/api/v1/quality/" + ref + "/rules", own);
    ASSERT_EQ(put.status, 200) << put.body;
    Json batch = load(as("market_officer"), ref, "a.csv",
                      file_of({header, "01,甲店,2024-05-06,1", "02,乙厂,2024-05-06,1", "93,丙店,,"}));
    EXPECT_EQ(batch["rows_loaded"], 2) << batch.dump(1);
    EXPECT_EQ(shops(ref), "01|甲店|2024-05-06|1\n93|丙店");
    Reply rejects =
        as("market_officer")
            .get("/api/v1/ingest/" + ref + "/batches/" + batch["id"].get<std::string>() + "/rejects");
    ASSERT_EQ(rejects.json["items"].size(), 1U);
    EXPECT_EQ(rejects.json["items"][0]["line"], 3);
    EXPECT_EQ(rejects.json["items"][0]["code"], "pattern");
}

TEST_F(Ingesting, StoresEveryTypeAsTheFileHasIt) {
    std::string ref = make_entry({item("编号", "no", "I", true), item("数", "n", "N"), item("日", "d", "D"),
                                  item("时", "t", "T"), item("是否", "l", "L"), item("双", "b", "B"),
                                  item("单", "f", "F"), item("文", "m", "M")});
    Json batch = load(as("market_officer"), ref, "a.csv",
                      file_of({"编号,数,日,时,是否,双,单,文",
                               "1,-12345.6700,1999-12-31,2024-05-06 07:08:09.5,是,0.1,-2.5,\"a\\,\n\"",
                               "2,0.00012,2000-01-01,1999年1月2日 3时4分,否,1e10,3,𠮷",
                               "3,12345678901234567890,,,,,,", "-4,100000000,2024/2/29,,,,1e39,x"}));
    EXPECT_EQ(batch["rows_loaded"], 3) << batch.dump(1);
    EXPECT_EQ(rows(ref, "no, n, d, t, l, b, f, m", "no"),
              "1|-12345.6700|1999-12-31|2024-05-06 07:08:09.5+08|t|0.1|-2.5|a\\,\n\n"
              "2|0.00012|2000-01-01|1999-01-02 03:04:00+08|f|10000000000|3|𠮷\n3|12345678901234567890");
}

TEST_F(Ingesting, QuarantinesBadRowsAndTakesThemMended) {
    std::string ref = make_shop_entry();
    std::string text = file_of({header, "01,甲店,2024-05-06,1", "02,乙店,昨天,2", "01,重复店,2024-05-06,3",
                                ",无号店,2024-05-06,4", "05,缺列店", "06,戊店,2024-05-08,6"});
    Json batch = load(as("market_officer"), ref, "企业.csv", formats::encode_text(text, "GB18030"));
    EXPECT_EQ(batch["rows_loaded"], 2) << batch.dump(1);
    EXPECT_EQ(batch["rows_rejected"], 4);
    std::string url = "/api/v1/ingest/" + ref + "/batches/" + batch["id"].get<std::string>() + "/rejects";
    Reply list = as("market_officer").get(url);
    std::map<int, std::string> codes;
    for (const Json& reject : list.json["items"]) {
        codes[reject["line"].get<int>()] = reject["column"].get<std::string>();
        EXPECT_NE(reject["reason"], "");
        EXPECT_NE(reject["raw"], "");
    }
    EXPECT_EQ(codes, (std::map<int, std::string>{{3, "成立日期"}, {4, ""}, {5, "编号"}, {6, ""}}));

    Reply file = as("market_officer").get(url + "/file");
    EXPECT_EQ(file.status, 200);
    EXPECT_NE(
        sql("SELECT count(*) FROM audit.access WHERE channel = 'reject-file' AND resource = '" + ref + "'"),
        "0");
    std::filesystem::path kept = server_->var / "rejects.csv";
    std::ofstream(kept, std::ios::binary) << file.body;
    auto table = formats::open_table(kept);
    EXPECT_EQ(table->encoding(), "GB18030");
    EXPECT_EQ(table->header(), (std::vector<std::string>{"编号", "名称", "成立日期", "资本", "问题原因"}));
    std::string mended =
        "编号,名称,成立日期,资本,问题原因\r\n02,乙店,2024-05-07,2,改好了\r\n05,缺列店,,,\r\n";
    batch = load(as("market_officer"), ref, "企业-问题行.csv", mended, "append");
    EXPECT_EQ(batch["state"], "done") << batch.dump(1);
    EXPECT_EQ(shops(ref), "01|甲店|2024-05-06|1\n02|乙店|2024-05-07|2\n05|缺列店\n06|戊店|2024-05-08|6");
}

TEST_F(Ingesting, PreviewsAndUpsertsByKey) {
    std::string ref = make_shop_entry();
    load(as("market_officer"), ref, "a.csv",
         file_of({header, "01,甲店,2024-05-06,1", "02,乙店,2024-05-06,2", "03,丙店,2024-05-06,3"}));
    std::string before = shops(ref);
    std::string next =
        file_of({header, "02,乙店,2024-05-06,2", "03,丙新店,2024-05-06,3", "04,丁店,2024-05-06,4"});
    std::string id = upload(as("market_officer"), "b.csv", next);
    Reply asked = start(ref, id, "upsert", "preview");
    ASSERT_EQ(asked.status, 202) << asked.body;
    std::string stored = dump({"store"});
    Json preview = finished_job(as("market_officer"), asked.json["job_id"]);
    ASSERT_EQ(preview["state"], "done") << preview.dump(1);
    const Json& result = preview["result"];
    EXPECT_EQ(result["added"], 1);
    EXPECT_EQ(result["changed"], 1);
    EXPECT_EQ(result["removed"], 0);
    EXPECT_EQ(result["unchanged"], 1);
    EXPECT_EQ(result["samples"]["changed"][0]["before"]["ming_cheng"], "丙店");
    EXPECT_EQ(result["samples"]["changed"][0]["after"]["ming_cheng"], "丙新店");
    EXPECT_EQ(dump({"store"}), stored) << "a preview changes nothing";
    EXPECT_EQ(shops(ref), before);
    Json job = finished_job(as("market_officer"), start(ref, id, "replace", "preview").json["job_id"]);
    EXPECT_EQ(job["result"]["removed"], 1) << job.dump(1);

    Json batch = finished_job(as("market_officer"), start(ref, id, "upsert").json["job_id"]);
    EXPECT_EQ(batch["result"]["changed"], 1) << batch.dump(1);
    EXPECT_EQ(shops(ref),
              "01|甲店|2024-05-06|1\n02|乙店|2024-05-06|2\n03|丙新店|2024-05-06|3\n04|丁店|2024-05-06|4");
    EXPECT_EQ(rows(ref, "_id", "_id"), "1\n2\n3\n4");
}

TEST_F(Ingesting, AnUpsertRejectsRepeatedKeysAndNumbersTheAddedInOrder) {
    std::string ref = make_shop_entry();
    load(as("market_officer"), ref, "a.csv", file_of({header, "05,戊店,,5", "03,丙店,,3"}));
    std::string next = file_of({header, "09,壬店,,9", "03,丙店,,3", "02,乙店,,2", "09,又壬店,,9",
                                "05,戊新店,,5", "03,又丙店,,3", "07,庚店,,7"});
    std::string id = upload(as("market_officer"), "b.csv", next);
    Json batch = finished_job(as("market_officer"), start(ref, id, "upsert").json["job_id"]);
    ASSERT_EQ(batch["state"], "done") << batch.dump(1);
    EXPECT_EQ(batch["result"]["added"], 3);
    EXPECT_EQ(batch["result"]["changed"], 1);
    EXPECT_EQ(batch["result"]["unchanged"], 1);
    EXPECT_EQ(batch["result"]["rejected"], 2);
    EXPECT_EQ(rows(ref, "_id, bian_hao, ming_cheng", "_id"),
              "1|05|戊新店\n2|03|丙店\n3|09|壬店\n4|02|乙店\n5|07|庚店");
}

TEST_F(Ingesting, AppendingLeavesStoredRowsAsTheyAre) {
    std::string ref = make_shop_entry();
    load(as("market_officer"), ref, "a.csv", file_of({header, "01,甲店,,1", "02,乙店,,2"}));
    std::string next = file_of({header, "03,丙店,,3", "02,又乙店,,9", "03,又丙店,,9", "04,丁店,,4"});
    std::string id = upload(as("market_officer"), "b.csv", next);
    Json preview =
        finished_job(as("market_officer"), start(ref, id, "append", "preview").json["job_id"])["result"];
    EXPECT_EQ(preview["added"], 2) << preview.dump(1);
    EXPECT_EQ(preview["changed"], 0);
    EXPECT_EQ(preview["rejected"], 2);
    Json started = start(ref, id, "append").json;
    Json result = finished_job(as("market_officer"), started["job_id"])["result"];
    EXPECT_EQ(result["added"], 2) << result.dump(1);
    EXPECT_EQ(result["changed"], 0);
    EXPECT_EQ(result["rows_loaded"], 2);
    EXPECT_EQ(shops(ref), "01|甲店|1\n02|乙店|2\n03|丙店|3\n04|丁店|4");
    Json rejects =
        as("market_officer")
            .get("/api/v1/ingest/" + ref + "/batches/" + started["batch_id"].get<std::string>() + "/rejects")
            .json["items"];
    ASSERT_EQ(rejects.size(), 2U) << rejects.dump(1);
    std::map<int, std::string> reasons;
    for (const Json& reject : rejects) {
        reasons[reject["line"].get<int>()] = reject["reason"].get<std::string>();
    }
    EXPECT_NE(reasons[3].find("已经入库"), std::string::npos) << rejects.dump(1);
    EXPECT_NE(reasons[4].find("与第 2 行重复"), std::string::npos);
}

TEST_F(Ingesting, LoadsWhatFitsATableAndRejectsTheRest) {
    Json key = item("键", "k", "C", true);
    Json mail = item("邮箱", "mail", "C");
    key["length"] = mail["length"] = 5000;
    mail["element"] = "email";
    std::string ref = make_entry({key, mail, item("名", "v", "C")});
    // Hexadecimal digests: text that does not compress.
    std::string noise = sql("SELECT string_agg(md5(i::text), '') FROM generate_series(1, 150) i");
    Json batch = load(as("market_officer"), ref, "a.csv",
                      file_of({"键,邮箱,名", noise + ",a@b.cn,甲", "02," + noise + ",乙",
                               noise.substr(0, 2600) + ",a@b.cn,丙"}));
    EXPECT_EQ(batch["state"], "done") << batch.dump(1);
    EXPECT_EQ(batch["rows_loaded"], 2);
    EXPECT_EQ(rows(ref, "v", "_id"), "乙\n丙");
}

TEST_F(Ingesting, LoadsOfOneResourceRunInTheOrderTheyWereAskedFor) {
    std::string ref = make_shop_entry();
    std::string many = header + "\r\n";
    for (int i = 0; i < 100'000; ++i) {
        many += std::to_string(i) + ",店,,\r\n";
    }
    std::string first = upload(as("market_officer"), "a.csv", many);
    std::string second = upload(as("market_officer"), "b.csv", file_of({header, "x,后来的店,,"}));
    Json replaced = start(ref, first, "replace").json;
    Json added = start(ref, second, "upsert").json;
    EXPECT_EQ(finished_job(as("market_officer"), replaced["job_id"])["result"]["load"], 1);
    Json result = finished_job(as("market_officer"), added["job_id"])["result"];
    EXPECT_EQ(result["load"], 2) << result.dump(1);
    EXPECT_EQ(result["rows"], 100'001);
}

TEST_F(Ingesting, ReplacesInOneStepAndKeepsTwoOldTables) {
    std::string ref = make_shop_entry();
    for (int i = 0; i < 5; ++i) {
        load(as("market_officer"), ref, "a.csv", file_of({header, "0" + std::to_string(i) + ",店,,"}));
    }
    EXPECT_EQ(shops(ref), "04|店");
    // They go after the load is done, once nobody reads them any more.
    auto kept = [&] { return sql("SELECT count(*) FROM store.old_table WHERE ref = '" + ref + "'"); };
    for (int i = 0; i < patience * 200 && kept() != "2"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(kept(), "2");
    EXPECT_EQ(sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'store' AND tablename LIKE 'stage%'"),
              "0");
}

TEST_F(Ingesting, KeepsTheRowsWhenEveryNewOneIsRejected) {
    std::string ref = make_shop_entry();
    load(as("market_officer"), ref, "a.csv", file_of({header, "01,甲店,,"}));
    std::string stored = dump({"store"});
    Json batch =
        load(as("market_officer"), ref, "b.csv", file_of({header, "02,乙店,昨天,", "03,丙店,前天,"}));
    EXPECT_EQ(batch["state"], "failed");
    EXPECT_NE(batch["problem"].get<std::string>().find("全部是问题行"), std::string::npos) << batch.dump(1);
    EXPECT_EQ(batch["rows_rejected"], 2);
    EXPECT_EQ(dump({"store"}), stored);
}

TEST_F(Ingesting, RefusesColumnsThatAreNotTheItems) {
    std::string ref = make_shop_entry();
    std::string id = upload(as("market_officer"), "a.csv", file_of({"编号,名称,备注", "01,甲,乙"}));
    // Quality runs of earlier loads may still end meanwhile, so only what ingest itself writes is compared.
    auto state = [] {
        return dump({"store", "ingest"}) + sql("SELECT count(*) FROM jobs.job WHERE kind LIKE 'ingest.%'") +
               " " + sql("SELECT count(*) FROM audit.record WHERE action LIKE 'ingest.%'");
    };
    auto before = state();
    Reply reply = start(ref, id, "replace");
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(reply.json["type"], "/problems/ingest.columns-differ");
    EXPECT_EQ(reply.json["errors"].size(), 3U) << reply.body;
    EXPECT_EQ(state(), before);
}

TEST_F(Ingesting, RefusesWhatCannotBeLoaded) {
    Json items = Json::array({item("名称", "ming_cheng", "C")});
    std::string keyless = make_entry(items);
    std::string empty = make_entry(Json::array());
    std::string id = upload(as("market_officer"), "a.csv", file_of({"名称", "甲"}));
    EXPECT_EQ(start(keyless, id, "upsert").json["type"], "/problems/ingest.no-key");
    EXPECT_EQ(start(empty, id, "replace").json["type"], "/problems/ingest.no-items");
    EXPECT_EQ(start(keyless, "00000000-0000-7000-8000-000000000000", "replace").status, 404);
    EXPECT_EQ(start("no-such-entry", id, "replace").status, 404);
    std::string foreign = upload(as("civil_officer"), "a.csv", file_of({"名称", "甲"}));
    EXPECT_EQ(start(keyless, foreign, "replace").status, 404) << "another department's upload";
    EXPECT_EQ(
        as("civil_officer")
            .post("/api/v1/ingest/" + keyless + "/batches", {{"upload_id", foreign}, {"mode", "replace"}})
            .status,
        403);
    EXPECT_EQ(as("civil_officer").post("/api/v1/uploads/" + id + "/inspect").status, 403);
    EXPECT_EQ(anonymous().post_bytes("/api/v1/uploads?name=a.csv", "a", "text/csv").status, 401);
}

TEST_F(Ingesting, InspectsAndExplains) {
    std::string id =
        upload(as("market_officer"), "企业.csv",
               formats::encode_text(file_of({"编号;名称;成立日期", "01;甲;2024/5/6", "02;乙;2024/5/7;x"}),
                                    "GB18030"));
    Reply reply = as("market_officer").post("/api/v1/uploads/" + id + "/inspect");
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json["encoding"], "GB18030");
    EXPECT_EQ(reply.json["delimiter"], ";");
    EXPECT_EQ(reply.json["row_count"], 2);
    EXPECT_EQ(reply.json["items"][2]["type"], "D");
    EXPECT_EQ(reply.json["items"][1]["column"], "ming_cheng");
    EXPECT_EQ(reply.json["warnings"][0]["code"], "faulty_rows");
    std::string broken = upload(as("market_officer"), "b.xlsx", "PK\x03\x04 not really");
    reply = as("market_officer").post("/api/v1/uploads/" + broken + "/inspect");
    EXPECT_EQ(reply.status, 422);
    EXPECT_EQ(reply.json["type"], "/problems/formats.broken-workbook");
}

TEST_F(Ingesting, LeavesNothingOfABrokenUpload) {
    upload(as("market_officer"), "whole.csv", "a\n");
    std::string files = files_in_uploads();
    std::string before = dump({"ingest"});
    EXPECT_EQ(as("market_officer").post_bytes("/api/v1/uploads?name=a.csv", "", "text/csv").status, 422);
    EXPECT_EQ(as("market_officer").post_bytes("/api/v1/uploads", "a\n", "text/csv").status, 422);
    {
        Client client = as("market_officer");
        boost::asio::io_context io;
        boost::asio::ip::tcp::socket socket(io);
        socket.connect(
            {boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(server_->port)});
        std::string head =
            "POST /api/v1/uploads?name=cut.csv HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n";
        for (const auto& [name, value] : client.headers) {
            head += name + ": " + value + "\r\n";
        }
        head += "X-CSRF-Token: " + client.csrf + "\r\n\r\n" + std::string(70000, 'x');
        boost::asio::write(socket, boost::asio::buffer(head));
        socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send);
        // Whatever it answers, it has put everything away when it closes.
        boost::system::error_code ended;
        for (std::array<char, 4096> sink{}; !ended;) {
            socket.read_some(boost::asio::buffer(sink), ended);
        }
    }
    EXPECT_EQ(files_in_uploads(), files);
    EXPECT_EQ(dump({"ingest"}), before);
}

TEST_F(Ingesting, RefusesAMultipartForm) {
    auto before = dump({"ingest"});
    std::string form =
        "--x\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"a.csv\"\r\n\r\n编号\n1\n\r\n--x--\r\n";
    for (const char* target : {"/api/v1/uploads?name=a.csv", "/api/v1/catalogue/resources"}) {
        Reply reply = as("market_officer").post_bytes(target, form, "multipart/form-data; boundary=x");
        EXPECT_EQ(reply.status, 415) << reply.body;
        EXPECT_EQ(reply.json["type"], "/problems/http.multipart");
    }
    EXPECT_EQ(dump({"ingest"}), before);
}

TEST_F(Ingesting, TakesAnUploadInPartsByTus) {
    std::string text = file_of({"编号,名称", "01,甲", "02,乙"});
    Client tus = as("market_officer").header("Tus-Resumable", "1.0.0");
    Reply made = tus.header("Upload-Length", std::to_string(text.size()))
                     .header("Upload-Metadata", "filename YS5jc3Y=")
                     .post_bytes("/api/v1/uploads", "", "");
    ASSERT_EQ(made.status, 201) << made.body;
    std::string url = made.header("location");
    auto append = [&](std::size_t offset, const std::string& bytes) {
        return tus.header("Upload-Offset", std::to_string(offset))
            .send("PATCH", url, bytes, "application/offset+octet-stream");
    };
    EXPECT_EQ(append(0, text.substr(0, 10)).header("upload-offset"), "10");
    EXPECT_EQ(append(3, text.substr(3)).status, 409) << "not where the upload stands";
    EXPECT_EQ(tus.get(url).header("upload-offset"), "10");
    EXPECT_EQ(append(10, text).status, 413) << "more than promised";
    std::size_t stands = std::stoul(tus.get(url).header("upload-offset"));
    EXPECT_EQ(append(stands, text.substr(stands)).status, 204);
    Reply found = as("market_officer").post(url + "/inspect");
    EXPECT_EQ(found.json["row_count"], 2) << found.body;
    EXPECT_EQ(as("civil_officer").header("Tus-Resumable", "1.0.0").get(url).status, 403);
    EXPECT_EQ(
        as("market_officer").header("Tus-Resumable", "0.2").post_bytes("/api/v1/uploads", "", "").status,
        412);
    made = tus.header("Upload-Length", "5")
               .header("Upload-Metadata", "filename YS5jc3Y=")
               .post_bytes("/api/v1/uploads", "", "");
    EXPECT_EQ(tus.remove(made.header("location")).status, 204);
    EXPECT_EQ(tus.get(made.header("location")).status, 404);
}

TEST_F(Ingesting, StreetsAreEqualInBothEncodings) {
    NEED_TEST_DATA();
    auto plain_file = test_data("admin-divisions-2023/streets.csv");
    auto packed_file = test_data("encodings/derived/streets.gb18030.csv.gz");
    std::string id = upload(as("market_officer"), "streets.csv", read_file(plain_file));
    Reply found = as("market_officer").post("/api/v1/uploads/" + id + "/inspect");
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.json["row_count"], 41352);
    Json items = Json::array();
    std::string columns;
    for (Json guess : found.json["items"]) {
        guess.erase("unique");
        guess.erase("samples");
        items.push_back(guess);
        columns += (columns.empty() ? "" : ", ") + guess["column"].get<std::string>();
    }
    std::string plain = make_entry(items);
    std::string packed = make_entry(items);
    EXPECT_EQ(load(as("market_officer"), plain, "streets.csv", read_file(plain_file))["rows_loaded"], 41352);
    Json batch = load(as("market_officer"), packed, "streets.gb18030.csv.gz", read_file(packed_file));
    EXPECT_EQ(batch["rows_loaded"], 41352) << batch.dump(1);
    EXPECT_EQ(batch["encoding"], "GB18030");
    auto digest = [&](const std::string& ref) {
        std::string table = sql("SELECT table_name FROM store.resource_table WHERE ref = '" + ref + "'");
        return sql("SELECT md5(string_agg(concat_ws('|', " + columns + "), ',' ORDER BY _line)) FROM store." +
                   table);
    };
    EXPECT_EQ(digest(plain), digest(packed));
}

TEST_F(Ingesting, AFolderBecomesDraftsFromTheCommandLine) {
    auto folder = server_->var / "folder";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "门店.csv") << file_of({header, "01,甲店,2024-05-06,1"});
    std::ofstream(folder / "空.csv") << "";
    std::ofstream(folder / "名录.json") << R"([{"代码":"01","名称":"甲"},{"代码":"02","名称":"乙"}])";
    struct CommandRun run =
        cli(*server_, {"--json", "ingest", folder.string(), "--organization", std::string(market)});
    EXPECT_EQ(run.status, 1) << run.out;
    Json out = run.json();
    EXPECT_EQ(out["loaded"], 2) << run.out;
    EXPECT_EQ(out["failed"], 1);
    for (const Json& file : out["files"]) {
        if (file["file"] == "名录.json") {
            EXPECT_EQ(file["rows"], 2);
            EXPECT_EQ(as("market_officer")
                          .get("/api/v1/catalogue/resources/" + file["ref"].get<std::string>())
                          .json["state"],
                      "draft");
        }
    }
}

}  // namespace
}  // namespace pengcheng::test
