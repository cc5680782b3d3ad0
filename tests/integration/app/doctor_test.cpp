#include "app/process.hpp"
#include "sanitizer.hpp"

#include <pengcheng/db/migrate.hpp>

#include <fstream>

namespace pengcheng::test {

/// Each test plants a fault that can really happen and sees that one, and only that one, found.
class Doctor : public ServerTest {
protected:
    void SetUp() override {
        var_ = scratch_.folder / "v";
        for (const char* folder : {"", "keys", "evidence", "uploads"}) {
            std::filesystem::create_directories(var_ / folder);
            std::filesystem::permissions(var_ / folder, std::filesystem::perms::all);
        }
        take_keys();
        std::filesystem::create_directories(scratch_.folder / "web");
        std::ofstream(scratch_.folder / "web/manifest.json") << "{}";
        write_config("");
        environment_ = {{"PENGCHENG_VAR", var_.string()},
                        {"PENGCHENG_LISTEN", "127.0.0.1:0"},
                        {"PENGCHENG_DATABASE_URL", server_->url()}};
    }
    /// Those of the database, as several servers share them; owned by who owned them.
    void take_keys() {
        for (const auto& entry : std::filesystem::directory_iterator(server_->var / "keys")) {
            const auto copy = var_ / "keys" / entry.path().filename();
            std::filesystem::copy_file(entry.path(), copy);
            std::filesystem::permissions(copy, std::filesystem::perms(0600));
            struct stat owner{};
            if (geteuid() == 0 && stat(entry.path().c_str(), &owner) == 0) {
                ASSERT_EQ(chown(copy.c_str(), owner.st_uid, owner.st_gid), 0);
            }
        }
    }
    void write_config(const std::string& more) {
        std::ofstream(scratch_.folder / "pengcheng.yaml")
            << "web_root: " << (scratch_.folder / "web").string() << "\n"
            << more;
    }
    Json checks(const std::string& disk_mb_min = "1") {
        const CommandRun run = run_in(environment_,
                                      {"--json", "--config", (scratch_.folder / "pengcheng.yaml").string(),
                                       "doctor", "--disk-mb-min", disk_mb_min},
                                      scratch_.folder / "log");
        Json result = run.json();
        EXPECT_EQ(run.status, result["ok"].get<bool>() ? 0 : 1);
        return result["checks"];
    }
    /// Names of what is wrong; each says why it matters and how to mend it.
    std::string faults(const std::string& disk_mb_min = "1") {
        std::string names;
        const Json all = checks(disk_mb_min);
        for (const Json& check : all) {
            if (!check["ok"].get<bool>()) {
                names += (names.empty() ? "" : " ") + check["name"].get<std::string>();
                EXPECT_FALSE(check["found"].get<std::string>().empty());
                EXPECT_FALSE(check["why"].get<std::string>().empty());
                EXPECT_FALSE(check["remedy"].get<std::string>().empty());
            }
        }
        return names;
    }
    /// What a statement plants and another takes away.
    std::string faults_with(const std::string& plant, const std::string& remove) {
        sql(plant);
        std::string names = faults();
        sql(remove);
        return names;
    }
    /// The same with a setting of the database, given from outside it.
    std::string faults_set(const std::string& name, const std::string& value) {
        std::string url = server_->url();
        url.replace(url.rfind("dbname="), std::string::npos, "dbname=postgres");
        const std::string alter = "ALTER DATABASE " + server_->database;
        db::query_text(url, alter + " SET " + name + " = " + value);
        std::string names = faults();
        db::query_text(url, alter + " RESET " + name);
        return names;
    }
    /// A database of its own beside the server's.
    std::string faults_of(const std::string& making) {
        sql("DROP DATABASE IF EXISTS doctor_case");
        sql("CREATE DATABASE doctor_case TEMPLATE template0 " + making);
        std::string url = server_->url();
        url.replace(url.rfind("dbname="), std::string::npos, "dbname=doctor_case");
        environment_["PENGCHENG_DATABASE_URL"] = url;
        return faults();
    }

    Scratch scratch_;
    std::filesystem::path var_;
    Environment environment_;
};

TEST_F(Doctor, FindsNothingWhereNothingIsWrong) {
    EXPECT_EQ(faults(), "");
    EXPECT_GE(checks().size(), 18U);
}

TEST_F(Doctor, FindsABadSetting) {
    write_config("evidence:\n  mode: never\n");
    EXPECT_EQ(faults(), "configuration");
}

TEST_F(Doctor, FindsTheDatabaseOutOfReach) {
    environment_["PENGCHENG_DATABASE_URL"] = "host=/nonexistent dbname=x";
    EXPECT_EQ(faults(), "database");
}

TEST_F(Doctor, FindsAWrongEncodingAndLocale) {
    const std::string latin = faults_of("ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'");
    EXPECT_TRUE(latin.starts_with("database.encoding database.locale")) << latin;
    const std::string bytes = faults_of("ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'");
    EXPECT_TRUE(bytes.starts_with("database.locale")) << bytes;
}

TEST_F(Doctor, FindsAMissingExtension) {
    EXPECT_EQ(faults_of("").find("database.extension"), std::string::npos);
    std::string url = environment_["PENGCHENG_DATABASE_URL"];
    db::query_text(url, "DROP EXTENSION plpgsql CASCADE");
    EXPECT_TRUE(faults().starts_with("database.extension database.schema"));
}

TEST_F(Doctor, FindsWritesThatAreNotSafe) {
    EXPECT_EQ(faults_set("synchronous_commit", "off"), "database.durability");
    sql("ALTER SYSTEM SET fsync = off");
    sql("SELECT pg_reload_conf()");
    std::string found;
    for (int i = 0; i < patience * 50 && found.empty(); ++i) {  // the postmaster reloads when it gets to it
        found = faults();
    }
    sql("ALTER SYSTEM RESET fsync");
    sql("SELECT pg_reload_conf()");
    EXPECT_EQ(found, "database.durability");
}

TEST_F(Doctor, FindsADatabaseThatMayNotBeWritten) {
    const std::string found = faults_set("default_transaction_read_only", "on");
    EXPECT_TRUE(found.starts_with("database.writable")) << found;
}

TEST_F(Doctor, FindsTooFewConnections) {
    write_config("threads:\n  io: 4\ndatabase:\n  connections: 100\n");
    EXPECT_EQ(faults(), "database.connections");
}

TEST_F(Doctor, FindsAnOlderNewerOrChangedSchema) {
    const std::string last = "(SELECT max(number) FROM public.schema_migration)";
    EXPECT_EQ(faults_with(
                  "UPDATE public.schema_migration SET checksum = 'x' || checksum WHERE number = " + last,
                  "UPDATE public.schema_migration SET checksum = substr(checksum, 2) WHERE number = " + last),
              "database.schema");
    EXPECT_EQ(
        faults_with(
            "INSERT INTO public.schema_migration (number, name, checksum) VALUES (9999, '9999_new', '')",
            "DELETE FROM public.schema_migration WHERE number = 9999"),
        "database.schema");
    sql("CREATE TABLE public.kept AS SELECT * FROM public.schema_migration WHERE number = " + last);
    EXPECT_EQ(faults_with("DELETE FROM public.schema_migration WHERE number = " + last,
                          "INSERT INTO public.schema_migration SELECT * FROM public.kept"),
              "database.schema");
    sql("DROP TABLE public.kept");
}

TEST_F(Doctor, FindsEvidenceThatCouldBeChanged) {
    EXPECT_EQ(faults_with("GRANT UPDATE ON audit.evidence TO pengcheng_evidence",
                          "REVOKE UPDATE ON audit.evidence FROM pengcheng_evidence"),
              "evidence.role");
}

TEST_F(Doctor, FindsAClockThatIsOff) {
    sql("CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
        " 'SELECT pg_catalog.clock_timestamp() + interval ''1 hour'''");
    EXPECT_EQ(faults_set("search_path", "public, pg_catalog"), "clock");
    sql("DROP FUNCTION public.clock_timestamp()");
}

TEST_F(Doctor, FindsAMissingCalendar) {
    sql("CREATE TABLE public.kept AS SELECT * FROM packs.workday");
    EXPECT_EQ(faults_with("DELETE FROM packs.workday", "INSERT INTO packs.workday SELECT * FROM public.kept"),
              "calendar");
    sql("DROP TABLE public.kept");
}

TEST_F(Doctor, FindsAFullDisk) {
    EXPECT_EQ(faults("999999999"), "disk");
}

TEST_F(Doctor, FindsAFolderThatCannotBeWritten) {
    faults();  // hands var to the server's user
    std::filesystem::permissions(var_ / "uploads", std::filesystem::perms::owner_read);
    EXPECT_EQ(faults(), "folders");
}

TEST_F(Doctor, FindsAKeyThatOthersMayRead) {
    std::filesystem::remove(var_ / "keys/audit.key");
    std::ofstream(var_ / "keys/audit.key") << "x";
    std::filesystem::permissions(var_ / "keys/audit.key", std::filesystem::perms(0644));
    EXPECT_EQ(faults(), "keys");
}

TEST_F(Doctor, FindsKeysOfAnotherDatabase) {
    // A system that signed in has made the key that signs tokens, sealed with secrets.key.
    const Json client = as("market_officer").post("/api/v1/clients", {{"name", "对密钥的系统"}}).json;
    ASSERT_EQ(anonymous()
                  .send("POST", "/oauth/token",
                        "grant_type=client_credentials&client_id=" + client["client_id"].get<std::string>() +
                            "&client_secret=" + client["client_secret"].get<std::string>(),
                        "application/x-www-form-urlencoded")
                  .status,
              200);
    EXPECT_EQ(faults(), "");
    std::filesystem::remove(var_ / "keys/secrets.key");
    EXPECT_EQ(faults(), "keys.database") << "missing";
    EXPECT_FALSE(std::filesystem::exists(var_ / "keys/secrets.key")) << "looking makes none";
    std::filesystem::copy_file(server_->var / "keys/personal-index.key", var_ / "keys/secrets.key");
    std::filesystem::permissions(var_ / "keys/secrets.key", std::filesystem::perms(0600));
    EXPECT_EQ(faults(), "keys.database") << "another one";
}

TEST_F(Doctor, FindsABrokenCheckpointCopy) {
    std::ofstream(var_ / "evidence/chain.jsonl") << "{\"number\": 5}\n{\"number\": 3}\n";
    EXPECT_EQ(faults(), "checkpoints");
}

TEST_F(Doctor, FindsAPortThatIsTaken) {
    environment_["PENGCHENG_LISTEN"] = "127.0.0.1:" + std::to_string(server_->port);
    EXPECT_EQ(faults(), "port");
    // For the server that runs on this var itself it is as it should be.
    environment_["PENGCHENG_VAR"] = server_->var.string();
    EXPECT_EQ(faults(), "");
}

TEST_F(Doctor, FindsAMissingFrontEnd) {
    std::filesystem::remove(scratch_.folder / "web/manifest.json");
    EXPECT_EQ(faults(), "web");
    const CommandRun text =
        run_in(environment_, {"--config", (scratch_.folder / "pengcheng.yaml").string(), "doctor"},
               scratch_.folder / "log");
    EXPECT_NE(text.out.find("✘ web"), std::string::npos);
    EXPECT_NE(text.out.find("npm run build"), std::string::npos);
}

}  // namespace pengcheng::test
