#include "evidence_fixture.hpp"

#include "audit/stored.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/base/time.hpp>

#include <fstream>
#include <thread>

namespace pengcheng::test {
namespace {

/// Tampers as somebody who owns the database, and looks what verification says.
class EvidenceTampering : public EvidenceTest {
protected:
    static void SetUpTestSuite() {
        EvidenceTest::SetUpTestSuite();
        server_->stop();  // nothing is added while somebody tampers
    }
    void SetUp() override {
        if (sql("SELECT to_regclass('public.kept')").empty()) {
            keep();
        }
    }
    /// Evidence with a checkpoint in the middle and one at the end; all kept to be put back.
    void keep() {
        write_some(6);
        ASSERT_EQ(cli(*server_, {"audit", "checkpoint"}).status, 0);
        write_some(6);
        ASSERT_EQ(cli(*server_, {"audit", "checkpoint"}).status, 0);
        sql("DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT tgrelid FROM pg_trigger WHERE tgname = "
            "'insert_only'"
            " LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER insert_only', t); END LOOP; END $$");
        sql("DROP INDEX audit.evidence_place");
        sql("CREATE TABLE public.kept AS TABLE audit.evidence");
        sql("CREATE TABLE public.kept_context AS TABLE audit.context");
        sql("CREATE TABLE public.kept_checkpoint AS TABLE audit.checkpoint");
        sql("GRANT ALL ON audit.evidence, audit.context, audit.checkpoint TO CURRENT_USER");
    }
    static void put_back() {
        sql("TRUNCATE audit.evidence, audit.context, audit.checkpoint");
        sql("INSERT INTO audit.evidence SELECT * FROM public.kept");
        sql("INSERT INTO audit.context SELECT * FROM public.kept_context");
        sql("INSERT INTO audit.checkpoint SELECT * FROM public.kept_checkpoint");
    }
};

struct Tampering {
    std::string name, statement, kind;
    std::string seq;  ///< of the record that is to be named; empty: any
};

const std::string first_chain = "chain = (SELECT min(chain) FROM audit.evidence) AND ";

const std::vector<Tampering> tamperings{
    {"rows", "UPDATE audit.evidence SET row_count = 0 WHERE " + first_chain + "seq = 3", "changed", "3"},
    {"time", "UPDATE audit.evidence SET at = at - interval '1 second' WHERE " + first_chain + "seq = 3",
     "changed", "3"},
    {"filter", "UPDATE audit.evidence SET filter = '' WHERE " + first_chain + "seq = 3", "changed", "3"},
    {"outcome", "UPDATE audit.evidence SET outcome = 'cut' WHERE " + first_chain + "seq = 12", "changed",
     "12"},
    {"kind", "UPDATE audit.evidence SET kind = 4 WHERE " + first_chain + "seq = 3", "changed", "3"},
    {"hash", "UPDATE audit.evidence SET hash = sha256('x') WHERE " + first_chain + "seq = 3", "reordered",
     "3"},
    {"who", "UPDATE audit.context SET principal = 'somebody else'", "changed", ""},
    {"fields", "UPDATE audit.context SET fields = '{}'", "changed", ""},
    {"context_removed", "DELETE FROM audit.context", "dropped", "1"},
    {"another_context", "UPDATE audit.evidence SET context = NULL WHERE " + first_chain + "seq = 4",
     "changed", "4"},
    {"first_dropped", "DELETE FROM audit.evidence WHERE " + first_chain + "seq = 1", "dropped", "1"},
    {"middle_dropped", "DELETE FROM audit.evidence WHERE " + first_chain + "seq = 5", "dropped", "5"},
    {"dropped_and_renumbered",
     "DELETE FROM audit.evidence WHERE seq = 5; UPDATE audit.evidence SET seq = seq - 1 WHERE seq > 5",
     "reordered", "5"},
    {"last_dropped", "DELETE FROM audit.evidence WHERE " + first_chain + "seq = 12", "tail-cut", "12"},
    {"all_dropped", "TRUNCATE audit.evidence", "tail-cut", "1"},
    {"inserted_twice",
     "INSERT INTO audit.evidence SELECT * FROM audit.evidence WHERE " + first_chain + "seq = 5", "inserted",
     "5"},
    {"inserted_and_renumbered",
     "UPDATE audit.evidence SET seq = seq + 1 WHERE seq >= 5;"
     " INSERT INTO audit.evidence SELECT * FROM public.kept WHERE seq = 5",
     "reordered", ""},
    {"swapped", "UPDATE audit.evidence SET seq = 11 - seq WHERE " + first_chain + "seq IN (5, 6)",
     "reordered", "5"},
    {"checkpoint_changed",
     "UPDATE audit.checkpoint SET body = replace(body, 'at 2', 'at 3') WHERE number = 1", "checkpoint", "1"},
    {"checkpoint_dropped", "DELETE FROM audit.checkpoint WHERE number = 1", "checkpoint", "1"},
    {"tail_dropped_with_its_checkpoint",
     "DELETE FROM audit.evidence WHERE seq > 6;"
     " DELETE FROM audit.checkpoint WHERE number = (SELECT max(number) FROM audit.checkpoint)",
     "tail-cut", ""},
};

class EvidenceTamperings : public EvidenceTampering, public testing::WithParamInterface<Tampering> {};

TEST_P(EvidenceTamperings, AreFoundAndTheFirstNamed) {
    verify(0);
    for (std::string_view statement : split(GetParam().statement, ';')) {
        sql(std::string(statement));
    }
    Json verdict = verify(1);
    ASSERT_TRUE(verdict["broken"].is_object()) << verdict;
    EXPECT_EQ(verdict["broken"]["kind"], GetParam().kind) << verdict;
    if (!GetParam().seq.empty()) {
        EXPECT_EQ(verdict["broken"]["seq"].dump(), GetParam().seq) << verdict;
    }
    put_back();
}
INSTANTIATE_TEST_SUITE_P(Each, EvidenceTamperings, testing::ValuesIn(tamperings),
                         [](const auto& info) { return info.param.name; });

/// Whoever owns the database can link everything anew after a change.
asio::awaitable<void> forge(db::Pool& db) {
    auto tx = co_await db.begin();
    audit::Contexts contexts = co_await audit::load_contexts(tx);
    db::Query query{.sql = "SELECT " + std::string(audit::evidence_columns) +
                           " FROM audit.evidence ORDER BY chain, seq"};
    auto stream = co_await tx.stream(std::move(query));
    std::string script;
    audit::Digest before = audit::no_digest;
    while (auto rows = co_await stream.next()) {
        for (int row = 0; row < rows->size(); ++row) {
            audit::StoredEvidence stored = audit::evidence_at(*rows, row);
            stored.entry.rows = 0;
            audit::Link link = audit::link_of(stored, contexts);
            before = audit::link(before, link.chain, link.seq, *link.context, link.entry);
            script += "UPDATE audit.evidence SET row_count = 0, hash = decode('" + audit::hex_of(before) +
                      "', 'hex') WHERE chain = " + std::to_string(link.chain) +
                      " AND seq = " + std::to_string(link.seq) + ";";
        }
    }
    co_await tx.script(script);
    co_await tx.commit();
}

TEST_F(EvidenceTampering, ThatLinksEverythingAnewIsFoundByTheCheckpointsAndTheirCopies) {
    verify(0);
    asio::co_spawn(io_, forge(pool_), asio::detached);
    run();
    ASSERT_EQ(count("row_count = 0"), "12");
    Json verdict = verify(1);
    EXPECT_EQ(verdict["broken"]["kind"], "checkpoint") << verdict;
    EXPECT_EQ(verdict["broken"]["seq"], 6) << "the first head that was signed";
    auto refused = cli(*server_, {"--json", "audit", "checkpoint"});
    EXPECT_EQ(refused.json()["error"]["code"], "audit.chain-broken") << "nothing is signed over it";

    // Without any checkpoint in the table, the links alone would hold; the copy outside does not forget.
    sql("DELETE FROM audit.checkpoint");
    verdict = verify(1);
    EXPECT_EQ(verdict["broken"]["kind"], "tail-cut") << verdict;
    std::filesystem::rename(server_->var / "evidence", server_->var / "evidence-aside");
    EXPECT_TRUE(verify(0)["ok"].get<bool>()) << "which is why copies belong where nobody can take them";
    std::filesystem::rename(server_->var / "evidence-aside", server_->var / "evidence");
    put_back();
}

class EvidenceExport : public EvidenceTest {
protected:
    std::filesystem::path file() const { return server_->var / "stretch.jsonl"; }
    Json export_all(const std::string& from = "2020-01-01", const std::string& to = "2100-01-01") {
        auto run = cli(*server_,
                       {"--json", "audit", "export", "--from", from, "--to", to, "--out", file().string()});
        EXPECT_EQ(run.status, 0) << run.out;
        return run.json();
    }
    Json verify_file(int status, const std::string& key = "") const {
        std::vector<std::string> command{"--json", "audit", "verify", "--file", file().string()};
        if (!key.empty()) {
            command.insert(command.end(), {"--key", key});
        }
        auto run = cli(*server_, command);
        EXPECT_EQ(run.status, status) << run.out;
        return run.json();
    }
    /// Rewrites the lines of the export; those that `change` empties are left out.
    void rewrite(const std::function<void(Json&)>& change) const {
        std::istringstream lines(read_file(file()));
        std::string out;
        for (std::string text; std::getline(lines, text);) {
            Json line = Json::parse(text);
            change(line);
            out += line.is_null() ? "" : line.dump() + "\n";
        }
        std::ofstream(file(), std::ios::binary) << out;
    }
};

TEST_F(EvidenceExport, IsVerifiedElsewhereWithoutTheDatabase) {
    write_some(5);
    anonymous().post("/api/v1/session", {{"username", "nobody"}, {"password", "wrong-password-1"}});
    Json made = export_all();
    Json verdict = verify_file(0, made["key"]);
    EXPECT_TRUE(verdict["ok"].get<bool>()) << verdict;
    EXPECT_EQ(verdict["records"], made["records"]);
    EXPECT_GE(verdict["records"].get<int>(), 6) << "events and evidence";

    std::string middle = sql("SELECT base.rfc3339(clock_timestamp() + interval '1 millisecond')");
    write_some(4);
    Json later = export_all(middle);
    EXPECT_EQ(later["first_checkpoint"], made["last_checkpoint"]);
    EXPECT_LT(later["records"].get<int>(), made["records"].get<int>() + 4);
    EXPECT_TRUE(verify_file(0)["ok"].get<bool>());
}

TEST_F(EvidenceExport, ShowsWhatWasChangedInTheFile) {
    write_some(5);
    struct Row {
        std::string name, kind;
        std::function<void(Json&)> change;
    };
    const std::vector<Row> rows{
        {"an outcome", "changed",
         [](Json& line) {
             if (line["type"] == "evidence" && line["seq"] == 3) {
                 line["outcome"] = "cut";
             }
         }},
        {"who", "changed",
         [](Json& line) {
             if (line["type"] == "context") {
                 line["principal"] = "somebody else";
             }
         }},
        {"a record left out", "dropped",
         [](Json& line) {
             if (line["type"] == "evidence" && line["seq"] == 3) {
                 line = nullptr;
             }
         }},
        {"all evidence left out", "tail-cut",
         [](Json& line) {
             if (line["type"] == "evidence") {
                 line = nullptr;
             }
         }},
        {"the last checkpoint left out", "checkpoint",
         [last = std::optional<std::int64_t>()](Json& line) mutable {
             if (line.contains("last")) {
                 last = line["last"].get<std::int64_t>();
             } else if (line["type"] == "checkpoint" && line["number"] == *last) {
                 line = nullptr;
             }
         }},
        {"a checkpoint changed", "checkpoint",
         [](Json& line) {
             if (line["type"] == "checkpoint") {
                 std::string body = line["body"];
                 line["body"] = body.replace(body.find("at 2"), 4, "at 3");
             }
         }},
        {"an event", "changed",
         [done = false](Json& line) mutable {
             if (line["type"] == "event" && !std::exchange(done, true)) {
                 line["record"]["principal"] = "somebody else";
             }
         }},
    };
    for (const Row& row : rows) {
        export_all();
        rewrite(row.change);
        Json verdict = verify_file(1);
        EXPECT_EQ(verdict["broken"]["kind"], row.kind) << row.name << ' ' << verdict;
    }
    export_all();
    verify_file(1, std::string(64, 'a'));
    std::ofstream(file(), std::ios::binary) << "[]\n";
    EXPECT_EQ(verify_file(1)["error"]["code"], "audit.bad-export");
}

TEST_F(EvidenceExport, IsForTheAuditAdministratorOnly) {
    write_some(1);
    std::string url = "/api/v1/audit/export?from=2020-01-01&to=2100-01-01";
    EXPECT_EQ(anonymous().get(url).status, 401);
    EXPECT_EQ(as("system_admin").get(url).status, 403);
    EXPECT_EQ(as("audit_admin").get("/api/v1/audit/export?from=x&to=y").status, 422);
    Reply reply = as("audit_admin").get(url);
    ASSERT_EQ(reply.status, 200) << reply.body.substr(0, 300);
    std::ofstream(file(), std::ios::binary) << reply.body;
    EXPECT_TRUE(verify_file(0)["ok"].get<bool>());
    verify(0);
    Reply state = as("audit_admin").get("/api/v1/audit/chain");
    ASSERT_EQ(state.status, 200);
    EXPECT_GT(state.json["checkpoint"]["number"].get<int>(), 0);
    EXPECT_EQ(state.json["verification"]["ok"], true);
}

class EvidenceCopies : public EvidenceTest {};

TEST_F(EvidenceCopies, InASecondFolderKnowWhatTheFirstLost) {
    server_->stop();
    std::filesystem::path folder = server_->var / "elsewhere";
    std::filesystem::path settings = server_->var / "settings.yaml";
    std::ofstream(settings) << "evidence:\n  copy_folder: " << folder.string() << "\n";
    auto checkpoint = [&] {
        return cli(*server_, {"--config", settings.string(), "audit", "checkpoint"}).status;
    };
    auto verify_both = [&] {
        return cli(*server_, {"--json", "--config", settings.string(), "audit", "verify"});
    };
    write_some(3);
    ASSERT_EQ(checkpoint(), 0);
    write_some(3);
    ASSERT_EQ(checkpoint(), 0);
    EXPECT_EQ(read_file(folder / "chain.jsonl"), read_file(server_->var / "evidence" / "chain.jsonl"));
    auto fine = verify_both();
    ASSERT_EQ(fine.status, 0) << fine.out;
    EXPECT_EQ(fine.json()["copies"].get<int>(), 2 * fine.json()["checkpoints"].get<int>());

    // The end goes from the database and from the folder beside it.
    sql("DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'insert_only'"
        " LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER insert_only', t); END LOOP; END $$");
    sql("DELETE FROM audit.evidence WHERE seq > 3");
    sql("DELETE FROM audit.checkpoint WHERE number = (SELECT max(number) FROM audit.checkpoint)");
    std::filesystem::remove_all(server_->var / "evidence");
    verify(0);
    auto broken = verify_both();
    EXPECT_EQ(broken.status, 1);
    EXPECT_EQ(broken.json()["broken"]["kind"], "tail-cut") << broken.out;
}

class EvidencePruning : public EvidenceTest {
protected:
    struct Winter2020 : Clock {
        [[nodiscard]] Time now() const override { return *parse_time("2020-01-05T10:00:00+08:00"); }
    };
    void write_in(const Clock& clock, int records) {
        runtime_.clock = &clock;
        audit::start_evidence(runtime_);
        write_some(records);
    }
};

TEST_F(EvidencePruning, LeavesAChainThatStillProves) {
    static const Winter2020 winter;
    static const Clock today;
    sql("CREATE TABLE audit.evidence_2020_01 PARTITION OF audit.evidence"
        " FOR VALUES FROM ('2020-01-01 00:00+08') TO ('2020-02-01 00:00+08')");
    write_in(winter, 5);
    write_in(today, 3);
    ASSERT_EQ(count("at < '2021-01-01'"), "5");
    verify(0);
    auto run = cli(*server_, {"--json", "audit", "prune", "--keep-months", "12"});
    ASSERT_EQ(run.status, 0) << run.out;
    EXPECT_EQ(run.json()["months"], 1);
    EXPECT_EQ(count("at < '2021-01-01'"), "0");
    EXPECT_TRUE(verify(0)["ok"].get<bool>());
    write_some(2);
    verify(0);
    auto old = cli(*server_, {"--json", "audit", "export", "--from", "2019-01-01", "--to", "2100-01-01",
                              "--out", (server_->var / "x").string()});
    EXPECT_EQ(old.json()["error"]["code"], "audit.no-stretch") << old.out;

    // Without its signed word on what was pruned, the chain does not hold.
    sql("ALTER TABLE audit.checkpoint DISABLE TRIGGER insert_only");
    sql("DELETE FROM audit.checkpoint WHERE body LIKE '%pruned%'");
    verify(1);
}

class EvidenceOfServers : public ServerTest {};

/// GETs of an open row from several threads until `stop`; the request ids that were answered 200.
std::vector<std::string> read_until(const Client& client, const std::string& url,
                                    const std::atomic<bool>& stop) {
    std::vector<std::string> out;
    while (!stop) {
        try {
            Reply reply = client.get(url);
            if (reply.status == 200) {
                out.push_back(reply.header("x-request-id"));
            }
        } catch (const std::exception&) {
            break;  // the server was killed
        }
    }
    return out;
}

TEST_F(EvidenceOfServers, KeepsWhatItAcknowledgedWhenKilled) {
    auto officer = as("market_officer");
    Json items = Json::array({{{"name", "编号"},
                               {"column", "code"},
                               {"type", "C"},
                               {"length", 10},
                               {"primary_key", true},
                               {"nullable", false}}});
    Json entry = publish(officer, resource_body("证据", items));
    std::string ref = entry["ref"];
    load(officer, ref, "rows.csv", "编号\nA\nB\n");
    std::string url = "/api/v1/data/" + ref + "?limit=1";
    ASSERT_EQ(officer.get(url).status, 200);
    for (int round = 0; round < 5; ++round) {
        std::atomic<bool> stop = false;
        std::vector<std::vector<std::string>> answered(4);
        std::vector<std::thread> readers;
        for (auto& mine : answered) {
            readers.emplace_back([&] { mine = read_until(officer, url, stop); });
        }
        std::string before = sql("SELECT count(*) FROM audit.evidence");
        while (*to_int(sql("SELECT count(*) FROM audit.evidence")) < *to_int(before) + 40) {
        }
        server_->kill();
        stop = true;
        std::string ids;
        for (std::size_t i = 0; i < readers.size(); ++i) {
            readers[i].join();
            for (const std::string& id : answered[i]) {
                ids += (ids.empty() ? "'" : ",'") + id + "'";
            }
        }
        ASSERT_FALSE(ids.empty());
        std::string asked = std::to_string(std::ranges::count(ids, ',') + 1);
        EXPECT_EQ(
            sql("SELECT count(DISTINCT request_id) FROM audit.evidence WHERE request_id IN (" + ids + ")"),
            asked);
        server_->restart();
        auto run = cli(*server_, {"--json", "audit", "verify"});
        EXPECT_EQ(run.status, 0) << run.out;
    }
    EXPECT_LE(*to_int(sql("SELECT count(*) FROM audit.chain")), 8) << "chains are taken over";
}

}  // namespace
}  // namespace pengcheng::test
