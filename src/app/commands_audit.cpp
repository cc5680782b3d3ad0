#include "app/cli.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/audit/export.hpp>
#include <pengcheng/audit/sealer.hpp>

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>

#include <fstream>

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
    co_return Json{
        {"number", made.number}, {"body", made.body}, {"key", made.key}, {"signature", made.signature}};
}

asio::awaitable<void> write_piece(std::ofstream& file, std::string_view piece) {
    file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (!file) {
        throw std::system_error(errno, std::generic_category(), "write");
    }
    co_return;
}

struct ExportOptions {
    std::string from, to, out;
};

asio::awaitable<Result<Json>> export_evidence(db::Pool& db, Principal who, const Runtime& runtime,
                                              ExportOptions wanted) {
    Json detail = {{"from", wanted.from}, {"to", wanted.to}};
    co_await audit::note(db, who, "audit.record.export", "", std::move(detail));
    auto stretch = co_await audit::find_stretch(db, runtime, wanted.from, wanted.to);
    if (!stretch) {
        co_return stretch.error();
    }
    std::ofstream file(wanted.out, std::ios::binary | std::ios::trunc);
    auto sink = [&file](std::string_view piece) { return write_piece(file, piece); };
    std::int64_t records = co_await audit::send_stretch(db, *stretch, sink);
    file.close();
    if (!file) {
        throw std::system_error(errno, std::generic_category(), wanted.out);
    }
    co_return Json{{"file", wanted.out},
                   {"records", records},
                   {"first_checkpoint", stretch->first},
                   {"last_checkpoint", stretch->last},
                   {"key", stretch->key}};
}

asio::awaitable<Result<Json>> prune_evidence(db::Pool& db, Principal who, const Runtime& runtime,
                                             int keep_months) {
    Json detail = {{"keep_months", keep_months}};
    co_await audit::note(db, who, "audit.record.prune", "", std::move(detail));
    int months = co_await audit::prune(db, runtime, keep_months);
    co_return Json{{"months", months}};
}

asio::awaitable<Result<Json>> list_records(db::Pool& db, audit::RecordFilter filter) {
    co_return co_await audit::records(db, std::move(filter));
}

std::string verdict_text(const Json& verdict, bool chinese) {
    std::string records = verdict["records"].dump();
    std::string checkpoints = verdict["checkpoints"].dump();
    if (verdict["ok"].get<bool>()) {
        std::string copies = verdict["copies"].dump();
        std::string key = verdict["key"].get<std::string>();
        return chinese ? "审计链完整：" + records + " 条记录，检查点 " + checkpoints + " 个，库外副本 " +
                             copies + " 个，公钥 " + key
                       : "the audit chain holds: " + records + " records, " + checkpoints + " checkpoints, " +
                             copies + " compared with copies outside, public key " + key;
    }
    const Json& broken = verdict["broken"];
    std::string text = broken[chinese ? "text_zh" : "text_en"].get<std::string>();
    std::string record = broken["record"].get<std::string>();
    return (chinese ? "审计链已断裂：" : "the audit chain is broken: ") + text +
           (record.empty() ? "" : (chinese ? "，记录 " : ", record ") + record);
}

std::string records_text(const Json& page) {
    std::string out;
    for (const Json& item : page["items"]) {
        out += item["at"].get<std::string>() + "  " + item["principal"].get<std::string>() + "  " +
               item["action"].get<std::string>() + "  " + item["object"].get<std::string>() + "\n";
    }
    return out;
}

void verify_export(Cli& cli, const std::string& file, const std::string& key) {
    cli.guarded([&] {
        audit::Verdict verdict = audit::verify_file(file, key);
        cli.exit_code = verdict.broken ? 1 : 0;
        Json out = audit::to_json(verdict);
        out["from"] = verdict.from;
        out["to"] = verdict.to;
        cli.print(out, [&cli](const Json& json) { return verdict_text(json, cli.chinese); });
    });
}

void add_verify_command(CLI::App& audit, Cli& cli) {
    struct Options {
        std::string file, key;
    };
    auto options = std::make_shared<Options>();
    CLI::App* verify = audit.add_subcommand(
        "verify", "核验证据链，断裂时退出码为 1 / verify the chains; exit status 1 when broken");
    verify->add_option("--file", options->file, "核验导出文件，不需要数据库 / an export, without a database");
    verify->add_option("--key", options->key, "应信任的公钥（十六进制）/ the public key to believe");
    verify->callback([&cli, options] {
        if (!options->file.empty()) {
            verify_export(cli, options->file, options->key);
            return;
        }
        auto work = [&cli](db::Pool& db, Principal who) {
            return verify_chain(db, std::move(who), cli.runtime(), cli.exit_code);
        };
        cli.run(work, [&cli](const Json& verdict) { return verdict_text(verdict, cli.chinese); });
    });
}

void add_export_commands(CLI::App& audit, Cli& cli) {
    auto wanted = std::make_shared<ExportOptions>();
    CLI::App* exporting = audit.add_subcommand(
        "export", "导出一段证据及核验所需的一切 / a stretch of evidence with all that proves it");
    exporting->add_option("--from", wanted->from, "起 / RFC 3339 or YYYY-MM-DD")->required();
    exporting->add_option("--to", wanted->to, "止 / RFC 3339 or YYYY-MM-DD")->required();
    exporting->add_option("--out", wanted->out, "文件 / file")->required();
    exporting->callback([&cli, wanted] {
        auto work = [&cli, wanted](db::Pool& db, Principal who) {
            return export_evidence(db, std::move(who), cli.runtime(), *wanted);
        };
        cli.run(work, [](const Json& done) {
            return done["file"].get<std::string>() + "  " + done["records"].dump() + "  " +
                   done["key"].get<std::string>();
        });
    });

    auto keep = std::make_shared<int>(0);
    CLI::App* prune = audit.add_subcommand(
        "prune",
        "清理超过保存期限的月份，留下签名的起止 / remove months past keeping, their ends stay signed");
    prune->add_option("--keep-months", *keep, "保留的月数 / months to keep")
        ->required()
        ->check(CLI::Range(1, 1200));
    prune->callback([&cli, keep] {
        auto work = [&cli, keep](db::Pool& db, Principal who) {
            return prune_evidence(db, std::move(who), cli.runtime(), *keep);
        };
        cli.run(work, [](const Json& done) { return done["months"].dump(); });
    });
}

}  // namespace

void add_audit_commands(CLI::App& app, Cli& cli) {
    CLI::App* audit = app.add_subcommand("audit", "审计记录与证据链 / audit records and their chain");
    audit->require_subcommand(1);

    add_verify_command(*audit, cli);
    add_export_commands(*audit, cli);

    audit->add_subcommand("checkpoint", "立即签发检查点 / sign a checkpoint now")->callback([&cli] {
        auto work = [&cli](db::Pool& db, Principal who) {
            return make_checkpoint(db, std::move(who), cli.runtime());
        };
        cli.run(work, [](const Json& made) { return made["body"].get<std::string>(); });
    });

    auto filter = std::make_shared<audit::RecordFilter>();
    CLI::App* list = audit->add_subcommand("list", "审计记录，新的在前 / records, newest first");
    list->add_option("--kind", filter->kind, "event | access")->check(CLI::IsMember({"event", "access"}));
    list->add_option("--object", filter->object, "对象 / object");
    list->add_option("--principal", filter->principal, "操作人 / who");
    list->add_option("--from", filter->from, "起 / RFC 3339 or YYYY-MM-DD");
    list->add_option("--to", filter->to, "止 / RFC 3339 or YYYY-MM-DD");
    list->add_option("--limit", filter->limit, "条数 / how many")->check(CLI::Range(1, 1000));
    list->callback([&cli, filter] {
        auto work = [filter](db::Pool& db, Principal) { return list_records(db, *filter); };
        cli.run(work, records_text);
    });
}

}  // namespace pengcheng::app
