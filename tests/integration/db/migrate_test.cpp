// Bringing a database up: once, by one of several starters, and never backwards.
#include "harness.hpp"

#include <pengcheng/db/migrate.hpp>

#include <thread>

namespace pengcheng::test {

TEST(Migrations, TwoStartersOnAnEmptyDatabaseShareTheWork) {
    auto first = Server::make({.empty_database = true});
    auto second = Server::make({.empty_database = true});
    first->database.swap(second->database);
    second->database = first->database;  // one database, two var folders
    std::thread other([&] { second->restart(); });
    first->restart();
    other.join();
    EXPECT_EQ(first->anonymous().get("/readyz").status, 200);
    EXPECT_EQ(second->anonymous().get("/readyz").status, 200);
    EXPECT_EQ(first->sql("SELECT count(*) FROM public.schema_migration"),
              std::to_string(db::migrations().size()));
}

class MigrationGuard : public testing::Test {
protected:
    void SetUp() override {
        server_ = Server::start();
        server_->stop();
    }
    /// What a start says on this database.
    CommandRun start() { return cli(*server_, {"serve"}); }
    std::string said() const { return read_file(server_->log()); }
    std::shared_ptr<Server> server_;
};

TEST_F(MigrationGuard, RefusesADatabaseOfANewerProgram) {
    server_->sql(
        "INSERT INTO public.schema_migration (number, name, checksum) VALUES (9999, '9999_later', 'x')");
    CommandRun run = start();
    EXPECT_NE(run.status, 0);
    EXPECT_NE((run.out + said()).find("9999_later"), std::string::npos) << run.out;
}

TEST_F(MigrationGuard, RefusesAMigrationThatChangedAfterwards) {
    server_->sql("UPDATE public.schema_migration SET checksum = 'other' WHERE number = 1");
    CommandRun run = start();
    EXPECT_NE(run.status, 0);
    EXPECT_NE((run.out + said()).find("0001_base_functions"), std::string::npos) << run.out;
}

TEST_F(MigrationGuard, LeavesNothingOfAMigrationThatFails) {
    // The place of a later migration's table is taken, so that it fails in the middle of the list.
    auto server = Server::make({.empty_database = true});
    server->sql("CREATE SCHEMA catalogue");
    CommandRun run = cli(*server, {"serve"});
    EXPECT_NE(run.status, 0);
    EXPECT_EQ(server->sql("SELECT count(*) FROM public.schema_migration WHERE name LIKE '%catalogue%'"), "0");
    EXPECT_EQ(server->sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'catalogue'"), "0");
    server->sql("DROP SCHEMA catalogue");
    server->restart();
    EXPECT_EQ(server->anonymous().get("/readyz").status, 200);
}

}  // namespace pengcheng::test
