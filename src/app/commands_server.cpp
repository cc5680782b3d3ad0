#include "app/cli.hpp"
#include "app/cluster.hpp"
#include "app/compose.hpp"
#include "app/doctor.hpp"
#include "app/serve.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/db/migrate.hpp>
#include <pengcheng/http/server.hpp>

#include <CLI/CLI.hpp>

namespace pengcheng::app {

namespace {

void add_serve(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand("serve", "运行服务，直到 SIGTERM / run the server");
    auto pack = std::make_shared<std::string>();
    command->add_option("--pack", *pack, "启动时应用的城市配置包 / city pack to apply at start")
        ->check(CLI::ExistingDirectory);
    command->callback([&cli, pack] {
        cli.guarded([&] {
            Config config = cli.config();
            log::start(config.log_level);
            cli.exit_code = serve(std::move(config), *pack);
        });
    });
}

void add_migrate(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand("migrate", "升级数据库结构 / bring the database schema up to date");
    command->callback([&cli] {
        cli.guarded([&] {
            db::MigrationState state = db::migrate(cli.runtime().config.database_url);
            Json result = {{"current", state.current}, {"applied", state.applied}};
            cli.print(result, [](const Json& done) {
                std::string text = "schema " + done["current"].dump();
                for (const Json& name : done["applied"]) {
                    text += "\n  + " + name.get<std::string>();
                }
                return text;
            });
        });
    });
}

std::string findings_text(const Json& result) {
    std::string text;
    for (const Json& finding : result["checks"]) {
        const bool ok = finding["ok"].get<bool>();
        text += (ok ? "✔ " : "✘ ") + finding["name"].get<std::string>() + "  " +
                finding["found"].get<std::string>() + "\n";
        if (!ok) {
            text += "    " + finding["why"].get<std::string>() + "\n    → " +
                    finding["remedy"].get<std::string>() + "\n";
        }
    }
    return text;
}

void add_doctor(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand(
        "doctor", "体检：数据库、版本、时钟、磁盘、密钥 / find what is wrong and how to mend it");
    auto options = std::make_shared<DoctorOptions>();
    command->add_option("--disk-mb-min", options->disk_mb_min, "至少剩余的 MB / least MB left")
        ->capture_default_str();
    command->callback([&cli, options] {
        cli.guarded([&] {
            Json findings = examine(cli, *options);
            for (const Json& finding : findings) {
                cli.exit_code = finding["ok"].get<bool>() ? cli.exit_code : 1;
            }
            cli.print({{"checks", findings}, {"ok", cli.exit_code == 0}}, findings_text);
        });
    });
}

void add_openapi(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand("openapi", "输出 OpenAPI 3.1 文档 / print the OpenAPI 3.1 document");
    command->callback([&cli] {
        cli.guarded([&] {
            Json document = http::openapi(all_routes(), cli.config().base_url());
            cli.print(document, [](const Json& text) { return text.dump(2); });
        });
    });
}

}  // namespace

void add_server_commands(CLI::App& app, Cli& cli) {
    add_serve(app, cli);
    add_migrate(app, cli);
    add_doctor(app, cli);
    add_openapi(app, cli);
}

}  // namespace pengcheng::app
