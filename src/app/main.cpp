#include "app/cli.hpp"

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <span>

#include <fcntl.h>
#include <unistd.h>

namespace {

/// What the caller typed is not a command: help that was asked for, or what is wrong. Options are not read
/// yet, so `json` comes from the words themselves.
int refuse(const CLI::App& app, const CLI::ParseError& error, bool json) {
    if (error.get_exit_code() == 0) {
        return app.exit(error);
    }
    std::vector<std::string> unknown = app.remaining();
    std::string text =
        unknown.empty() ? std::string(error.what()) : "没有这个命令 / no such command: " + unknown.front();
    if (json) {
        pengcheng::Json out{{"error", {{"code", "cli.usage"}, {"detail", text}}}};
        std::cout << out.dump(2, ' ', false, pengcheng::Json::error_handler_t::replace) << '\n';
    } else {
        const CLI::App* at = &app;
        while (!at->get_subcommands().empty()) {
            at = at->get_subcommands().back();
        }
        std::cerr << "pengcheng: " << text << "\n\n" << at->help() << std::flush;
    }
    return error.get_exit_code();
}

/// A standard stream that the caller closed must not become the number of a socket.
void open_standard_streams() {
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
        if (fcntl(number, F_GETFD) == -1 && open("/dev/null", O_RDWR) != number) {
            std::exit(EXIT_FAILURE);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    using namespace pengcheng::app;
    open_standard_streams();
    CLI::App app("彭城 城市数据平台 / Pengcheng, a city's data platform server", "pengcheng");
    app.set_version_flag("--version", PENGCHENG_VERSION, "版本 / the version");
    app.require_subcommand(1);
    app.fallthrough();
    Cli cli;
    bool english = false;
    app.add_flag("--json", cli.json, "输出一个 JSON 文档 / print one JSON document");
    app.add_flag("--english", english, "英文提示 / messages in English");
    app.add_option("--as", cli.as, "以谁的名义操作（写入审计）/ the principal that the audit log shows");
    app.add_option("--config", cli.config_file, "配置文件 / configuration file");
    app.parse_complete_callback([&] { cli.chinese = !english; });
    add_server_commands(app, cli);
    add_config_commands(app, cli);
    add_backup_commands(app, cli);
    add_identity_commands(app, cli);
    add_ingest_commands(app, cli);
    add_job_commands(app, cli);
    add_audit_commands(app, cli);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::span<char*> words(argv, static_cast<std::size_t>(argc));
        bool json =
            std::any_of(words.begin(), words.end(), [](std::string_view word) { return word == "--json"; });
        return refuse(app, error, json);
    }
    return cli.exit_code;
}
