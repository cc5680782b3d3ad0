#include "app/cli.hpp"

#include <pengcheng/ingest/ingest.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace pengcheng::app {

namespace asio = boost::asio;

namespace {

std::string line_of(const Json& file, bool chinese) {
    auto name = file.at("file").get<std::string>();
    auto problem = file.at("problem").get<std::string>();
    auto ref = file.at("ref").get<std::string>();
    if (!problem.empty()) {
        std::string made = ref.empty() ? ""
                           : chinese   ? "（草稿目录 " + ref + "）"
                                       : " (draft entry " + ref + ")";
        return name + made + (chinese ? "：未入库，" : ": not loaded, ") + problem;
    }
    std::string rows = std::to_string(file.at("rows").get<std::int64_t>());
    std::string rejected = std::to_string(file.at("rejected").get<std::int64_t>());
    return chinese ? name + "：目录 " + ref + "，入库 " + rows + " 行，问题行 " + rejected
                   : name + ": entry " + ref + ", " + rows + " rows, " + rejected + " rejected";
}

asio::awaitable<Result<Json>> ingest_all(db::Pool& db, Principal who, Cli& cli, std::filesystem::path folder,
                                         std::string organization) {
    bool quiet = cli.json;
    bool chinese = cli.chinese;
    auto say = [quiet, chinese](const Json& file) {
        if (!quiet) {
            std::cout << line_of(file, chinese) << std::endl;
        }
    };
    auto out = co_await ingest::ingest_folder(db, cli.runtime(), std::move(who), std::move(folder),
                                              std::move(organization), say);
    if (out && out->at("failed").get<int>() > 0) {
        cli.exit_code = 1;
    }
    co_return out;
}

}  // namespace

void add_ingest_commands(CLI::App& app, Cli& cli) {
    struct Options {
        std::filesystem::path folder;
        std::string organization = "044";  // the data bureau
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "ingest",
        "把文件夹中的 CSV、XLSX、JSON 各建为草稿目录并入库 / load a folder of files as draft entries");
    command->add_option("DIR", options->folder, "文件夹 / folder of files")
        ->required()
        ->check(CLI::ExistingDirectory);
    command
        ->add_option("--organization", options->organization,
                     "提供部门编号，缺省为数据局 / code of the providing department")
        ->capture_default_str();
    command->callback([&cli, options] {
        auto work = [&cli, options](db::Pool& db, Principal who) {
            return ingest_all(db, std::move(who), cli, options->folder, options->organization);
        };
        auto summary = [&cli](const Json& out) {
            std::string failed = std::to_string(out.at("failed").get<int>());
            std::string loaded = std::to_string(out.at("loaded").get<int>());
            return cli.chinese ? "已入库 " + loaded + " 个文件，失败 " + failed + " 个"
                               : loaded + " files loaded, " + failed + " failed";
        };
        cli.run(work, summary);
    });
}

}  // namespace pengcheng::app
