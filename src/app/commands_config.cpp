#include "app/cli.hpp"

#include <pengcheng/packs/packs.hpp>

#include <CLI/CLI.hpp>

namespace pengcheng::app {

namespace {

Json faults_json(const std::vector<packs::Fault>& faults) {
    Json list = Json::array();
    for (const auto& fault : faults) {
        list.push_back(
            {{"file", fault.file}, {"line", fault.line}, {"detail_zh", fault.zh}, {"detail_en", fault.en}});
    }
    return list;
}

std::string fault_lines(const std::vector<packs::Fault>& faults, bool chinese) {
    std::string out;
    for (const auto& fault : faults) {
        out += fault.file + ':' + std::to_string(fault.line) + ": " + (chinese ? fault.zh : fault.en) + '\n';
    }
    return out;
}

/// The pack, or nothing after its faults were printed.
std::optional<packs::Pack> read(Cli& cli, const std::string& folder) {
    auto loaded = packs::load(folder);
    if (loaded.faults.empty()) {
        return std::move(loaded.pack);
    }
    cli.exit_code = 1;
    const Json reply{{"valid", false}, {"faults", faults_json(loaded.faults)}};
    cli.print(reply, [&](const Json&) { return fault_lines(loaded.faults, cli.chinese); });
    return std::nullopt;
}

std::string count_lines(const Json& reply, bool chinese) {
    std::string out;
    for (const auto& [kind, count] : reply.at("objects").items()) {
        out += kind + ' ' + count.dump() + '\n';
    }
    return out + (chinese ? "配置包没有错误" : "the pack has no faults");
}

void validate(Cli& cli, const std::string& folder) {
    const auto pack = read(cli, folder);
    if (!pack) {
        return;
    }
    std::map<std::string, int> counts;
    for (const auto& object : pack->objects) {
        counts[object.kind] += 1;
    }
    const Json reply{{"valid", true}, {"pack", pack->name}, {"objects", counts}};
    cli.print(reply, [&](const Json& shown) { return count_lines(shown, cli.chinese); });
}

boost::asio::awaitable<Result<Json>> run_pack(db::Pool& db, Principal who, packs::Pack pack, bool dry) {
    const std::string name = pack.name;
    auto changes = dry ? co_await packs::plan(db, std::move(who), std::move(pack))
                       : co_await packs::apply(db, std::move(who), std::move(pack));
    if (!changes) {
        co_return changes.error();
    }
    Json reply{{"pack", name}, {"applied", !dry}, {"changes", Json::array()}, {"unchanged", 0}};
    int unchanged = 0;
    for (const auto& change : *changes) {
        if (change.put == "unchanged") {
            ++unchanged;
        } else {
            reply["changes"].push_back({{"kind", change.kind}, {"key", change.key}, {"put", change.put}});
        }
    }
    reply["unchanged"] = unchanged;
    co_return reply;
}

std::string describe(const Json& reply, bool chinese) {
    std::string out;
    for (const auto& change : reply.at("changes")) {
        out += (change.at("put") == "added" ? "+ " : "~ ") + change.at("kind").get<std::string>() + ' ' +
               change.at("key").get<std::string>() + '\n';
    }
    const auto changed = std::to_string(reply.at("changes").size());
    const auto same = reply.at("unchanged").dump();
    const bool applied = reply.at("applied").get<bool>();
    if (chinese) {
        return out + (applied ? "已应用:" : "将要应用:") + changed + " 项变更," + same + " 项不变\n";
    }
    return out + (applied ? "applied: " : "to apply: ") + changed + " changed, " + same + " unchanged\n";
}

void run(Cli& cli, const std::string& folder, bool dry) {
    auto pack = read(cli, folder);
    if (!pack) {
        return;
    }
    const auto work = [&pack, dry](db::Pool& db, Principal who) {
        return run_pack(db, std::move(who), std::move(*pack), dry);
    };
    cli.run(work, [&cli](const Json& reply) { return describe(reply, cli.chinese); });
}

}  // namespace

void add_config_commands(CLI::App& app, Cli& cli) {
    auto* config = app.add_subcommand("config", "城市配置包:校验、预览、应用 / declarative city packs");
    config->require_subcommand(1);
    auto folder = std::make_shared<std::string>();
    const auto add = [&](const char* name, const char* about, std::function<void()> action) {
        auto* command = config->add_subcommand(name, about);
        command->add_option("dir", *folder, "配置包目录 / folder of the pack's YAML files")->required();
        command->callback(std::move(action));
    };
    add("validate", "不连数据库校验,错误指明文件与行 / check without a database",
        [&cli, folder] { cli.guarded([&] { validate(cli, *folder); }); });
    add("plan", "列出应用后会有的变化 / show what apply would change",
        [&cli, folder] { run(cli, *folder, true); });
    add("apply", "在一个事务中应用,可重复执行 / apply in one transaction; again changes nothing",
        [&cli, folder] { run(cli, *folder, false); });
}

}  // namespace pengcheng::app
