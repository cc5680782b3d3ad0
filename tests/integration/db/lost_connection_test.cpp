// PostgreSQL's connections end at any moment, or all of it restarts: reads go on, writes happen once or not.
#include "db/walk.hpp"

#include <pengcheng/base/text.hpp>

#include <atomic>
#include <thread>

namespace pengcheng::test {

class LostConnections : public WalkTest {
protected:
    static Json entry(const std::string& name) {
        Json items = Json::array({{{"name", "名称"}, {"column", "name"}, {"type", "C"}, {"length", 20}}});
        return resource_body(name, items);
    }
    static std::string count_of(const std::string& name) {
        return sql("SELECT count(*) FROM catalogue.resource_name WHERE name = '" + name + "'");
    }
    /// Ends every connection of this server.
    static void end_connections() {
        sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE "
            "'pengcheng%'");
    }
    static constexpr const char* entries = "/api/v1/catalogue/resources";
};

TEST_F(LostConnections, AReadIsTriedOnceMore) {
    Client officer = as("market_officer");
    Json made = officer.post(entries, entry("读两次")).json;
    const std::vector<std::string> targets = {
        "/api/v1/session",    entries,     std::string(entries) + "/" + made["ref"].get<std::string>(),
        "/api/v1/me/notices", "/datasets", "/api/v1/organizations"};
    for (WireProxy::Fault fault : {WireProxy::Fault::cut_before, WireProxy::Fault::cut_after}) {
        for (const std::string& target : targets) {
            for (int n = 1;; ++n) {
                proxy_->arm(n, fault);
                Reply reply = officer.get(target);
                WireProxy::Seen seen = proxy_->disarm();
                EXPECT_EQ(reply.status, 200)
                    << target << ", connection lost at statement " << n << ' '
                    << (seen.fired ? seen.statements.back() : "") << ": " << reply.body;
                if (!seen.fired) {
                    break;
                }
            }
        }
    }
}

/// The worst moment is behind COMMIT: it is done, and nobody was told.
TEST_F(LostConnections, AWriteWithItsKeyHappensOnce) {
    int round = 0;
    for (WireProxy::Fault fault : {WireProxy::Fault::cut_before, WireProxy::Fault::cut_after}) {
        bool fired = true;
        for (int n = 1; fired; ++n) {
            std::string name = "写一次 " + std::to_string(++round);
            Client officer = as("market_officer").header("Idempotency-Key", "lost-" + std::to_string(round));
            proxy_->arm(n, fault);
            Reply first = officer.post(entries, entry(name));
            WireProxy::Seen seen = proxy_->disarm();
            fired = seen.fired;
            std::string where =
                "statement " + std::to_string(n) + (fired ? " " + seen.statements.back() : "");
            EXPECT_TRUE(first.status == 201 || first.status == 503) << where << ": " << first.body;
            EXPECT_TRUE(first.status != 503 || !first.header("retry-after").empty()) << where;
            Reply last = first.status == 201 ? first : persist(officer, entries, entry(name));
            EXPECT_EQ(last.status, 201) << where << ": " << last.body;
            EXPECT_EQ(count_of(name), "1") << where;
            EXPECT_EQ(officer.post(entries, entry(name)).status, 201) << where;
            EXPECT_EQ(count_of(name), "1") << where;
        }
    }
    EXPECT_GT(round, 8) << "statements were counted";
}

/// The server itself may die between the commit and the reply: the key then says that it was done.
TEST_F(LostConnections, AKeyTellsOfWorkWhoseReplyWasNeverKept) {
    int done = 0;
    bool fired = true;
    for (int n = 1; fired; ++n) {
        std::string name = "答复未留 " + std::to_string(n);
        Client officer = as("market_officer").header("Idempotency-Key", name);
        proxy_->arm(n, WireProxy::Fault::refuse);
        Reply first = officer.post(entries, entry(name));
        WireProxy::Seen seen = proxy_->disarm();
        fired = seen.fired;
        std::string where = fired ? seen.statements.back() : "";
        // As a server would find it that looks for what another one left behind.
        sql("UPDATE http.idempotency SET started_at = started_at - interval '3 minutes', status = NULL, "
            "owner = 'a server that died' WHERE key = '" +
            name + "'");
        Reply last = persist(officer, entries, entry(name));
        bool told = last.json.value("type", "") == "/problems/http.idempotency-done";
        EXPECT_TRUE(last.status == 201 || told) << where << ": " << last.body;
        EXPECT_EQ(count_of(name), "1") << where;
        done += told ? 1 : 0;
    }
    EXPECT_GT(done, 0);
}

TEST_F(LostConnections, IdleConnectionsThatDiedAreNotNoticed) {
    Client officer = as("market_officer");
    for (int i = 0; i < 20; ++i) {
        // The first read of every minute notes when the session was last seen.
        sql("UPDATE identity.session SET last_seen_at = last_seen_at - interval '2 minutes'");
        end_connections();
        EXPECT_EQ(officer.get(entries).status, 200);
    }
}

/// More calls than connections: what cannot be served soon is told to come again, and nothing else suffers.
TEST(FullPool, ShedsLoadAndRecovers) {
    auto server =
        Server::start({.settings = "threads: {io: 1}\ndatabase: {connections: 2, wait_ms_max: 300}\n"});
    Client officer = server->as("market_officer");
    const std::string target = "/api/v1/catalogue/resources";
    ASSERT_EQ(officer.get(target).status, 200);
    // Someone holds the table for three seconds.
    std::thread holder([&] {
        server->sql(
            "DO $$ BEGIN LOCK TABLE catalogue.resource IN ACCESS EXCLUSIVE MODE; "
            "PERFORM pg_sleep(3); END $$");
    });
    while (server->sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND "
                       "relation = 'catalogue.resource'::regclass") == "0") {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::atomic<int> served{0};
    std::atomic<int> shed{0};
    std::vector<std::thread> callers;
    callers.reserve(12);
    for (int i = 0; i < 12; ++i) {
        callers.emplace_back([&] {
            Reply reply = officer.get(target);
            served += reply.status == 200 ? 1 : 0;
            shed += reply.status == 503 && !reply.header("retry-after").empty() ? 1 : 0;
        });
    }
    EXPECT_EQ(server->anonymous().get("/healthz").status, 200);
    for (std::thread& caller : callers) {
        caller.join();
    }
    holder.join();
    EXPECT_EQ(served + shed, 12);
    EXPECT_GT(shed, 0);
    EXPECT_EQ(officer.get(target).status, 200);
}

}  // namespace pengcheng::test
