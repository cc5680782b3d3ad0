#include "evidence_fixture.hpp"

#include <pengcheng/base/text.hpp>

#include <pengcheng/db/migrate.hpp>

#include <chrono>
#include <iostream>
#include <thread>

#include <libpq-fe.h>

namespace pengcheng::test {
namespace {

/// A second session, for locks that a test holds.
class Session {
public:
    explicit Session(const std::string& url) : connection_(PQconnectdb(url.c_str())) {}
    ~Session() { PQfinish(connection_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    void run(const std::string& sql) {
        PGresult* result = PQexec(connection_, sql.c_str());
        EXPECT_NE(PQresultStatus(result), PGRES_FATAL_ERROR) << PQerrorMessage(connection_);
        PQclear(result);
    }

private:
    PGconn* connection_;
};

class EvidenceWriter : public EvidenceTest {
protected:
    /// Runs the writer until a statement of it waits for a lock.
    void run_until_locked() {
        std::string waits =
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND NOT l.granted";
        io_.restart();
        while (sql(waits) == "0") {
            io_.run_for(std::chrono::milliseconds(5));
        }
    }
    static std::string writer_pid() {
        return sql(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 7203187"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " ORDER BY objid DESC LIMIT 1");
    }
};

TEST_F(EvidenceWriter, AnswersOnlyAfterItsRecordIsCommitted) {
    write_some(1);
    ASSERT_EQ(acknowledged_.size(), 1U);
    Session other(server_->url());
    other.run("BEGIN; LOCK TABLE audit.evidence IN SHARE MODE");
    start("held-up");
    run_until_locked();
    EXPECT_EQ(acknowledged_.size(), 1U);
    EXPECT_EQ(count("request_id = 'held-up'"), "0");
    other.run("ROLLBACK");
    run();
    EXPECT_EQ(acknowledged_.size(), 2U);
    EXPECT_EQ(count("request_id = 'held-up'"), "1");
}

TEST_F(EvidenceWriter, CommitsTogetherWhatArrivesMeanwhile) {
    constexpr int many = 200;
    for (int i = 0; i < many; ++i) {
        start("group-" + std::to_string(i));
    }
    run();
    EXPECT_EQ(acknowledged_.size(), static_cast<std::size_t>(many));
    EXPECT_EQ(count("request_id LIKE 'group-%'"), std::to_string(many));
    EXPECT_LE(*to_int(sql("SELECT count(DISTINCT xmin::text) FROM audit.evidence"
                          " WHERE request_id LIKE 'group-%'")),
              4);
    EXPECT_EQ(sql("SELECT count(*) FROM audit.context WHERE resource = 'made-up'"), "1");
    EXPECT_TRUE(verify(0)["ok"].get<bool>());
}

asio::awaitable<void> deliver_many(db::Pool& pool, Principal who, int count) {
    for (int i = 0; i < count; ++i) {
        audit::Access access{
            .resource = "made-up", .owner = "040", .channel = "data-api", .fields = {"code"}};
        co_await audit::delivered(pool, who, access, 1, 100);
    }
}

TEST_F(EvidenceWriter, KeepsAChainForEachOfSeveralWritersAtOnce) {
    who_.request_id = "several";
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n) {
        threads.emplace_back([this] {
            asio::io_context io(1);
            db::Pool pool(io.get_executor(), {.url = server_->url(), .size_max = 1});
            for (int i = 0; i < 5; ++i) {
                asio::co_spawn(io, deliver_many(pool, who_, 20), asio::detached);
            }
            io.run();
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(count("request_id = 'several'"), "400");
    EXPECT_GE(*to_int(sql("SELECT count(DISTINCT chain) FROM audit.evidence WHERE request_id = 'several'")),
              2);
    EXPECT_TRUE(verify(0)["ok"].get<bool>());
}

TEST_F(EvidenceWriter, SurvivesTheLossOfItsConnection) {
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 30; ++i) {
            start("lost-" + std::to_string(round) + "-" + std::to_string(i));
        }
        io_.restart();
        io_.run_one();
        std::string pid = writer_pid();
        if (!pid.empty()) {
            sql("SELECT pg_terminate_backend(" + pid + ")");
        }
        run();
    }
    EXPECT_EQ(failed_, 0) << "a lost connection is opened again and the batch tried once more";
    EXPECT_EQ(acknowledged_.size(), 600U);
    EXPECT_EQ(count("request_id LIKE 'lost-%'"), "600") << "nothing lost, nothing twice";
    EXPECT_TRUE(verify(0)["ok"].get<bool>());
}

TEST_F(EvidenceWriter, GoesOnInAnotherChainWhenAnotherWriterTookItsOwnMeanwhile) {
    write_some(1);
    std::string chain = sql("SELECT chain FROM audit.evidence WHERE request_id = 'r0'");
    std::string pid = writer_pid();
    Session holder(server_->url());
    holder.run("BEGIN; LOCK TABLE audit.evidence IN SHARE MODE");
    start("in-flight");
    run_until_locked();
    sql("SELECT pg_terminate_backend(" + pid + ")");
    Session another(server_->url());
    another.run("SELECT pg_advisory_lock(7203187, " + chain + ")");
    holder.run("ROLLBACK");
    run();
    EXPECT_EQ(failed_, 0);
    EXPECT_EQ(count("request_id = 'in-flight'"), "1");
    EXPECT_NE(sql("SELECT chain FROM audit.evidence WHERE request_id = 'in-flight'"), chain);
    EXPECT_TRUE(verify(0)["ok"].get<bool>());
}

TEST_F(EvidenceWriter, RefusesTheReplyWhenTheRecordCannotBeKept) {
    write_some(1);
    sql("ALTER TABLE audit.evidence ADD CONSTRAINT never CHECK (request_id <> 'impossible') NOT VALID");
    start("impossible");
    run();
    EXPECT_EQ(failed_, 1);
    EXPECT_EQ(count("request_id = 'impossible'"), "0");
    sql("ALTER TABLE audit.evidence DROP CONSTRAINT never");
    start("possible");
    run();
    EXPECT_EQ(count("request_id = 'possible'"), "1");
    EXPECT_TRUE(verify(0)["ok"].get<bool>());
}

TEST_F(EvidenceWriter, InRelaxedModeWritesBehindAndAStopLosesNothing) {
    runtime_.config.evidence_mode = "relaxed";
    audit::Sealer sealer(runtime_);
    sealer.start();
    Session other(server_->url());
    other.run("BEGIN; LOCK TABLE audit.evidence IN SHARE MODE");
    for (int i = 0; i < 20; ++i) {
        start("behind-" + std::to_string(i));
    }
    io_.restart();
    while (acknowledged_.size() < 20) {
        io_.run_one();
    }
    EXPECT_EQ(count("request_id LIKE 'behind-%'"), "0") << "answered before anything could be committed";
    other.run("ROLLBACK");
    // The I/O thread has ended here, with the records not written.
    sealer.stop();
    EXPECT_EQ(sql("SELECT count(DISTINCT request_id) FROM audit.evidence WHERE request_id LIKE 'behind-%'"),
              "20");
    EXPECT_TRUE(verify(0)["ok"].get<bool>());
}

asio::awaitable<void> stream_twice(db::Pool& pool, Principal who, audit::Access access) {
    std::string id = co_await audit::open(pool, who, access);
    co_await audit::close(pool, id, 7, 700, "complete");
    co_await audit::open(pool, who, access);
}

TEST_F(EvidenceWriter, LeavesTwoRecordsOfAStreamAndShowsOneThatNeverClosed) {
    asio::co_spawn(io_, stream_twice(pool_, who_, access("streamed")), asio::detached);
    run();
    auto look = [&](std::exception_ptr, const std::vector<audit::AccessRecord>& found) {
        ASSERT_EQ(found.size(), 2U);
        EXPECT_EQ(found[0].outcome, "unclosed");
        EXPECT_EQ(found[1].outcome, "complete");
        EXPECT_EQ(found[1].rows, 7);
        EXPECT_EQ(found[1].fields, (std::vector<std::string>{"code", "name"}));
    };
    asio::co_spawn(io_, audit::accesses(pool_, {.resource = "streamed"}), look);
    run();
}

/// What PostgreSQL answers; empty when it does what it is told.
std::string refusal(const Server& server, const std::string& statement) {
    try {
        server.sql(statement);
    } catch (const db::Error& error) {
        return error.sqlstate();
    }
    return "";
}

TEST_F(EvidenceWriter, MayOnlyAdd) {
    write_some(1);
    for (const char* statement :
         {"UPDATE audit.evidence SET outcome = ''x''", "DELETE FROM audit.evidence",
          "TRUNCATE audit.evidence", "PERFORM FROM audit.evidence", "DELETE FROM audit.context",
          "INSERT INTO audit.checkpoint DEFAULT VALUES", "DROP TABLE audit.evidence"}) {
        std::string as_writer =
            "DO 'BEGIN SET LOCAL ROLE pengcheng_evidence; " + std::string(statement) + "; END'";
        EXPECT_EQ(refusal(*server_, as_writer), "42501") << statement;
    }
    std::string month = sql("SELECT tableoid::regclass FROM audit.evidence LIMIT 1");
    EXPECT_NE(month, "audit.evidence_other");
    for (const std::string& statement :
         {std::string("UPDATE audit.evidence SET outcome = 'x'"), std::string("DELETE FROM audit.evidence"),
          std::string("TRUNCATE audit.evidence"), "DELETE FROM " + month, "TRUNCATE " + month,
          std::string("UPDATE audit.context SET owner = 'x'"), std::string("DELETE FROM audit.checkpoint")}) {
        EXPECT_EQ(refusal(*server_, statement), "42501") << "the server's own role: " << statement;
    }
}

TEST_F(EvidenceWriter, WritesInItsRoleWhichAStartPutsRight) {
    sql("REVOKE INSERT ON audit.evidence FROM pengcheng_evidence");
    start("without the right");
    run();
    EXPECT_EQ(failed_, 1);
    auto doctor = cli(*server_, {"--json", "doctor"});
    EXPECT_NE(doctor.out.find("pengcheng_evidence may not insert"), std::string::npos) << doctor.out;
    // As in a database that was restored into another cluster, the next start puts it right.
    server_->stop();
    server_->restart();
    while (sql("SELECT has_table_privilege('pengcheng_evidence', 'audit.evidence', 'INSERT')") == "f") {
    }
    write_some(1);
    EXPECT_EQ(acknowledged_.size(), 1U);
}

TEST_F(EvidenceWriter, PrintsWhatARecordCosts) {
    write_some(1);
    for (int clients : {8, 16, 64}) {
        constexpr int each = 200;
        who_.request_id = "0198a0c0-0000-7000-8000-00000000000b";
        for (int i = 0; i < clients; ++i) {
            asio::co_spawn(io_, deliver_many(pool_, who_, each), asio::detached);
        }
        timespec cpu_before{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_before);
        auto before = std::chrono::steady_clock::now();
        run();
        std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        timespec cpu_after{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_after);
        double cpu = static_cast<double>(cpu_after.tv_sec - cpu_before.tv_sec) +
                     static_cast<double>(cpu_after.tv_nsec - cpu_before.tv_nsec) / 1e9;
        int all = clients * each;
        std::cout << clients << " at once: " << static_cast<int>(all / took.count()) << " records/s, "
                  << cpu / all * 1e6 << " us CPU each in this process\n";
    }
}

}  // namespace
}  // namespace pengcheng::test
