#include "app/doctor.hpp"

#include "app/cluster.hpp"
#include "app/program.hpp"
#include "app/run_blocking.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/migrate.hpp>
#include <pengcheng/identity/key_check.hpp>
#include <pengcheng/packs/packs.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cmath>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pengcheng::app {

namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;

constexpr double skew_seconds_max = 2;
constexpr int version_min = 150000;

/// What a check is for and how to mend what it finds.
struct Check {
    std::string_view name, why_zh, why_en, remedy_zh, remedy_en;
};

constexpr Check configuration{"configuration", "设置有误时服务不会启动",
                              "the server does not start on a bad setting",
                              "按提示改正该行；pengcheng config show 列出全部设置",
                              "mend that line; pengcheng config show lists every setting"};
constexpr Check reachable{
    "database", "一切状态都在数据库里", "all state lies in the database",
    "检查 PENGCHENG_DATABASE_URL，或内置集群日志 var/pg/postgresql.log",
    "check PENGCHENG_DATABASE_URL, or the embedded cluster's log var/pg/postgresql.log"};
constexpr Check version{"database.version", "较旧的版本缺少所用的功能", "older versions lack what is used",
                        "使用 PostgreSQL 15 或更新版本", "use PostgreSQL 15 or newer"};
constexpr Check encoding{
    "database.encoding", "其他编码存不下全部汉字", "another encoding cannot hold every character",
    "备份后以 UTF8 编码新建数据库，再恢复", "back up, make a database with encoding UTF8, restore"};
constexpr Check locale{
    "database.locale", "按字节比较，中文排序和大小写不正确", "by bytes, Chinese sorts wrongly",
    "新建数据库时指定 LOCALE_PROVIDER icu ICU_LOCALE 'zh-Hans-CN' TEMPLATE template0",
    "make the database with LOCALE_PROVIDER icu ICU_LOCALE 'zh-Hans-CN' TEMPLATE template0"};
constexpr Check durability{"database.durability", "断电会丢失已确认的写入和存证",
                           "a power cut would lose writes and evidence that were confirmed",
                           "打开 fsync、full_page_writes 和 synchronous_commit",
                           "turn fsync, full_page_writes and synchronous_commit on"};
constexpr Check writable_database{"database.writable", "服务需要写入", "the server has to write",
                                  "连接主库；取消 default_transaction_read_only",
                                  "connect to the primary; unset default_transaction_read_only"};
constexpr Check extension{"database.extension", "迁移中的函数需要 plpgsql",
                          "functions of migrations need plpgsql", "以超级用户执行 CREATE EXTENSION plpgsql",
                          "run CREATE EXTENSION plpgsql as superuser"};
constexpr Check connections{
    "database.connections", "连接用尽时请求会得到 503", "requests get 503 when they run out",
    "调小 threads.io 或 database.connections，或调大 PostgreSQL 的 max_connections",
    "lower threads.io or database.connections, or raise PostgreSQL's max_connections"};
constexpr Check schema{"database.schema", "程序与数据库结构须一致", "program and schema must agree",
                       "结构较旧：运行 pengcheng migrate；较新：换用更新的程序；迁移被改动：恢复原程序",
                       "older: run pengcheng migrate; newer: use a newer program; changed: go back to the "
                       "program that applied it"};
constexpr Check evidence_role{
    "evidence.role", "能改动存证的人可以抹去谁看过什么", "who may change evidence can hide who read what",
    "由数据库管理员执行：CREATE ROLE pengcheng_evidence NOLOGIN NOINHERIT，授予服务所用角色，仅授 "
    "audit.evidence、"
    "audit.context 的 INSERT 权限，并保持 audit 各表的 insert_only 触发器启用",
    "have the database's administrator make the role pengcheng_evidence (NOLOGIN NOINHERIT), grant it to the "
    "server's role, give it INSERT on audit.evidence and audit.context only, and keep the triggers "
    "insert_only "
    "of schema audit enabled"};
constexpr Check clock_skew{
    "clock", "时限、令牌和存证的时间会出错", "limits, tokens and evidence would bear wrong times",
    "在两台机器上启用 chrony 或 ntp 校时", "synchronise both machines by chrony or ntp"};
constexpr Check calendar{"calendar", "承诺时限按工作日计算，缺少时只按周末推算",
                         "limits count working days; without them only weekends count",
                         "在配置包 calendar 中加上本年度放假安排，再 pengcheng config apply",
                         "add this year's holidays to the pack's calendar and run pengcheng config apply"};
constexpr Check disk{"disk", "写满后数据库停止工作", "the database stops when it is full", "清理或扩容",
                     "make room"};
constexpr Check folders{"folders", "上传、附件、密钥和检查点写在这里",
                        "uploads, attachments, keys and checkpoints are written here",
                        "把数据目录交给运行服务的用户，权限 700", "give them to the server's user, mode 700"};
constexpr Check keys{"keys", "能读到密钥的人可以解开个人数据、伪造检查点",
                     "who reads the keys can read personal data and forge checkpoints",
                     "执行 chmod 600；若可能已泄露，更换密钥",
                     "run chmod 600; change the keys if they may have leaked"};
constexpr Check own_keys{
    "keys.database", "个人数据、动态口令和令牌密钥打不开，新数据会用另一套密钥封存",
    "personal data, second factors and token keys do not open, and what is new is sealed "
    "with other keys",
    "停止服务，从备份恢复 var/keys（多个服务共用同一套）",
    "stop the server and bring var/keys back from the backup (servers share one set)"};
constexpr Check checkpoints{"checkpoints", "检查点副本证明审计链没有被整体替换",
                            "the copies show that the chain was not replaced as a whole",
                            "从另存的副本恢复 var/evidence/chain.jsonl，再 pengcheng audit verify",
                            "bring var/evidence/chain.jsonl back from a copy, then pengcheng audit verify"};
constexpr Check port{"port", "端口被占用时服务不能启动", "the server cannot start on a port that is taken",
                     "停止占用它的程序，或换一个 PENGCHENG_LISTEN",
                     "stop that program, or choose another PENGCHENG_LISTEN"};
constexpr Check web{"web", "没有它页面打不开", "pages do not open without it",
                    "在 src/web 下运行 npm run build，或改正 web_root",
                    "run npm run build in src/web, or mend web_root"};

using Finding = std::pair<bool, std::string>;

class Findings {
public:
    explicit Findings(bool chinese) : chinese_(chinese) {}

    /// A check that throws is a failed check.
    template <class F>
    void check(const Check& what, F examine_one) {
        try {
            auto [ok, found] = examine_one();
            add(what, ok, found);
        } catch (const ProblemError& error) {
            add(what, false, error.problem().text(chinese_));
        } catch (const std::exception& error) {
            add(what, false, error.what());
        }
    }
    [[nodiscard]] Json list() const { return list_; }
    [[nodiscard]] bool last_ok() const { return list_.back()["ok"].get<bool>(); }

private:
    void add(const Check& what, bool ok, const std::string& found) {
        list_.push_back({{"name", what.name},
                         {"ok", ok},
                         {"found", found},
                         {"why", chinese_ ? what.why_zh : what.why_en},
                         {"remedy", ok ? "" : std::string(chinese_ ? what.remedy_zh : what.remedy_en)}});
    }

    bool chinese_;
    Json list_ = Json::array();
};

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

Finding find_skew(const std::string& url) {
    const auto theirs = to_double(db::query_text(url, "SELECT extract(epoch FROM clock_timestamp())"));
    const double ours = static_cast<double>(Clock{}.now().time_since_epoch().count()) / 1e6;
    const double skew = std::abs(ours - theirs.value_or(0));
    return {skew < skew_seconds_max, std::to_string(skew) + " s"};
}

Finding find_locale(const std::string& url) {
    const std::string found =
        db::query_text(url,
                       "SELECT datlocprovider::text || ' ' || coalesce(daticulocale, datcollate)"
                       "  FROM pg_database WHERE datname = current_database()");
    const bool by_bytes = found == "c C" || found == "c POSIX" || found == "c C.UTF-8" || found == "c C.utf8";
    return {!by_bytes, (found.starts_with("i ") ? "ICU " : "libc ") + found.substr(2)};
}

Finding find_durability(const std::string& url) {
    const std::string found =
        db::query_text(url,
                       "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings"
                       " WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')");
    return {found.find("=off") == std::string::npos, found};
}

Finding find_connections(const std::string& url, const Config& config) {
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const int threads = config.io_threads > 0 ? config.io_threads : std::min(cores, 4);
    // Beside those of requests: jobs, the sealer and commands.
    const int wanted = threads * config.db_connections + 16;
    const auto there = to_int(db::query_text(url,
                                             "SELECT current_setting('max_connections')::int - "
                                             "current_setting('superuser_reserved_connections')::int"));
    return {there.value_or(0) >= wanted, std::to_string(wanted) + " / " + std::to_string(there.value_or(0))};
}

Finding find_schema(const std::string& url) {
    const auto pending = db::pending_migrations(url);
    return {pending.empty(), pending.empty() ? "up to date" : "pending: " + join(pending, ", ")};
}

Finding find_own_keys(const Config& config) {
    const fs::path folder = config.var / "keys";
    const auto foreign = run_blocking<std::string>(
        config.database_url, [&](db::Pool& db) { return identity::foreign_key_file(db, folder); });
    return {foreign.empty(), foreign.empty() ? folder.string() : foreign + ": not this database's"};
}

void check_database(Findings& findings, const Config& config) {
    const std::string& url = config.database_url;
    const auto text = [&url](const char* sql) { return db::query_text(url, sql); };
    findings.check(version, [&] {
        return Finding{to_int(text("SHOW server_version_num")).value_or(0) >= version_min,
                       text("SHOW server_version")};
    });
    findings.check(encoding, [&] {
        const std::string found = text("SHOW server_encoding");
        return Finding{found == "UTF8", found};
    });
    findings.check(locale, [&] { return find_locale(url); });
    findings.check(durability, [&] { return find_durability(url); });
    findings.check(writable_database, [&] {
        const std::string found = text("SHOW transaction_read_only");
        return Finding{found == "off", "read only: " + found};
    });
    findings.check(extension, [&] {
        const bool there = text("SELECT 1 FROM pg_extension WHERE extname = 'plpgsql'") == "1";
        return Finding{there, there ? "plpgsql" : "no plpgsql"};
    });
    findings.check(connections, [&] { return find_connections(url, config); });
    findings.check(schema, [&] { return find_schema(url); });
    if (findings.last_ok()) {
        findings.check(own_keys, [&] { return find_own_keys(config); });
    }
    findings.check(evidence_role, [&] {
        const std::string found = text(evidence_role_sql);
        return Finding{found.empty(), found.empty() ? "pengcheng_evidence can only add" : found};
    });
    findings.check(clock_skew, [&] { return find_skew(url); });
    findings.check(calendar, [&] {
        const auto loaded =
            run_blocking<WorkCalendar>(url, [](db::Pool& db) { return packs::load_calendar(db); });
        const Day today = city_day(Clock{}.now());
        return Finding{!loaded.provisional(today), to_text(today).substr(0, 4)};
    });
}

Finding find_folders(const fs::path& var) {
    for (const char* name : {"", "uploads", "attachments", "keys", "evidence", "tmp"}) {
        const fs::path folder = var / name;
        if (fs::exists(folder) && access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
            return {false, folder.string() + ": cannot be written by uid " + std::to_string(geteuid())};
        }
    }
    return {true, var.string()};
}

Finding find_keys(const fs::path& folder) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        struct stat file{};
        if (stat(entry.path().c_str(), &file) == 0 && (file.st_mode & 0077) != 0) {
            return {false, entry.path().string() + ": others may read it"};
        }
    }
    return {true, folder.string()};
}

/// Lines in rising order, each with its place in the chain; signatures are `audit verify`'s matter.
Finding find_checkpoints(const fs::path& path) {
    std::ifstream in(path);
    std::int64_t last = 0;
    int number = 0;
    for (std::string line; std::getline(in, line) && !in.eof();) {
        ++number;
        const Json entry = Json::parse(line, nullptr, false);
        const bool whole =
            entry.is_object() && entry.contains("number") && entry["number"].is_number_integer();
        if (!whole || entry["number"].get<std::int64_t>() <= last) {
            return {false, path.string() + ":" + std::to_string(number)};
        }
        last = entry["number"].get<std::int64_t>();
    }
    return {true, std::to_string(number)};
}

/// A server of this var holds its lock, and the port with it.
bool server_runs(const fs::path& var) {
    const Descriptor lock(open((var / "server.lock").c_str(), O_RDONLY | O_CLOEXEC));
    return lock.number() >= 0 && flock(lock.number(), LOCK_SH | LOCK_NB) != 0;
}

Finding find_port(const Config& config) {
    const std::string shown = config.listen_host + ":" + std::to_string(config.listen_port);
    if (server_runs(config.var)) {
        return {true, shown + ": this server"};
    }
    asio::io_context io;
    asio::ip::tcp::endpoint endpoint(asio::ip::make_address(config.listen_host), config.listen_port);
    asio::ip::tcp::acceptor acceptor(io, endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    boost::system::error_code error;
    acceptor.bind(endpoint, error);
    return {!error, error ? shown + ": " + error.message() : shown};
}

void check_machine(Findings& findings, const Config& config, const DoctorOptions& options) {
    findings.check(disk, [&] {
        fs::path there = config.var;
        while (!fs::exists(there)) {
            there = there.parent_path();
        }
        const auto free = static_cast<std::int64_t>(fs::space(there).available >> 20);
        return Finding{free >= options.disk_mb_min, std::to_string(free) + " MB " + there.string()};
    });
    findings.check(folders, [&] { return find_folders(config.var); });
    findings.check(keys, [&] { return find_keys(config.var / "keys"); });
    findings.check(checkpoints, [&] { return find_checkpoints(config.var / "evidence/chain.jsonl"); });
    findings.check(port, [&] { return find_port(config); });
    findings.check(web, [&] {
        return Finding{fs::exists(config.web_root / "manifest.json"), config.web_root.string()};
    });
}

}  // namespace

Json examine(Cli& cli, const DoctorOptions& options) {
    Findings findings(cli.chinese);
    std::optional<Config> config;
    findings.check(configuration, [&] {
        config = cli.config();
        return Finding{true, "var=" + config->var.string()};
    });
    if (!config) {
        return findings.list();
    }
    if (config->database_url.empty() && !fs::exists(config->var / "pg/data")) {
        findings.check(reachable, [] { return Finding{true, "embedded, made at the first start"}; });
    } else {
        findings.check(reachable, [&] {
            config = cli.runtime().config;
            return Finding{db::query_text(config->database_url, "SELECT 1") == "1", "reachable"};
        });
        if (findings.last_ok()) {
            check_database(findings, *config);
        }
    }
    check_machine(findings, *config, options);
    return findings.list();
}

}  // namespace pengcheng::app
