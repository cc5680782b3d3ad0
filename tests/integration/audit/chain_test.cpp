#include "harness.hpp"

#include <fstream>

namespace pengcheng::test {
namespace {

/// Each tampering is undone before the next, but the last, which nothing can undo.
class AuditChain : public ServerTest {
protected:
    static Json verify(int status) {
        auto run = cli(*server_, {"--json", "audit", "verify"});
        EXPECT_EQ(run.status, status) << run.out;
        return run.json();
    }
    static void write_some() {
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(as("reviewer").get("/api/v1/session").status, 200);
            anonymous().post("/api/v1/session", {{"username", "nobody"}, {"password", "wrong-password-1"}});
        }
        ASSERT_EQ(cli(*server_, {"audit", "checkpoint"}).status, 0);
    }
    /// As somebody with rights over the tables would.
    static void tamper(const std::string& statement) {
        for (const char* table : {"record", "seal", "checkpoint"}) {
            sql(std::string("ALTER TABLE audit.") + table + " DISABLE TRIGGER insert_only");
        }
        sql(statement);
    }
    static void expect_broken(const std::string& kind) {
        Json verdict = verify(1);
        EXPECT_FALSE(verdict["ok"].get<bool>());
        ASSERT_TRUE(verdict["broken"].is_object()) << verdict;
        EXPECT_EQ(verdict["broken"]["kind"], kind) << verdict;
    }
    static std::string record_of(const std::string& seq) {
        return "(SELECT record_id FROM audit.seal WHERE seq = " + seq + ")";
    }
};

TEST_F(AuditChain, HoldsAndIsInsertOnly) {
    write_some();
    Json verdict = verify(0);
    EXPECT_TRUE(verdict["ok"].get<bool>());
    EXPECT_GT(verdict["records"].get<int>(), 3);
    EXPECT_GE(verdict["checkpoints"].get<int>(), 1);
    EXPECT_EQ(verdict["copies"], verdict["checkpoints"]);
    for (const char* statement :
         {"UPDATE audit.record SET object = 'x'", "DELETE FROM audit.seal", "TRUNCATE audit.checkpoint"}) {
        EXPECT_ANY_THROW(sql(statement)) << statement;
    }
}

TEST_F(AuditChain, ShowsEveryKindOfTampering) {
    write_some();
    verify(0);

    tamper("UPDATE audit.record SET object = object || 'x' WHERE id = " + record_of("2"));
    expect_broken("changed");
    sql("UPDATE audit.record SET object = left(object, -1) WHERE id = " + record_of("2"));
    verify(0);

    sql("CREATE TABLE public.kept AS SELECT * FROM audit.record WHERE id = " + record_of("3"));
    sql("DELETE FROM audit.record WHERE id = " + record_of("3"));
    expect_broken("dropped");
    sql("INSERT INTO audit.record SELECT * FROM public.kept");
    verify(0);

    std::string swap =
        "UPDATE audit.seal s SET hash = o.hash, prev_hash = o.prev_hash FROM audit.seal o"
        " WHERE s.seq IN (3, 4) AND o.seq = 7 - s.seq";
    sql(swap);
    expect_broken("reordered");
    sql(swap);
    verify(0);

    sql("INSERT INTO audit.record SELECT (r).* FROM (SELECT jsonb_populate_record(k, '{\"id\":"
        "\"00000000-0000-7000-8000-000000000001\"}') AS r FROM public.kept k) AS x");
    expect_broken("inserted");
    sql("DELETE FROM audit.record WHERE id = '00000000-0000-7000-8000-000000000001'");
    verify(0);

    sql("CREATE TABLE public.cut AS SELECT * FROM audit.checkpoint ORDER BY number DESC LIMIT 1");
    sql("UPDATE audit.checkpoint SET body = replace(body, 'at 2', 'at 3')"
        " WHERE number = (SELECT max(number) FROM audit.checkpoint)");
    expect_broken("checkpoint");
    sql("UPDATE audit.checkpoint c SET body = k.body FROM public.cut k WHERE c.number = k.number");
    verify(0);

    // The tail goes with its checkpoints in the table: only the copy outside still knows of it.
    server_->stop();
    ASSERT_EQ(cli(*server_, {"audit", "checkpoint"}).status, 0);
    std::string kept_seq = sql("SELECT max(seq) - 3 FROM audit.seal");
    sql("DELETE FROM audit.record WHERE id IN (SELECT record_id FROM audit.seal WHERE seq > " + kept_seq +
        ")");
    sql("DELETE FROM audit.seal WHERE seq > " + kept_seq);
    sql("DELETE FROM audit.checkpoint WHERE number > 1");
    sql("DELETE FROM audit.pending");
    expect_broken("tail-cut");
    auto refused = cli(*server_, {"--json", "audit", "checkpoint"});
    EXPECT_EQ(refused.status, 1) << "nothing is signed over it";
    EXPECT_EQ(refused.json()["error"]["code"], "audit.chain-broken") << refused.out;
}

class AuditRecords : public ServerTest {};

TEST_F(AuditRecords, AreListedForTheAuditAdministratorOnly) {
    EXPECT_EQ(anonymous().get("/api/v1/audit/records").status, 401);
    EXPECT_EQ(as("market_officer").get("/api/v1/audit/records").status, 403);
    EXPECT_EQ(as("system_admin").get("/api/v1/audit/records").status, 403);

    auto admin = as("audit_admin");
    Reply first = admin.get("/api/v1/audit/records?limit=2");
    ASSERT_EQ(first.status, 200) << first.body;
    ASSERT_EQ(first.json["items"].size(), 2U);
    ASSERT_TRUE(first.json["next_cursor"].is_string());
    Reply next =
        admin.get("/api/v1/audit/records?limit=2&cursor=" + first.json["next_cursor"].get<std::string>());
    ASSERT_EQ(next.status, 200);
    EXPECT_NE(next.json["items"][0]["id"], first.json["items"][0]["id"]);
    EXPECT_EQ(admin.get("/api/v1/audit/records?cursor=x").status, 422);
    EXPECT_EQ(admin.get("/api/v1/audit/records?kind=other").status, 422);
}

}  // namespace
}  // namespace pengcheng::test
