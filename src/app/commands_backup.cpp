#include "app/backup.hpp"
#include "app/cli.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

namespace pengcheng::app {

namespace {

backup::Progress::Form form_of(const Cli& cli, bool asked) {
    using enum backup::Progress::Form;
    if (asked && cli.json) {
        return json;
    }
    return asked || (!cli.json && isatty(STDERR_FILENO) == 1) ? text : none;
}

std::string size_text(const Json& bytes) {
    return std::to_string(bytes.get<std::uint64_t>() >> 10) + " KiB";
}

std::string made_text(const Json& made, bool chinese) {
    const std::string folder = made["folder"];
    const std::string dump = size_text(made["database"]["bytes"]);
    const std::string count = made["files"]["count"].dump();
    const std::string keys = made["files"]["keys"].get<bool>() ? ""
                             : chinese                         ? "，不含密钥"
                                                               : ", without keys";
    return chinese ? "已备份到 " + folder + "：数据库 " + dump + "，文件 " + count + " 个" + keys
                   : "backed up to " + folder + ": database " + dump + ", " + count + " files" + keys;
}

std::string restored_text(const Json& result, bool chinese) {
    const std::string made_at = result["made_at"];
    const std::string files = result["files"].dump();
    if (!result["restored"].get<bool>()) {
        return chinese ? "备份完整：" + made_at + " 制作，文件 " + files + " 个"
                       : "the backup is whole: made " + made_at + ", " + files + " files";
    }
    std::string text = chinese
                           ? "已恢复 " + made_at + " 的备份，数据库结构 " + result["schema"].dump() +
                                 "，文件 " + files + " 个；请运行 pengcheng audit verify 和 pengcheng doctor"
                           : "restored the backup of " + made_at + ", schema " + result["schema"].dump() +
                                 ", " + files + " files; run pengcheng audit verify and pengcheng doctor";
    if (const std::string aside = result["set_aside"]; !aside.empty()) {
        text += (chinese ? "\n原有文件移至 " : "\nfiles that were there: ") + aside;
    }
    return text;
}

void add_backup(CLI::App& app, Cli& cli) {
    auto* command = app.add_subcommand(
        "backup", "备份数据库与文件，服务可照常运行 / back up database and files while the server runs");
    auto options = std::make_shared<backup::MakeOptions>();
    auto without_keys = std::make_shared<bool>(false);
    auto progress = std::make_shared<bool>(false);
    command->add_option("dir", options->to, "新文件夹 / a new folder")->required();
    command->add_flag("--without-keys", *without_keys, "不含 var/keys，密钥另行保管 / leave the keys out");
    command->add_flag("--progress", *progress, "在标准错误显示进度 / progress on standard error");
    command->callback([&cli, options, without_keys, progress] {
        cli.guarded([&] {
            options->keys = !*without_keys;
            options->progress = form_of(cli, *progress);
            cli.print(backup::make(cli, *options),
                      [&cli](const Json& made) { return made_text(made, cli.chinese); });
        });
    });
}

void add_restore(CLI::App& app, Cli& cli) {
    auto* command =
        app.add_subcommand("restore", "从备份恢复，须先停止服务 / put a backup back; stop the server first");
    auto options = std::make_shared<backup::RestoreOptions>();
    auto progress = std::make_shared<bool>(false);
    command->add_option("dir", options->from, "备份文件夹 / the backup's folder")
        ->required()
        ->check(CLI::ExistingDirectory);
    command->add_flag("--force", options->force, "覆盖已有内容，原文件另存 / replace what is there");
    command->add_flag("--check", options->check, "只核对备份是否完整 / only check that the backup is whole");
    command->add_flag("--progress", *progress, "在标准错误显示进度 / progress on standard error");
    command->callback([&cli, options, progress] {
        cli.guarded([&] {
            options->progress = form_of(cli, *progress);
            cli.print(backup::restore(cli, *options),
                      [&cli](const Json& result) { return restored_text(result, cli.chinese); });
        });
    });
}

}  // namespace

void add_backup_commands(CLI::App& app, Cli& cli) {
    add_backup(app, cli);
    add_restore(app, cli);
}

}  // namespace pengcheng::app
