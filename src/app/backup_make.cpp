#include "app/backup.hpp"
#include "app/cluster.hpp"
#include "app/program.hpp"
#include "app/run_blocking.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/crypto/crypto.hpp>
#include <pengcheng/db/conninfo.hpp>
#include <pengcheng/db/migrate.hpp>

#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace pengcheng::app::backup {

namespace fs = std::filesystem;
namespace asio = boost::asio;

namespace {

constexpr ProblemType there_already{"app.backup-exists", 409, "The folder holds something already",
                                    "目标文件夹已有内容"};
constexpr ProblemType old_schema{"app.backup-schema", 409, "The schema is not up to date",
                                 "数据库结构不是最新"};

constexpr db::Statement export_snapshot_sql{"app.export_snapshot", "SELECT pg_export_snapshot()"};

struct Source {
    int server_version = 0;
    std::string encoding;
    std::string owner;
    long bytes = 0;
    std::vector<std::string> migrations;
    std::vector<std::string> roles;
};
constexpr auto describe(db::RowOf<Source>) {
    return db::columns(db::column("server_version", &Source::server_version),
                       db::column("encoding", &Source::encoding), db::column("owner", &Source::owner),
                       db::column("bytes", &Source::bytes), db::column("migrations", &Source::migrations),
                       db::column("roles", &Source::roles));
}

// Roles belong to the cluster, not to the database: those that hold rights here are named, so that a restore
// into another cluster can make them before it gives the rights. The owner's own rights (audit takes no
// UPDATE of it) go over to whoever owns the restored database.
constexpr db::Statement describe_source_sql{"app.describe_source", R"sql(
    SELECT current_setting('server_version_num')::int AS server_version,
           current_setting('server_encoding') AS encoding,
           (SELECT pg_get_userbyid(relowner)::text FROM pg_class
             WHERE oid = 'public.schema_migration'::regclass) AS owner,
           pg_database_size(current_database()) AS bytes,
           (SELECT array_agg(name ORDER BY number) FROM public.schema_migration) AS migrations,
           coalesce((SELECT array_agg(DISTINCT r.rolname::text) FROM pg_shdepend d JOIN pg_roles r
                       ON r.oid = d.refobjid
                     WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype IN ('a', 'r')
                       AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())),
                    '{}') AS roles
)sql"};

/// pg_dump of one snapshot into a file, its digest taken as it passes.
File dump(const std::string& url, const std::string& snapshot, const fs::path& to, Progress& progress) {
    Pipe pipe = make_pipe();
    // Level 1: about four times as fast as the default on one core, and a fifth larger.
    Program program({(postgres_programs() / "pg_dump").string(), "--format=custom", "--compress=1",
                     "--no-owner", "--snapshot=" + snapshot},
                    db::connection_environment(url), Descriptor(), pipe.write);
    pipe.write.close();
    const Descriptor out(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    crypto::Sha256 digest;
    File file;
    std::vector<char> piece(1 << 20);
    for (ssize_t got = 0; (got = ::read(pipe.read.number(), piece.data(), piece.size())) > 0;) {
        const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
        if (::write(out.number(), bytes.data(), bytes.size()) != got) {
            throw std::system_error(errno, std::generic_category(), to.string());
        }
        digest.update(bytes);
        file.bytes += bytes.size();
        progress.add(bytes.size());
    }
    program.finish();
    file.sha256 = digest.hex();
    return file;
}

asio::awaitable<Json> dump_database(db::Pool& db, const std::string& url, const fs::path& folder,
                                    Progress& progress) {
    auto tx = co_await db.begin_snapshot();
    const auto snapshot = co_await tx.one<std::string>(export_snapshot_sql);
    const auto source = co_await tx.one<Source>(describe_source_sql);
    progress.stage("database", "导出数据库", "dumping the database",
                   static_cast<std::uint64_t>(source.bytes));
    const File file = dump(url, snapshot, folder / "database.dump", progress);
    co_await tx.commit();
    co_return Json{{"server_version", source.server_version},
                   {"encoding", source.encoding},
                   {"owner", source.owner},
                   {"database_bytes", source.bytes},
                   {"migrations", source.migrations},
                   {"roles", source.roles},
                   {"bytes", file.bytes},
                   {"sha256", file.sha256}};
}

asio::awaitable<int> note(db::Pool& db, Principal who, std::string to) {
    co_await audit::note(db, who, "app.backup.make", to);
    co_return 0;
}

fs::path prepare(const fs::path& to) {
    std::error_code none;
    if (fs::exists(to) && !fs::is_empty(to, none)) {
        throw ProblemError(
            there_already.because(to.string() + "：请换一个名称，备份从不覆盖已有内容",
                                  to.string() + ": choose another name; a backup overwrites nothing"));
    }
    fs::path making = to;
    making += ".making";
    fs::remove_all(making);  // of a backup that was cut short
    fs::create_directories(making / "files");
    fs::permissions(making, fs::perms::owner_all);
    return making;
}

bool before_snapshot(const std::string& path) {
    return path.starts_with("evidence/") || path.starts_with("keys/");
}

std::uint64_t size_of(const fs::path& var, const std::vector<std::string>& paths) {
    std::uint64_t bytes = 0;
    for (const std::string& path : paths) {
        std::error_code gone;
        const auto size = fs::file_size(var / path, gone);
        bytes += gone ? 0 : size;
    }
    return bytes;
}

}  // namespace

Json make(Cli& cli, const MakeOptions& options) {
    const fs::path to = fs::absolute(options.to).lexically_normal();
    const Runtime& runtime = cli.runtime();
    const std::string& url = runtime.config.database_url;
    if (const auto pending = db::pending_migrations(url); !pending.empty()) {
        throw ProblemError(old_schema.because("请先运行 pengcheng migrate", "run pengcheng migrate first"));
    }
    const fs::path making = prepare(to);
    const fs::path& var = runtime.config.var;
    Progress progress(options.progress, cli.chinese);
    const Principal who = cli.principal();
    run_blocking<int>(url, [&](db::Pool& db) { return note(db, who, to.string()); });

    Tree tree;
    auto early = paths_of_var(var, options.keys);
    std::erase_if(early, [](const std::string& path) { return !before_snapshot(path); });
    copy_files(var, making / "files", early, tree, progress);
    const Json database =
        run_blocking<Json>(url, [&](db::Pool& db) { return dump_database(db, url, making, progress); });
    auto late = paths_of_var(var, false);
    std::erase_if(late, before_snapshot);
    progress.stage("files", "复制文件", "copying files", size_of(var, late));
    copy_files(var, making / "files", late, tree, progress);

    const std::string list = list_text(tree);
    write_file(making / "files.jsonl", list);
    Json manifest{{"format", format},
                  {"program", "pengcheng 0.1.0"},
                  {"created_at", to_rfc3339(runtime.now())},
                  {"database", database},
                  {"files",
                   {{"count", tree.files.size()},
                    {"bytes", tree.bytes},
                    {"vanished", tree.vanished},
                    {"keys", options.keys},
                    {"sha256", crypto::sha256_hex(list)}}}};
    write_file(making / "manifest.json", manifest.dump(2) + "\n");
    flush_disk(making);
    fs::remove(to);  // empty, if there
    fs::rename(making, to);
    manifest["folder"] = to.string();
    return manifest;
}

PENGCHENG_STATEMENTS(export_snapshot_sql, describe_source_sql);

}  // namespace pengcheng::app::backup
