#include "app/cli.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/audit/sealer.hpp>

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::app {

namespace {

namespace asio = boost::asio;

asio::awaitable<Result<Json>> verify_chain(db::Pool& db, Principal who, const Runtime& runtime,
                                           int& exit_code) {
    audit::Verdict verdict = co_await audit::verify(db, runtime);
    exit_code = verdict.broken ? 1 : 0;
    Json out = audit::to_json(verdict);
    Json detail = {{"ok", out["ok"]}, {"records", out["records"]}};
    co_await audit::note(db, who, "audit.chain.verify", "", std::move(detail));
    co_return out;
}

asio::awaitable<Result<Json>> make_checkpoint(db::Pool& db, Principal who, const Runtime& runtime) {
    co_await audit::note(db, who, "audit.chain.checkpoint", "");
    audit::Checkpoint made = co_await audit::checkpoint(db, runtime);
    co_return Json{{"seq", made.seq}, {"hash", made.hash}, {"at", made.at}, {"signature", made.signature}};
}

asio::awaitable<Result<Json>> list_records(db::Pool& db, audit::RecordFilter filter) {
    co_return co_await audit::records(db, std::move(filter));
}

std::string verdict_text(const Json& verdict, bool chinese) {
    std::string records = verdict["records"].dump();
    std::string checkpoints = verdict["checkpoints"].dump();
    if (verdict["ok"].get<bool>()) {
        return chinese ? "审计链完整:" + records + " 条记录,核对检查点 " + checkpoints + " 个"
                       : "the audit chain holds: " + records + " records, " + checkpoints +
                             " checkpoints checked";
    }
    const Json& broken = verdict["broken"];
    std::string text = broken[chinese ? "text_zh" : "text_en"].get<std::string>();
    std::string record = broken["record"].get<std::string>();
    return (chinese ? "审计链已断裂:" : "the audit chain is broken: ") + text +
           (record.empty() ? "" : (chinese ? ",记录 " : ", record ") + record);
}

std::string records_text(const Json& page) {
    std::string out;
    for (const Json& item : page["items"]) {
        out += item["at"].get<std::string>() + "  " + item["principal"].get<std::string>() + "  " +
               item["action"].get<std::string>() + "  " + item["object"].get<std::string>() + "\n";
    }
    return out;
}

}  // namespace

void add_audit_commands(CLI::App& app, Cli& cli) {
    CLI::App* audit = app.add_subcommand("audit", "审计记录与证据链 / audit records and their chain");
    audit->require_subcommand(1);

    audit
        ->add_subcommand("verify",
                         "核验证据链,断裂时退出码为 1 / verify the chain; exit status 1 when broken")
        ->callback([&cli] {
            auto work = [&cli](db::Pool& db, Principal who) {
                return verify_chain(db, std::move(who), cli.runtime(), cli.exit_code);
            };
            cli.run(work, [&cli](const Json& verdict) { return verdict_text(verdict, cli.chinese); });
        });

    audit->add_subcommand("checkpoint", "立即签发检查点 / sign a checkpoint now")->callback([&cli] {
        auto work = [&cli](db::Pool& db, Principal who) {
            return make_checkpoint(db, std::move(who), cli.runtime());
        };
        cli.run(work,
                [](const Json& made) { return made["seq"].dump() + " " + made["hash"].get<std::string>(); });
    });

    auto filter = std::make_shared<audit::RecordFilter>();
    CLI::App* list = audit->add_subcommand("list", "审计记录,新的在前 / records, newest first");
    list->add_option("--kind", filter->kind, "event | access");
    list->add_option("--object", filter->object, "对象 / object");
    list->add_option("--principal", filter->principal, "操作人 / who");
    list->add_option("--limit", filter->limit, "条数 / how many")->check(CLI::Range(1, 1000));
    list->callback([&cli, filter] {
        auto work = [filter](db::Pool& db, Principal) { return list_records(db, *filter); };
        cli.run(work, records_text);
    });
}

}  // namespace pengcheng::app
