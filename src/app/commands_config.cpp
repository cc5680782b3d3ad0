#include "app/cli.hpp"

#include <pengcheng/base/settings.hpp>
#include <pengcheng/packs/packs.hpp>

#include <CLI/CLI.hpp>

namespace pengcheng::app {

namespace {

namespace asio = boost::asio;

// Exit statuses of plan and diff; 1 is a failure, as everywhere.
constexpr int differs = 2;
constexpr int breaks_something = 3;
constexpr std::size_t fields_shown_max = 20;
constexpr std::size_t value_shown_max = 60;

Json faults_json(const std::vector<packs::Fault>& faults) {
    Json list = Json::array();
    for (const auto& fault : faults) {
        list.push_back({{"file", fault.file},
                        {"line", fault.line},
                        {"column", fault.column},
                        {"detail_zh", fault.zh},
                        {"detail_en", fault.en},
                        {"remedy_zh", fault.remedy_zh},
                        {"remedy_en", fault.remedy_en}});
    }
    return list;
}

std::string fault_lines(const std::vector<packs::Fault>& faults, bool chinese) {
    std::string out;
    for (const auto& fault : faults) {
        out += fault.file + ':' + std::to_string(fault.line) + ':' + std::to_string(fault.column) + ": " +
               (chinese ? fault.zh : fault.en) + '\n';
        const std::string& remedy = chinese ? fault.remedy_zh : fault.remedy_en;
        out += remedy.empty() ? "" : "    → " + remedy + '\n';
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

Json change_json(const packs::Change& change) {
    Json fields = Json::array();
    for (const auto& field : change.fields) {
        fields.push_back(
            {{"pointer", field.pointer}, {"put", field.put}, {"from", field.from}, {"to", field.to}});
    }
    Json breaks = Json::array();
    for (const auto& one : change.breaks) {
        breaks.push_back({{"detail_zh", one.zh}, {"detail_en", one.en}, {"hard", one.hard}});
    }
    return {{"kind", change.kind},         {"key", change.key},    {"put", change.put},
            {"file", change.file},         {"line", change.line},  {"fields", std::move(fields)},
            {"breaks", std::move(breaks)}, {"drift", change.drift}};
}

/// {changes, added, changed, removed, unchanged, breaks}
Json changes_json(const std::vector<packs::Change>& changes) {
    Json reply{{"changes", Json::array()}, {"added", 0}, {"changed", 0}, {"removed", 0}, {"unchanged", 0}};
    std::size_t breaks = 0;
    std::size_t kept = 0;
    for (const auto& change : changes) {
        reply[change.put] = reply[change.put].get<int>() + 1;
        breaks += change.breaks.size();
        kept += change.drift && change.put == "unchanged" ? 1 : 0;
        if (change.put != "unchanged") {
            reply["changes"].push_back(change_json(change));
        }
    }
    reply["breaks"] = breaks;
    reply["drift_kept"] = kept;
    return reply;
}

std::string shown_value(const Json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.size() > value_shown_max) {
        std::size_t cut = value_shown_max;
        while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80) {
            --cut;
        }
        text = text.substr(0, cut) + "…";
    }
    return text;
}

std::string field_lines(const Json& fields) {
    std::string out;
    for (std::size_t i = 0; i < std::min(fields.size(), fields_shown_max); ++i) {
        const Json& field = fields[i];
        out += "    " + field["pointer"].get<std::string>();
        if (field["put"] == "added") {
            out += " + " + shown_value(field["to"]);
        } else if (field["put"] == "removed") {
            out += " - " + shown_value(field["from"]);
        } else if (field["put"] == "moved") {
            out += " ↕";
        } else {
            out += ": " + shown_value(field["from"]) + " → " + shown_value(field["to"]);
        }
        out += '\n';
    }
    return out + (fields.size() > fields_shown_max
                      ? "    … +" + std::to_string(fields.size() - fields_shown_max) + "\n"
                      : "");
}

std::string change_lines(const Json& changes, bool chinese) {
    static const std::map<std::string, std::string> signs{
        {"added", "+ "}, {"changed", "~ "}, {"removed", "- "}};
    std::string out;
    for (const Json& change : changes) {
        out += signs.at(change["put"]) + change["kind"].get<std::string>() + ' ' +
               change["key"].get<std::string>();
        out += change["drift"].get<bool>() ? (chinese ? "（被人改动过）" : "  (changed by people)") : "";
        out += '\n' + field_lines(change["fields"]);
        for (const Json& one : change["breaks"]) {
            out += "    ! " + one[chinese ? "detail_zh" : "detail_en"].get<std::string>() + '\n';
        }
    }
    return out;
}

std::string summary(const Json& reply, const char* zh, const char* en, bool chinese) {
    const auto count = [&reply](const char* name) { return reply.at(name).dump(); };
    std::string out = change_lines(reply.at("changes"), chinese);
    out += chinese ? std::string(zh) + "：新增 " + count("added") + "，修改 " + count("changed") + "，删除 " +
                         count("removed") + "，不变 " + count("unchanged")
                   : std::string(en) + ": " + count("added") + " added, " + count("changed") + " changed, " +
                         count("removed") + " removed, " + count("unchanged") + " unchanged";
    if (reply.value("drift_kept", 0) > 0) {
        out += chinese ? "，其中保留人工改动 " + count("drift_kept") + " 项（见 config diff）"
                       : ", " + count("drift_kept") + " of them kept as people changed them (config diff)";
    }
    if (reply.value("breaks", 0) > 0) {
        out += chinese ? "；有 " + count("breaks") + " 处会破坏正在使用的内容"
                       : "; " + count("breaks") + " things in use would break";
    }
    return out;
}

int status_of(const Json& reply) {
    if (reply.at("breaks").get<int>() > 0) {
        return breaks_something;
    }
    return reply.at("changes").empty() ? 0 : differs;
}

asio::awaitable<Result<Json>> noting_status(Cli::Work work, db::Pool& db, Principal who, int& exit_code) {
    auto reply = co_await work(db, std::move(who));
    if (reply) {
        exit_code = status_of(*reply);
    }
    co_return reply;
}

/// Runs the work; where it only looks, the exit status tells what it saw.
void run_and_print(Cli& cli, const Cli::Work& work, const std::function<std::string(const Json&)>& human,
                   bool looks) {
    const Cli::Work noting = [&](db::Pool& db, Principal who) {
        return noting_status(work, db, std::move(who), cli.exit_code);
    };
    cli.run(looks ? noting : work, human);
}

asio::awaitable<Result<Json>> run_pack(db::Pool& db, Principal who, packs::Pack pack,
                                       packs::ApplyOptions options, bool dry) {
    const std::string name = pack.name;
    auto changes = dry ? co_await packs::plan(db, std::move(who), std::move(pack), options)
                       : co_await packs::apply(db, std::move(who), std::move(pack), options);
    if (!changes) {
        co_return changes.error();
    }
    Json reply = changes_json(*changes);
    reply["pack"] = name;
    reply["applied"] = !dry;
    co_return reply;
}

void run(Cli& cli, const std::string& folder, packs::ApplyOptions options, bool dry) {
    auto pack = read(cli, folder);
    if (!pack) {
        return;
    }
    const auto work = [&](db::Pool& db, Principal who) {
        return run_pack(db, std::move(who), std::move(*pack), options, dry);
    };
    const auto human = [&](const Json& reply) {
        return dry ? summary(reply, "将要应用", "to apply", cli.chinese)
                   : summary(reply, "已应用", "applied", cli.chinese);
    };
    run_and_print(cli, work, human, dry);
}

asio::awaitable<Result<Json>> run_diff(db::Pool& db, std::optional<packs::Pack> pack) {
    auto changes = pack ? co_await packs::diff(db, std::move(*pack)) : co_await packs::drift(db);
    co_return changes_json(changes);
}

void diff(Cli& cli, const std::string& folder) {
    std::optional<packs::Pack> pack;
    if (!folder.empty()) {
        pack = read(cli, folder);
        if (!pack) {
            return;
        }
    }
    const auto work = [&pack](db::Pool& db, Principal) { return run_diff(db, std::move(pack)); };
    const auto human = [&cli](const Json& reply) {
        return summary(reply, "数据库与配置包相比", "the database against the pack", cli.chinese);
    };
    run_and_print(cli, work, human, true);
}

asio::awaitable<Result<Json>> run_export(db::Pool& db, packs::ExportOptions options) {
    const std::string folder = options.folder.string();
    auto exported = co_await packs::write_pack(db, std::move(options));
    if (!exported) {
        co_return exported.error();
    }
    co_return Json{{"folder", folder},
                   {"written", exported->written},
                   {"kept", exported->kept},
                   {"objects", exported->objects}};
}

std::string exported_text(const Json& reply, bool chinese) {
    std::string out;
    for (const Json& file : reply.at("written")) {
        out += reply.at("folder").get<std::string>() + '/' + file.get<std::string>() + '\n';
    }
    const std::string written = std::to_string(reply.at("written").size());
    const std::string kept = std::to_string(reply.at("kept").size());
    return out + (chinese ? "写出 " + written + " 个文件，" + kept + " 个与数据库一致"
                          : written + " files written, " + kept + " agree with the database");
}

void write_pack(Cli& cli, packs::ExportOptions options) {
    options.folder = std::filesystem::absolute(options.folder).lexically_normal();
    const auto work = [options](db::Pool& db, Principal) { return run_export(db, options); };
    cli.run(work, [&cli](const Json& reply) { return exported_text(reply, cli.chinese); });
}

void print_schema(Cli& cli, const std::string& kind) {
    if (kind == "pengcheng") {
        cli.print(settings_schema(), [](const Json& schema) { return schema.dump(2); });
        return;
    }
    cli.print(Json::parse(packs::schema_text(kind)),
              [&](const Json&) { return std::string(packs::schema_text(kind)); });
}

CLI::App* add_command(CLI::App* config, const char* name, const char* about, std::string& folder) {
    auto* command = config->add_subcommand(name, about);
    command->add_option("dir", folder, "配置包目录 / folder of the pack's YAML files")->required();
    return command;
}

void add_pack_commands(CLI::App* config, Cli& cli) {
    auto folder = std::make_shared<std::string>();
    auto options = std::make_shared<packs::ApplyOptions>();
    add_command(config, "validate", "不连数据库校验，错误指明文件、行、列 / check without a database",
                *folder)
        ->callback([&cli, folder] { cli.guarded([&] { validate(cli, *folder); }); });
    auto* plan =
        add_command(config, "plan",
                    "列出应用后的变化；退出码 0 无变化、2 有变化、3 会破坏正在使用的内容 / what apply would "
                    "change; exit status 0 nothing, 2 changes, 3 something would break",
                    *folder);
    plan->callback([&cli, folder, options] { run(cli, *folder, *options, true); });
    auto* apply = add_command(
        config, "apply", "在一个事务中应用，可重复执行 / apply in one transaction; again changes nothing",
        *folder);
    apply->callback([&cli, folder, options] { run(cli, *folder, *options, false); });
    for (auto* command : {plan, apply}) {
        command->add_flag("--overwrite-drift", options->overwrite_drift,
                          "连人工改动也改回配置包的内容（缺省保留）/ undo what people changed, too");
        command->add_flag("--allow-breaking", options->allow_breaking,
                          "明知会影响正在使用的内容仍然应用 / go over what would break, where that can be");
    }
    auto* difference =
        config->add_subcommand("diff",
                               "数据库与配置包（缺省：上次应用的内容）的差别；退出码 0 一致、2 不同 / how "
                               "the database differs from a "
                               "pack, or from what was applied last; exit status 0 same, 2 different");
    difference->add_option("dir", *folder, "配置包目录 / folder of the pack's YAML files");
    difference->callback([&cli, folder] { diff(cli, *folder); });
}

}  // namespace

void add_config_commands(CLI::App& app, Cli& cli) {
    auto* config = app.add_subcommand(
        "config",
        "设置与城市配置包：查看、校验、预览、应用、比较、导出 / settings and declarative city packs");
    config->require_subcommand(1);
    add_pack_commands(config, cli);
    auto options = std::make_shared<packs::ExportOptions>();
    auto* exporting = config->add_subcommand(
        "export",
        "把数据库中的内容写成配置包文件，或更新已有的配置包 / write what the database has as pack files");
    exporting->add_option("dir", options->folder, "目录，新的或已有的配置包 / a folder, new or with a pack")
        ->required();
    exporting->add_option("--kind", options->kinds, "只导出这几类 / only these kinds")
        ->check(CLI::IsMember(packs::kind_names()));
    exporting->callback([&cli, options] { write_pack(cli, *options); });

    auto kind = std::make_shared<std::string>();
    auto names = packs::kind_names();
    names.emplace_back("pengcheng");
    auto* schema = config->add_subcommand(
        "schema", "一类文件的 JSON Schema，供编辑器使用 / JSON Schema of a kind of file");
    schema->add_option("kind", *kind, "种类 / kind")->required()->check(CLI::IsMember(names));
    schema->callback([&cli, kind] { cli.guarded([&] { print_schema(cli, *kind); }); });
    add_settings_commands(*config, cli);
}

}  // namespace pengcheng::app
