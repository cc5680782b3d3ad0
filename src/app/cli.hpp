#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace pengcheng::app {

/// What every subcommand shares: options before the subcommand, the database, printing.
class Cli {
public:
    bool json = false;        ///< --json: one JSON document on stdout
    bool chinese = true;      ///< --lang
    std::string as;           ///< --as NAME: the principal that audit shows; default the OS user
    std::string config_file;  ///< --config

    Cli();
    ~Cli();
    Cli(const Cli&) = delete;
    Cli& operator=(const Cli&) = delete;

    [[nodiscard]] Config config() const;
    /// Runtime of this process, its database reachable. An embedded cluster that does not run is started for
    /// this command and stopped after it.
    const Runtime& runtime();
    [[nodiscard]] Principal principal() const;

    /// Runs `work` to its end on a private io_context and pool. A Problem thrown or returned is printed
    /// (JSON with --json) and makes the exit status 1.
    using Work = std::function<boost::asio::awaitable<Result<Json>>(db::Pool&, Principal)>;
    /// Prints the result with --json as it is, otherwise by `human`.
    void run(const Work& work, const std::function<std::string(const Json&)>& human);

    void print(const Json& result, const std::function<std::string(const Json&)>& human) const;
    /// Runs `work`; a failure is printed and makes the exit status 1.
    void guarded(const std::function<void()>& work);

    int exit_code = 0;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// One file of commands per area: src/app/commands_<area>.cpp. Each adds subcommands whose callbacks call
// cli.run.
void add_server_commands(CLI::App& app, Cli& cli);       // serve, migrate, doctor, openapi
void add_identity_commands(CLI::App& app, Cli& cli);     // user, org, token
void add_audit_commands(CLI::App& app, Cli& cli);        // audit list|verify|checkpoint
void add_job_commands(CLI::App& app, Cli& cli);          // job list|dead|show|cancel|retry|schedule
void add_schedule_commands(CLI::App& job, Cli& cli);     // job schedule list|add|pause|resume|run|...
void add_ingest_commands(CLI::App& app, Cli& cli);       // ingest DIR
void add_config_commands(CLI::App& app, Cli& cli);       // config validate|apply|...
void add_backup_commands(CLI::App& app, Cli& cli);       // backup, restore
void add_settings_commands(CLI::App& config, Cli& cli);  // config show

}  // namespace pengcheng::app
