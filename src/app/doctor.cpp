#include "app/doctor.hpp"

#include "app/cluster.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/migrate.hpp>

#include <cmath>

#include <sys/stat.h>

namespace pengcheng::app {

namespace {

namespace fs = std::filesystem;

class Findings {
public:
    explicit Findings(bool chinese) : chinese_(chinese) {}

    void add(std::string_view name, bool ok, const std::string& found, std::string_view remedy_zh = {},
             std::string_view remedy_en = {}) {
        list_.push_back({{"name", name},
                         {"ok", ok},
                         {"found", found},
                         {"remedy", ok ? "" : std::string(chinese_ ? remedy_zh : remedy_en)}});
    }
    /// A check that throws is a failed check.
    template <class F>
    void check(std::string_view name, F examine_one, std::string_view remedy_zh, std::string_view remedy_en) {
        try {
            auto [ok, found] = examine_one();
            add(name, ok, found, remedy_zh, remedy_en);
        } catch (const ProblemError& error) {
            add(name, false, error.problem().text(chinese_), remedy_zh, remedy_en);
        } catch (const std::exception& error) {
            add(name, false, error.what(), remedy_zh, remedy_en);
        }
    }
    [[nodiscard]] Json list() const { return list_; }

private:
    bool chinese_;
    Json list_ = Json::array();
};

using Finding = std::pair<bool, std::string>;

/// Empty, or what lets somebody change evidence once it is written.
constexpr const char* evidence_role_sql = R"sql(
    SELECT CASE
        WHEN to_regclass('audit.evidence') IS NULL THEN ''
        WHEN to_regrole('pengcheng_evidence') IS NULL THEN 'there is no role pengcheng_evidence'
        WHEN NOT pg_has_role(to_regrole('pengcheng_evidence'), 'MEMBER')
            THEN current_user || ' may not become pengcheng_evidence'
        WHEN NOT has_table_privilege(to_regrole('pengcheng_evidence'), 'audit.evidence', 'INSERT')
            THEN 'pengcheng_evidence may not insert'
        WHEN has_table_privilege(to_regrole('pengcheng_evidence'), 'audit.evidence',
                                 'SELECT, UPDATE, DELETE, TRUNCATE')
            THEN 'pengcheng_evidence may do more than insert'
        ELSE coalesce((SELECT 'insert_only is switched off on ' || string_agg(tgrelid::regclass::text, ', ')
                         FROM pg_trigger WHERE tgname = 'insert_only' AND tgenabled <> 'O'), '')
        END
)sql";

void check_database(Findings& findings, const std::string& url) {
    findings.check(
        "database.version",
        [&] {
            std::string version = db::query_text(url, "SHOW server_version_num");
            return Finding{to_int(version).value_or(0) >= 150000, db::query_text(url, "SHOW server_version")};
        },
        "请使用 PostgreSQL 15 或更新版本", "use PostgreSQL 15 or newer");
    findings.check(
        "database.encoding",
        [&] {
            std::string encoding = db::query_text(url, "SHOW server_encoding");
            return Finding{encoding == "UTF8", encoding};
        },
        "请以 UTF8 编码重建数据库", "make the database anew with encoding UTF8");
    findings.check(
        "database.durability",
        [&] {
            std::string fsync = db::query_text(url, "SHOW fsync");
            std::string commit = db::query_text(url, "SHOW synchronous_commit");
            return Finding{fsync == "on" && commit != "off",
                           "fsync=" + fsync + " synchronous_commit=" + commit};
        },
        "请打开 fsync 和 synchronous_commit", "turn fsync and synchronous_commit on");
    findings.check(
        "database.schema",
        [&] {
            auto pending = db::pending_migrations(url);
            return Finding{pending.empty(), pending.empty() ? "up to date" : join(pending, ", ")};
        },
        "请运行 pengcheng migrate", "run pengcheng migrate");
    findings.check(
        "evidence.role",
        [&] {
            std::string found = db::query_text(url, evidence_role_sql);
            return Finding{found.empty(), found.empty() ? "pengcheng_evidence can only add" : found};
        },
        "请由数据库管理员执行:CREATE ROLE pengcheng_evidence NOLOGIN NOINHERIT,授予服务所用角色,仅授 "
        "audit.evidence、"
        "audit.context 的 INSERT 权限,并保持 audit 各表的 insert_only 触发器启用",
        "have the database's administrator make the role pengcheng_evidence (NOLOGIN NOINHERIT), grant it to "
        "the "
        "server's role, give it INSERT on audit.evidence and audit.context only, and keep the triggers "
        "insert_only of schema audit enabled");
    findings.check(
        "clock",
        [&] {
            auto theirs = to_double(db::query_text(url, "SELECT extract(epoch FROM clock_timestamp())"));
            double ours = static_cast<double>(Clock{}.now().time_since_epoch().count()) / 1e6;
            double skew = std::abs(ours - theirs.value_or(0));
            return Finding{skew < 2, "skew " + std::to_string(skew) + " s"};
        },
        "服务器与数据库时钟相差超过 2 秒,请校时(chrony/ntp)",
        "the clocks differ by over 2 s; synchronise them");
}

void check_folders(Findings& findings, const Config& config) {
    findings.check(
        "disk",
        [&] {
            auto free = fs::space(config.var).available / (1024 * 1024);
            return Finding{free >= 1024, std::to_string(free) + " MB free in " + config.var.string()};
        },
        "剩余空间不足 1 GB,请清理或扩容", "less than 1 GB left; make room");
    findings.check(
        "keys",
        [&] {
            std::error_code none;
            for (const auto& entry : fs::directory_iterator(config.var / "keys", none)) {
                struct stat file{};
                if (stat(entry.path().c_str(), &file) == 0 && (file.st_mode & 0077) != 0) {
                    return Finding{false, entry.path().string() + " can be read by others"};
                }
            }
            return Finding{true, "only the server's user can read them"};
        },
        "请执行 chmod 600 收紧密钥文件权限", "chmod 600 the key files");
    findings.check(
        "web",
        [&] { return Finding{fs::exists(config.web_root / "manifest.json"), config.web_root.string()}; },
        "请在 src/web 下运行 npm run build", "run npm run build in src/web");
}

}  // namespace

Json examine(Cli& cli) {
    Findings findings(cli.chinese);
    Config config;
    findings.check(
        "configuration",
        [&] {
            config = cli.config();
            return Finding{true, "var=" + config.var.string()};
        },
        "请按提示改正配置", "mend the configuration as it says");
    findings.check(
        "database",
        [&] {
            const Runtime& runtime = cli.runtime();
            config = runtime.config;
            return Finding{db::query_text(config.database_url, "SELECT 1") == "1", "reachable"};
        },
        "请检查 PENGCHENG_DATABASE_URL 或内置集群日志 var/pg/postgresql.log",
        "check PENGCHENG_DATABASE_URL, or the embedded cluster's log var/pg/postgresql.log");
    if (!config.database_url.empty()) {
        check_database(findings, config.database_url);
    }
    check_folders(findings, config);
    return findings.list();
}

}  // namespace pengcheng::app
