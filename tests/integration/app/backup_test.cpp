#include "app/process.hpp"
#include "services/citizen.hpp"

#include <pengcheng/db/migrate.hpp>

#include <fstream>

namespace pengcheng::test {

namespace {

/// Every table of the database and a digest of its rows.
std::map<std::string, std::string> fingerprints(const std::string& url) {
    std::map<std::string, std::string> out;
    const std::string tables = db::query_text(
        url,
        "SELECT string_agg(format('%I.%I', schemaname, tablename), ',' ORDER BY 1) FROM pg_tables"
        " WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'");
    for (const std::string_view table : split(tables, ',')) {
        out[std::string(table)] = db::query_text(
            url,
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM " +
                std::string(table) + " t");
    }
    return out;
}

/// Records, pending and sealed marks go on by themselves; records are compared by their digests.
bool of_the_chain(const std::string& table) {
    return table.starts_with("audit.");
}

}  // namespace

class Backups : public ServerTest {
protected:
    static void SetUpTestSuite() {
        ServerTest::SetUpTestSuite();
        const Json items{{{"name", "编号"},
                          {"column", "code"},
                          {"type", "C"},
                          {"length", 20},
                          {"nullable", false},
                          {"primary_key", true}},
                         {{"name", "数量"}, {"column", "amount"}, {"type", "N"}}};
        const Json entry = publish(as("market_officer"), resource_body("备份测试", items));
        std::string rows = "编号,数量\n";
        for (int i = 0; i < 2000; ++i) {
            rows += "n" + std::to_string(i) + "," + std::to_string(i * 3) + "\n";
        }
        load(as("market_officer"), entry["ref"], "rows.csv", rows);
        const Client wang = citizen(*server_, "wang", "王老五", "320302190001010010");
        attachment() = attach(wang);
        Json body = application(wang);
        body["materials"][0]["attachment_id"] = attachment();
        ASSERT_EQ(wang.post("/api/v1/services/cases", body).status, 201);
        ASSERT_EQ(cli(*server_, {"--json", "audit", "checkpoint"}).status, 0);
        made() = cli(*server_, {"--json", "backup", place().string()});
    }
    static void TearDownTestSuite() {
        std::filesystem::remove_all(place());
        ServerTest::TearDownTestSuite();
    }
    static std::string& attachment() {
        static std::string id;
        return id;
    }
    static CommandRun& made() {
        static CommandRun run;
        return run;
    }
    static std::filesystem::path place() { return server_->var.parent_path() / "backup-of-test"; }
    /// A fresh var with an embedded cluster of its own, on a free port.
    static Environment fresh(const Scratch& scratch) {
        return {{"PENGCHENG_VAR", (scratch.folder / "v").string()},
                {"PENGCHENG_LISTEN", "127.0.0.1:0"},
                {"PENGCHENG_DATABASE_URL", ""}};
    }
    static std::string embedded_url(const Scratch& scratch) {
        return "host=" + (scratch.folder / "v/pg/run").string() + " user=pengcheng dbname=pengcheng";
    }
};

TEST_F(Backups, ComeBackWholeOnAnotherMachine) {
    ASSERT_EQ(made().status, 0) << made().out;
    const Json manifest = made().json();
    EXPECT_GT(manifest["database"]["bytes"], 10'000);
    EXPECT_GE(manifest["files"]["count"], 3);  // keys, checkpoints, the attachment
    const auto source = fingerprints(server_->url());

    Scratch scratch;
    const auto log = scratch.folder / "log";
    const CommandRun restored = run_in(fresh(scratch), {"--json", "restore", place().string()}, log);
    ASSERT_EQ(restored.status, 0) << restored.out << read_file(log);
    EXPECT_EQ(restored.json()["migrated"], Json::array());

    auto server = serve_in(fresh(scratch), log);
    auto copy = fingerprints(embedded_url(scratch));
    EXPECT_EQ(copy.size(), source.size());
    for (const auto& [table, rows] : source) {
        if (!of_the_chain(table)) {
            EXPECT_EQ(copy[table], rows) << table;
        }
    }
    const std::string records =
        "SELECT md5(string_agg(id::text || digest::text, ',' ORDER BY id)) FROM audit.record"
        " WHERE action <> 'app.database.restore'";
    EXPECT_EQ(db::query_text(embedded_url(scratch), records), server_->sql(records));

    const CommandRun verified = run_in(fresh(scratch), {"--json", "audit", "verify"}, log);
    EXPECT_EQ(verified.status, 0) << verified.out;
    EXPECT_GT(verified.json()["checkpoints"], 0);
    const Client wang = server->as("wang");
    const Reply file = wang.get("/api/v1/services/attachments/" + attachment());
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.body, png);
    // Personal data opens: the keys came along.
    EXPECT_EQ(wang.get("/api/v1/services/cases").json["items"].size(), 1U);
    server->stop();
}

TEST_F(Backups, ComeBackToADatabaseOfAnotherOwner) {
    ASSERT_EQ(made().status, 0) << made().out;
    Scratch scratch;
    const auto log = scratch.folder / "log";
    sql("CREATE ROLE city_dba LOGIN CREATEROLE");
    sql("CREATE DATABASE restored_elsewhere OWNER city_dba TEMPLATE template0");
    std::string url = server_->url();
    url = url.substr(0, url.find(" user=")) + " user=city_dba dbname=restored_elsewhere";
    Environment target{{"PENGCHENG_VAR", (scratch.folder / "v").string()}, {"PENGCHENG_DATABASE_URL", url}};
    const CommandRun restored = run_in(target, {"--json", "restore", place().string()}, log);
    EXPECT_EQ(restored.status, 0) << restored.out << read_file(log);
    const auto rights = [&](const std::string& address) {
        return db::query_text(address,
                              "SELECT string_agg(a.privilege_type, ',' ORDER BY 1) FROM pg_class c,"
                              " aclexplode(c.relacl) a WHERE c.oid = 'audit.evidence'::regclass"
                              " AND a.grantee = c.relowner");
    };
    EXPECT_EQ(rights(url), rights(server_->url())) << "the new owner, too, does not change evidence";
    EXPECT_EQ(db::query_text(url,
                             "SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a"
                             " WHERE c.relnamespace = 'audit'::regnamespace"
                             " AND a.grantee = 'pengcheng'::regrole"),
              "0");
    EXPECT_EQ(run_in(target, {"audit", "verify"}, log).status, 0);
    sql("DROP DATABASE restored_elsewhere");
}

TEST_F(Backups, AreNotRestoredOverWhatIsThere) {
    Scratch scratch;
    const auto log = scratch.folder / "log";
    const Environment target{{"PENGCHENG_VAR", (scratch.folder / "v").string()},
                             {"PENGCHENG_DATABASE_URL", server_->url()}};
    const auto before = fingerprints(server_->url());
    // The database is in use, and the server's own var is locked.
    CommandRun run = run_in(target, {"--json", "restore", "--force", place().string()}, log);
    EXPECT_EQ(run.status, 1);
    EXPECT_EQ(run.json()["error"]["code"], "app.restore-in-use");
    run = cli(*server_, {"--json", "restore", "--force", place().string()});
    EXPECT_EQ(run.json()["error"]["code"], "app.var-in-use");
    EXPECT_EQ(fingerprints(server_->url()), before);

    run = run_in(fresh(scratch), {"--json", "restore", place().string()}, log);
    ASSERT_EQ(run.status, 0) << run.out << read_file(log);
    run = run_in(fresh(scratch), {"--json", "restore", place().string()}, log);
    EXPECT_EQ(run.status, 1);
    EXPECT_EQ(run.json()["error"]["code"], "app.restore-not-empty");
    run = run_in(fresh(scratch), {"--json", "restore", "--force", place().string()}, log);
    EXPECT_EQ(run.status, 0) << run.out;
    EXPECT_TRUE(std::filesystem::exists(run.json()["set_aside"].get<std::string>() + "/keys")) << run.out;
    EXPECT_EQ(run_in(fresh(scratch), {"audit", "verify"}, log).status, 0);
}

TEST_F(Backups, SayWhoMayNotWriteOrRead) {
    Scratch scratch;
    const auto closed = scratch.folder / "closed";
    std::filesystem::create_directories(closed / "backup");
    std::filesystem::permissions(closed, std::filesystem::perms::none);
    const CommandRun made = cli(*server_, {"--json", "backup", (closed / "new").string()});
    EXPECT_EQ(made.json()["error"]["code"], "app.no-access") << made.out;
    EXPECT_NE(made.json()["error"]["detail"].get<std::string>().find("以用户 "), std::string::npos);
    std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
    std::filesystem::copy(place(), closed / "copy", std::filesystem::copy_options::recursive);
    std::filesystem::permissions(closed / "copy/manifest.json", std::filesystem::perms::none);
    if (access((closed / "copy/manifest.json").c_str(), R_OK) != 0) {  // root reads everything
        const CommandRun read = cli(*server_, {"--json", "restore", "--check", (closed / "copy").string()});
        EXPECT_EQ(read.json()["error"]["code"], "app.no-access") << read.out;
    }
}

TEST_F(Backups, AreCheckedBeforeAnythingIsTouched) {
    Scratch scratch;
    const auto log = scratch.folder / "log";
    const auto damaged = scratch.folder / "damaged";
    const auto refusal = [&](const std::function<void()>& damage) {
        std::filesystem::remove_all(damaged);
        std::filesystem::copy(place(), damaged, std::filesystem::copy_options::recursive);
        damage();
        std::filesystem::permissions(damaged, std::filesystem::perms::all);
        const CommandRun run = run_in(fresh(scratch), {"--json", "restore", damaged.string()}, log);
        EXPECT_EQ(run.status, 1);
        EXPECT_FALSE(std::filesystem::exists(scratch.folder / "v/pg"));
        return run.json()["error"].dump();
    };
    EXPECT_EQ(run_in(fresh(scratch), {"--json", "restore", "--check", place().string()}, log).status, 0);
    const auto appended = [&](const char* part) {
        return [&, part] { std::ofstream(damaged / part, std::ios::app) << "x"; };
    };
    EXPECT_NE(refusal(appended("database.dump")).find("database.dump"), std::string::npos);
    EXPECT_NE(refusal(appended("files.jsonl")).find("files.jsonl"), std::string::npos);
    std::string file;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place() / "files/attachments")) {
        file = entry.is_regular_file() ? std::filesystem::relative(entry.path(), place()).string() : file;
    }
    EXPECT_NE(refusal(appended(file.c_str())).find("attachments"), std::string::npos);
    EXPECT_NE(refusal([&] { std::filesystem::remove(damaged / file); }).find("attachments"),
              std::string::npos);
    EXPECT_NE(refusal([&] { std::filesystem::remove(damaged / "manifest.json"); }).find("manifest"),
              std::string::npos);
    const auto newer = [&] {
        Json manifest = Json::parse(read_file(damaged / "manifest.json"));
        manifest["database"]["migrations"].push_back("9999_from_the_future");
        std::ofstream(damaged / "manifest.json") << manifest.dump();
    };
    EXPECT_NE(refusal(newer).find("app.backup-newer"), std::string::npos);
    // And a backup never overwrites another.
    EXPECT_EQ(cli(*server_, {"--json", "backup", place().string()}).json()["error"]["code"],
              "app.backup-exists");
}

}  // namespace pengcheng::test
