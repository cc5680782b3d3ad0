#pragma once

#include <pengcheng/base/json.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// The real server in a process of its own, on a database of its own made from a migrated template with the
/// city pack and the accounts below, over a real socket.
namespace pengcheng::test {

/// Organizations of the accounts: market supervision, civil affairs, the data bureau.
inline constexpr std::string_view market = "040";
inline constexpr std::string_view civil = "022";
inline constexpr std::string_view bureau = "044";

/// Accounts in the template (username = key): market_officer, market_provider, market_case, civil_officer,
/// civil_provider, civil_case, reviewer, reviewer2, window, system_admin, security_admin, audit_admin.
inline constexpr std::string_view password = "Pengcheng-Test-2026";

struct Reply {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    Json json;  ///< parsed when the content type says JSON
    [[nodiscard]] std::string header(const std::string& name) const;
};

struct Server;

/// One caller. Copies share the sign-in; the with-functions return a changed copy.
class Client {
public:
    [[nodiscard]] Client if_match(std::int64_t version) const;
    [[nodiscard]] Client header(std::string name, std::string value) const;
    [[nodiscard]] Client without_csrf() const;

    Reply get(const std::string& target) const;
    Reply post(const std::string& target, const Json& body = Json::object()) const;
    Reply put(const std::string& target, const Json& body) const;
    Reply patch(const std::string& target, const Json& body) const;
    Reply remove(const std::string& target) const;
    Reply post_bytes(const std::string& target, const std::string& bytes, const std::string& type) const;
    Reply send(const std::string& method, const std::string& target, const std::string& bytes,
               const std::string& type = {}) const;

    std::shared_ptr<Server> server;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string csrf;
};

struct ServerOptions {
    std::string database_host;  ///< folder of the socket that the server speaks to; empty: the cluster's own
    std::string settings;       ///< YAML of a --config file
    bool empty_database = false;  ///< not a copy of the template
};

/// A running `pengcheng serve`.
struct Server {
    /// On a fresh copy of the template database.
    static std::shared_ptr<Server> start(ServerOptions options = {});
    /// Not started yet: restart() does.
    static std::shared_ptr<Server> make(ServerOptions options);
    ~Server();

    void kill();     ///< SIGKILL, at once
    void restart();  ///< the same database, var and port
    void stop();     ///< SIGTERM; waits for exit status 0

    std::string sql(const std::string& statement) const;  ///< first cell; "" for none
    std::string url() const;                              ///< libpq
    std::filesystem::path log() const;                    ///< what it wrote to stderr
    static std::filesystem::path cluster();               ///< folder of the cluster's socket and log
    /// Restarts PostgreSQL under everybody; `mode` as pg_ctl takes it: fast, immediate.
    static void restart_cluster(const std::string& mode);
    Client anonymous();
    Client as(const std::string& username);
    Client bearer(const std::string& token);

    std::string database;
    std::filesystem::path var;
    std::filesystem::path config;  ///< given with --config at the next restart
    ServerOptions options;
    int port = 0;
    pid_t process = -1;
    std::map<std::string, Client> signed_in;
    std::shared_ptr<Server> self();
    std::weak_ptr<Server> weak;
};

/// Output and exit status of `pengcheng ARGS...` on the server's database.
struct CommandRun {
    int status = 0;
    std::string out;
    [[nodiscard]] Json json() const { return Json::parse(out); }
};
CommandRun cli(const Server& server, const std::vector<std::string>& arguments,
               const std::string& input = {});

/// A file of PENGCHENG_TEST_DATA.
std::filesystem::path test_data(const std::string& name);
bool test_data_missing();
/// Skips a test that needs those files where the whole folder is missing; with CI=true it fails instead.
#define NEED_TEST_DATA()                                       \
    if (test_data_missing()) {                                 \
        GTEST_SKIP() << "PENGCHENG_TEST_DATA names no folder"; \
    }
std::string read_file(const std::filesystem::path& file);
/// The project's folder (config/packs, migrations).
std::filesystem::path source_folder();

/// One server for the tests of a suite.
class ServerTest : public testing::Test {
protected:
    static void SetUpTestSuite() { server_ = Server::start(); }
    static void TearDownTestSuite() { server_.reset(); }

    ServerTest();
    /// Of a test that failed, what the server called an error meanwhile.
    void TearDown() override;

    static Client anonymous() { return server_->anonymous(); }
    static Client as(const std::string& username) { return server_->as(username); }
    static std::string sql(const std::string& statement) { return server_->sql(statement); }
    /// Fingerprint of every row of these schemas: equal before and after means that nothing changed.
    static std::string dump(const std::vector<std::string>& schemas);
    /// Polls a job until it ended; its JSON.
    static Json finished_job(const Client& client, const std::string& job_id, int seconds_max = 60);
    /// An entry of the account's department with these items, complete enough to be submitted.
    static Json resource_body(const std::string& name, const Json& items);
    /// Uploads bytes; the upload's id.
    static std::string upload(const Client& client, const std::string& name, const std::string& bytes);
    /// Uploads and loads; waits. The batch.
    static Json load(const Client& client, const std::string& ref, const std::string& name,
                     const std::string& bytes, const std::string& mode = "replace");
    /// draft -> submitted -> approved -> published, by `officer` and the reviewer. The published resource.
    static Json publish(const Client& officer, const Json& body);

    static std::shared_ptr<Server> server_;

private:
    std::uintmax_t log_begin_ = 0;  ///< of this test, in bytes
};

}  // namespace pengcheng::test
