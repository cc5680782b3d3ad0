#include "app/cluster.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/db/migrate.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pengcheng::app {

namespace fs = std::filesystem;

namespace {

constexpr ProblemType cluster_failed{"app.cluster", 500, "The embedded PostgreSQL cannot run",
                                     "内置 PostgreSQL 无法运行"};
constexpr ProblemType no_user{"app.no-user", 500, "There is no ordinary user to run as",
                              "没有可用于运行服务的普通用户"};

/// A unix socket's path holds 107 bytes with PostgreSQL's own file name in it.
constexpr std::size_t socket_folder_bytes_max = 107 - sizeof("/.s.PGSQL.5432");

/// Runs a program with its output in `log`; -> exit status.
int run(const std::vector<std::string>& command, const fs::path& log) {
    pid_t child = fork();
    if (child == 0) {
        int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(null, 0);
        dup2(out, 1);
        dup2(out, 2);
        // pg_ctl's postmaster outlives us: keep our sockets and files out of it.
        closefrom(3);
        setsid();
        std::vector<char*> argv;
        for (const std::string& word : command) {
            argv.push_back(const_cast<char*>(word.c_str()));
        }
        argv.push_back(nullptr);
        execv(argv[0], argv.data());
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void must(int status, const std::string& what, const fs::path& log) {
    if (status != 0) {
        std::string where = log.string();
        throw ProblemError(
            cluster_failed.because(what + " 失败，详见 " + where, what + " failed, see " + where));
    }
}

}  // namespace

fs::path postgres_programs() {
    fs::path best;
    int newest = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
        auto version = to_int(entry.path().filename().string());
        if (version && *version > newest && fs::exists(entry.path() / "bin/initdb")) {
            newest = static_cast<int>(*version);
            best = entry.path() / "bin";
        }
    }
    if (best.empty()) {
        throw ProblemError(cluster_failed.because(
            "没有找到 PostgreSQL 程序，请安装 postgresql-15，或设置 PENGCHENG_DATABASE_URL",
            "no PostgreSQL binaries; install postgresql-15 or set PENGCHENG_DATABASE_URL"));
    }
    return best;
}

Cluster::Cluster(const Config& config)
    : root_(config.var / "pg"), data_(root_ / "data"), binaries_(postgres_programs()) {
    socket_folder_ = root_ / "run";
    if (socket_folder_.string().size() > socket_folder_bytes_max) {
        std::size_t hash = std::hash<std::string>{}(root_.string());
        socket_folder_ = "/tmp/pengcheng-" + std::to_string(geteuid()) + "-" + std::to_string(hash);
    }
}

std::string Cluster::url(const std::string& database) const {
    // All of it said, so that PGPORT and the like of another cluster do not lead there.
    return "host=" + socket_folder_.string() + " port=5432 user=pengcheng dbname=" + database;
}

bool Cluster::running() const {
    if (!fs::exists(data_ / "postmaster.pid")) {
        return false;
    }
    return run({(binaries_ / "pg_ctl").string(), "-D", data_.string(), "status"}, "/dev/null") == 0;
}

void Cluster::create() {
    fs::path log = root_ / "initdb.log";
    fs::path making = root_ / "data.making";
    fs::remove_all(making);  // an initdb that was cut short
    must(run({(binaries_ / "initdb").string(), "-D", making.string(), "-U", "pengcheng", "--auth=trust",
              "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh-Hans-CN"},
             log),
         "initdb", log);
    std::ofstream settings(making / "postgresql.auto.conf", std::ios::app);
    settings << "listen_addresses = ''\n"
             << "unix_socket_permissions = 0700\n"
             << "max_connections = 100\n"
             << "max_locks_per_transaction = 256\n"  // a restore makes every table in one transaction
             << "shared_buffers = 256MB\n"
             << "max_wal_size = 2GB\n"
             << "timezone = 'Asia/Shanghai'\n";
    settings.close();
    fs::rename(making, data_);
}

void Cluster::start() {
    fs::create_directories(root_);
    fs::permissions(root_, fs::perms::owner_all);
    fs::create_directories(socket_folder_);
    fs::permissions(socket_folder_, fs::perms::owner_all);
    if (!fs::exists(data_)) {
        create();
    }
    if (!running()) {
        fs::path log = root_ / "postgresql.log";
        std::string options = "-c unix_socket_directories='" + socket_folder_.string() + "' -c port=5432";
        must(run({(binaries_ / "pg_ctl").string(), "-D", data_.string(), "-l", log.string(), "-w", "-t", "60",
                  "-o", options, "start"},
                 root_ / "pg_ctl.log"),
             "pg_ctl start", log);
    }
    if (db::query_text(url("postgres"), "SELECT 1 FROM pg_database WHERE datname = 'pengcheng'").empty()) {
        db::query_text(url("postgres"), "CREATE DATABASE pengcheng");
    }
}

void Cluster::stop() {
    if (running()) {
        run({(binaries_ / "pg_ctl").string(), "-D", data_.string(), "-m", "fast", "-w", "stop"},
            root_ / "pg_ctl.log");
    }
}

void drop_privileges(const Config& config) {
    if (geteuid() != 0) {
        return;
    }
    const passwd* user = getpwnam("pengcheng");
    if (user == nullptr) {
        throw ProblemError(
            no_user.because("请先运行：useradd --system --user-group --home-dir /nonexistent --shell "
                            "/usr/sbin/nologin pengcheng",
                            "run: useradd --system --user-group --home-dir /nonexistent --shell "
                            "/usr/sbin/nologin pengcheng"));
    }
    fs::create_directories(config.var);
    struct stat owner{};
    if (stat(config.var.c_str(), &owner) == 0 && owner.st_uid != user->pw_uid) {
        if (chown(config.var.c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw ProblemError(
                no_user.because("无法把数据目录交给用户 pengcheng", "cannot give var to the user pengcheng"));
        }
    }
    if (initgroups("pengcheng", user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0) {
        throw ProblemError(no_user.because("无法切换到用户 pengcheng", "cannot become the user pengcheng"));
    }
    setenv("HOME", config.var.c_str(), 1);
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
    // Its leak check attaches to this process, which the kernel refuses after a change of user.
    prctl(PR_SET_DUMPABLE, 1);
#endif
#endif
}

}  // namespace pengcheng::app
