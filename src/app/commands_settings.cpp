#include "app/cli.hpp"

#include <pengcheng/base/settings.hpp>
#include <pengcheng/db/conninfo.hpp>

#include <CLI/CLI.hpp>

namespace pengcheng::app {

namespace {

std::string masked(const Setting& setting) {
    if (!setting.secret || setting.value.empty()) {
        return setting.value;
    }
    return setting.name.ends_with("_url") ? db::without_password(setting.value) : "***";
}

Json settings_json(const std::string& file) {
    Json list = Json::array();
    for (const Setting& setting : effective_settings(file)) {
        list.push_back({{"name", setting.name},
                        {"value", masked(setting)},
                        {"source", setting.source},
                        {"where", setting.where},
                        {"secret", setting.secret}});
    }
    return {{"settings", std::move(list)}};
}

std::string settings_text(const Json& shown, bool chinese) {
    const std::map<std::string, std::string> names{{"default", chinese ? "缺省" : "default"},
                                                   {"file", chinese ? "文件" : "file"},
                                                   {"environment", chinese ? "环境变量" : "environment"}};
    std::string text;
    for (const Json& setting : shown.at("settings")) {
        const std::string value = setting.at("value");
        const std::string where = setting.at("where");
        text += setting.at("name").get<std::string>() + " = " + (value.empty() ? "\"\"" : value) + "    # " +
                names.at(setting.at("source")) + (where.empty() ? "" : " " + where) + "\n";
    }
    return text;
}

}  // namespace

void add_settings_commands(CLI::App& config, Cli& cli) {
    auto* show = config.add_subcommand(
        "show", "生效的设置及其来源，口令以 *** 代替 / settings in force and who set them, secrets masked");
    show->callback([&cli] {
        cli.guarded([&] {
            cli.print(settings_json(cli.config_file),
                      [&cli](const Json& shown) { return settings_text(shown, cli.chinese); });
        });
    });
}

}  // namespace pengcheng::app
