#include "app/cli.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    using namespace pengcheng::app;
    CLI::App app("彭城 城市数据平台 / Pengcheng, a city's data platform server", "pengcheng");
    app.require_subcommand(1);
    app.fallthrough();
    Cli cli;
    bool english = false;
    app.add_flag("--json", cli.json, "输出一个 JSON 文档 / print one JSON document");
    app.add_flag("--english", english, "英文提示 / messages in English");
    app.add_option("--as", cli.as, "以谁的名义操作(写入审计)/ the principal that the audit log shows");
    app.add_option("--config", cli.config_file, "配置文件 / configuration file");
    app.parse_complete_callback([&] { cli.chinese = !english; });
    add_server_commands(app, cli);
    add_config_commands(app, cli);
    add_backup_commands(app, cli);
    add_identity_commands(app, cli);
    add_ingest_commands(app, cli);
    add_job_commands(app, cli);
    add_audit_commands(app, cli);
    CLI11_PARSE(app, argc, argv);
    return cli.exit_code;
}
