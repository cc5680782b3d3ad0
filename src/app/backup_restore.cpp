#include "app/backup.hpp"
#include "app/cluster.hpp"
#include "app/program.hpp"
#include "app/run_blocking.hpp"
#include "app/var_lock.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/db/conninfo.hpp>
#include <pengcheng/db/migrate.hpp>

#include <csignal>
#include <fstream>
#include <set>
#include <system_error>

#include <unistd.h>

namespace pengcheng::app::backup {

namespace fs = std::filesystem;
namespace asio = boost::asio;

namespace {

constexpr ProblemType bad_backup{"app.bad-backup", 500, "The backup is not whole", "备份不完整"};
constexpr ProblemType newer_backup{"app.backup-newer", 409, "The backup is newer than this program",
                                   "备份比程序新"};
constexpr ProblemType not_empty{"app.restore-not-empty", 409, "The target holds something already",
                                "恢复目标已有内容"};
constexpr ProblemType in_use{"app.restore-in-use", 409, "The database is in use", "数据库正在使用"};

// Schemas that a restore would replace: all but PostgreSQL's own; `public` only where something lies in it.
constexpr std::string_view schemas_sql =
    "SELECT coalesce(string_agg(quote_ident(nspname), ',' ORDER BY nspname), '') FROM pg_namespace n"
    " WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
    " AND (nspname <> 'public' OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid))";

constexpr std::string_view sessions_sql =
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

[[noreturn]] void refuse_part(const std::string& part) {
    throw ProblemError(
        bad_backup.because(part + " 缺失或与清单中的摘要不符，请换一份备份",
                           part + " is missing or differs from its digest; use another backup"));
}

Json read_manifest(const fs::path& from) {
    if (access((from / "manifest.json").c_str(), R_OK) != 0 && errno == EACCES) {
        throw std::system_error(errno, std::generic_category(), from.string());
    }
    std::ifstream in(from / "manifest.json");
    const Json manifest = Json::parse(in, nullptr, false);
    const bool whole = manifest.is_object() && manifest.value("format", Json()) == format &&
                       manifest.contains("database") && manifest["database"].is_object() &&
                       manifest["database"].value("sha256", Json()).is_string() &&
                       manifest["database"].value("migrations", Json()).is_array() &&
                       manifest["database"].value("roles", Json()).is_array() && manifest.contains("files") &&
                       manifest["files"].is_object() && manifest["files"].value("sha256", Json()).is_string();
    if (!whole) {
        refuse_part("manifest.json");
    }
    return manifest;
}

void check_schema(const Json& manifest) {
    std::set<std::string> known;
    for (const db::Migration& migration : db::migrations()) {
        known.insert(migration.name);
    }
    for (const Json& name : manifest["database"]["migrations"]) {
        if (!name.is_string() || !known.contains(name.get<std::string>())) {
            throw ProblemError(newer_backup.because(
                "程序不认识迁移 " + name.dump() + "，请使用更新的程序",
                "this program does not know migration " + name.dump() + "; use a newer one"));
        }
    }
}

std::vector<File> check_digests(const fs::path& from, const Json& manifest, Progress& progress) {
    const auto count = [&progress](std::string_view bytes) { progress.add(bytes.size()); };
    const auto same = [&](const std::string& part, const std::string& sha256) {
        if (!fs::is_regular_file(from / part) || digest_of(from / part, count).sha256 != sha256) {
            refuse_part(part);
        }
    };
    progress.stage("check", "核对摘要", "checking digests",
                   manifest["database"].value("bytes", std::uint64_t{0}) +
                       manifest["files"].value("bytes", std::uint64_t{0}));
    same("database.dump", manifest["database"]["sha256"].get<std::string>());
    same("files.jsonl", manifest["files"]["sha256"].get<std::string>());
    auto files = read_list(from / "files.jsonl");
    for (const File& file : files) {
        same("files/" + file.path, file.sha256);
    }
    return files;
}

/// Top-level names of var that the backup brings.
std::set<std::string> names_of(const std::vector<File>& files) {
    std::set<std::string> names;
    for (const File& file : files) {
        names.insert(fs::path(file.path).begin()->string());
    }
    return names;
}

void check_target(const Runtime& runtime, const std::set<std::string>& names, bool force) {
    const std::string& url = runtime.config.database_url;
    if (db::query_text(url, std::string(sessions_sql)) != "0") {
        throw ProblemError(
            in_use.because("请先停止连接着它的服务", "stop the servers connected to it first"));
    }
    if (force) {
        return;
    }
    const std::string schemas = db::query_text(url, std::string(schemas_sql));
    if (!schemas.empty()) {
        throw ProblemError(not_empty.because(
            "数据库中已有 " + schemas + "；请换一个空库，或确认后加 --force 覆盖",
            "the database holds " + schemas + "; use an empty one, or --force to replace it"));
    }
    for (const std::string& name : names) {
        std::error_code none;
        const fs::path there = runtime.config.var / name;
        if (fs::exists(there) && !fs::is_empty(there, none)) {
            throw ProblemError(
                not_empty.because(there.string() + " 不是空的；请换一个 PENGCHENG_VAR，或加 --force",
                                  there.string() + " is not empty; use another PENGCHENG_VAR, or --force"));
        }
    }
}

/// Replaces everything in the database, or nothing: one transaction.
std::string clearing_sql(const std::string& url) {
    std::string sql = "SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS public;";
    const std::string schemas = db::query_text(url, std::string(schemas_sql));
    for (const std::string_view schema : split(schemas, ',')) {
        if (!schema.empty()) {
            sql += " DROP SCHEMA " + std::string(schema) + " CASCADE;";
        }
    }
    return sql + " CREATE SCHEMA IF NOT EXISTS public;";
}

std::string literal_of(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) {
        text.insert(at, 1, '\'');
    }
    return "'" + text + "'";
}

bool role_exists(const std::string& url, const std::string& role) {
    return !db::query_text(url, "SELECT 1 FROM pg_roles WHERE rolname = " + literal_of(role)).empty();
}

void make_roles(const std::string& url, const Json& roles) {
    for (const Json& role : roles) {
        if (!role_exists(url, role.get<std::string>())) {
            const std::string name = sql_identifier(role.get<std::string>());
            db::query_text(url, "CREATE ROLE " + name + " NOLOGIN NOINHERIT");
            db::query_text(url, "GRANT " + name + " TO current_user");
        }
    }
}

/// What is to be said before and after the dump's SQL, which gives rights to the owner that the source had.
struct Handover {
    std::string before, after;
};

Handover handover_of(const std::string& url, const Json& database) {
    const std::string owner = database.value("owner", "");
    if (owner.empty() || owner == db::query_text(url, "SELECT current_user")) {
        return {};
    }
    const std::string name = sql_identifier(owner);
    const std::string literal = literal_of(owner);
    Handover out;
    out.after =
        "DO $move$ DECLARE r record; BEGIN FOR r IN"
        " SELECT c.oid::regclass AS name, string_agg(a.privilege_type, ', ') AS rights"
        " FROM pg_class c CROSS JOIN aclexplode(c.relacl) a"
        " WHERE a.grantee = (SELECT oid FROM pg_roles WHERE rolname = " +
        literal +
        ") AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user) GROUP BY c.oid"
        " LOOP EXECUTE format('REVOKE ALL ON %s FROM CURRENT_USER', r.name);"
        " EXECUTE format('GRANT %s ON %s TO CURRENT_USER', r.rights, r.name);"
        " EXECUTE format('REVOKE ALL ON %s FROM %I', r.name, " +
        literal + "); END LOOP; END $move$;";
    if (!role_exists(url, owner)) {
        out.before = "CREATE ROLE " + name + " NOLOGIN; GRANT " + name + " TO CURRENT_USER;";
        out.after += " DROP OWNED BY " + name + "; DROP ROLE " + name + ";";
    }
    return out;
}

/// Our bytes into pg_restore, its SQL into psql.
void load_database(const std::string& url, const fs::path& from, const Json& manifest, Progress& progress) {
    make_roles(url, manifest["database"]["roles"]);
    progress.stage("database", "恢复数据库", "restoring the database",
                   manifest["database"].value("bytes", std::uint64_t{0}));
    const auto programs = postgres_programs();
    const auto environment = db::connection_environment(url);
    const Handover handover = handover_of(url, manifest["database"]);
    Pipe dump = make_pipe();
    Pipe sql = make_pipe();
    Program reader({(programs / "pg_restore").string(), "--no-owner", "--file=-"}, {}, dump.read, sql.write);
    Program writer(
        {(programs / "psql").string(), "--no-psqlrc", "--quiet", "--single-transaction",
         "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--command=" + clearing_sql(url) + handover.before,
         "--file=-", "--command=" + handover.after},
        environment, sql.read, Descriptor());
    dump.read.close();
    sql.read.close();
    sql.write.close();
    bool open = true;
    digest_of(from / "database.dump", [&](std::string_view bytes) {
        const auto size = static_cast<ssize_t>(bytes.size());
        for (ssize_t wrote = 0; open && wrote < size;) {
            const ssize_t step =
                ::write(dump.write.number(), bytes.data() + wrote, static_cast<std::size_t>(size - wrote));
            open = step > 0;  // a reader that failed says why at its end
            wrote += step;
        }
        progress.add(bytes.size());
    });
    dump.write.close();
    writer.finish();
    reader.finish();
}

/// The new files stand complete beside the old ones before any name changes.
std::string place_files(const fs::path& from, const fs::path& var, const std::vector<File>& files,
                        Progress& progress) {
    const std::string mark = random_hex(4);
    const fs::path staging = var / ("restoring-" + mark);
    const fs::path aside = var / ("before-restore-" + mark);
    std::vector<std::string> paths;
    for (const File& file : files) {
        paths.push_back(file.path);
    }
    fs::create_directories(staging);
    Tree tree;
    progress.stage("files", "恢复文件", "restoring files", 0);
    copy_files(from / "files", staging, paths, tree, progress);
    flush_disk(staging);
    bool moved = false;
    for (const std::string& name : names_of(files)) {
        if (fs::exists(var / name)) {
            fs::create_directories(aside);
            fs::rename(var / name, aside / name);
            moved = true;
        }
        fs::rename(staging / name, var / name);
    }
    fs::remove_all(staging);
    return moved ? aside.string() : "";
}

asio::awaitable<int> note(db::Pool& db, Principal who, std::string from, std::string made_at) {
    Json detail = {{"backup_made_at", made_at}};
    co_await audit::note(db, who, "app.database.restore", from, std::move(detail));
    co_return 0;
}

}  // namespace

Json restore(Cli& cli, const RestoreOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    const fs::path from = fs::absolute(options.from).lexically_normal();
    Progress progress(options.progress, cli.chinese);
    const Json manifest = read_manifest(from);
    check_schema(manifest);
    const auto files = check_digests(from, manifest, progress);
    Json result{{"folder", from.string()},
                {"made_at", manifest.value("created_at", "")},
                {"files", files.size()},
                {"restored", !options.check}};
    if (options.check) {
        return result;
    }
    const Runtime& runtime = cli.runtime();
    const std::string& url = runtime.config.database_url;
    lock_var(runtime.config.var);
    check_target(runtime, names_of(files), options.force);
    load_database(url, from, manifest, progress);
    const std::string aside = place_files(from, runtime.config.var, files, progress);
    const auto state = db::migrate(url);
    const Principal who = cli.principal();
    const std::string made_at = manifest.value("created_at", "");
    run_blocking<int>(url, [&](db::Pool& db) { return note(db, who, from.string(), made_at); });
    result["schema"] = state.current;
    result["migrated"] = state.applied;
    result["set_aside"] = aside;
    return result;
}

}  // namespace pengcheng::app::backup
