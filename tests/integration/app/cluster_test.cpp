#include "app/process.hpp"
#include "sanitizer.hpp"

#include <pengcheng/db/migrate.hpp>

#include <chrono>
#include <fstream>

namespace pengcheng::test {

namespace {

namespace fs = std::filesystem;

pid_t postmaster_of(const fs::path& var) {
    std::ifstream file(var / "pg/data/postmaster.pid");
    pid_t pid = 0;
    file >> pid;
    return pid;
}

/// Of /proc/PID/status, in MB.
long resident_mb(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmRSS:")) {
            return std::stol(line.substr(6)) / 1024;
        }
    }
    return 0;
}

/// Gone, or only left for a process 1 to collect that takes its time.
bool ended(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    return text.empty() || text.substr(text.rfind(')') + 2, 1) == "Z";
}

}  // namespace

/// The life of the embedded cluster, in a folder whose socket path would be too long, beside the environment
/// of somebody else's cluster.
TEST(EmbeddedCluster, IsMadeKilledAdoptedAndStopped) {
    Scratch scratch;
    const fs::path deep = scratch.folder / std::string(60, 'd') / std::string(40, 'e');
    fs::create_directories(deep);
    for (fs::path folder = deep; folder != scratch.folder; folder = folder.parent_path()) {
        fs::permissions(folder, fs::perms::all);
    }
    const Environment environment{{"PENGCHENG_VAR", (deep / "v").string()},
                                  {"PENGCHENG_LISTEN", "127.0.0.1:0"},
                                  {"PENGCHENG_DATABASE_URL", ""},
                                  {"PGPORT", "1"},
                                  {"PGHOST", "/nonexistent"},
                                  {"PGDATA", "/nonexistent"},
                                  {"PGDATABASE", "postgres"}};
    const auto log = scratch.folder / "log";
    const std::vector<std::string> serve{"serve", "--pack",
                                         (source_folder() / "config/packs/xuzhou").string()};
    const auto debian = [] {
        return fs::exists("/etc/postgresql") ? fs::last_write_time("/etc/postgresql") : fs::file_time_type();
    };
    const auto debian_before = debian();

    auto server = serve_in(environment, log, serve);
    const pid_t postmaster = postmaster_of(deep / "v");
    ASSERT_GT(postmaster, 0);
    std::ifstream arguments(deep / "v/pg/data/postmaster.pid");
    std::vector<std::string> lines;
    for (std::string line; std::getline(arguments, line);) {
        lines.push_back(line);
    }
    ASSERT_GE(lines.size(), 6U);
    const std::string socket = lines[4];
    EXPECT_LT(socket.size() + sizeof("/.s.PGSQL.5432"), 108U);
    EXPECT_EQ(fs::status(socket).permissions(), fs::perms::owner_all);
    const std::string url = "host=" + socket + " port=5432 user=pengcheng dbname=pengcheng";
    EXPECT_EQ(db::query_text(url, "SHOW fsync"), "on");
    EXPECT_EQ(db::query_text(url, "SHOW listen_addresses"), "");
    EXPECT_EQ(db::query_text(url,
                             "SELECT datlocprovider::text || ' ' || daticulocale FROM pg_database"
                             " WHERE datname = current_database()"),
              "i zh-Hans-CN");
    EXPECT_EQ(server->anonymous().get("/readyz").status, 200);
    if constexpr (!sanitized) {  // whose shadow memory is several times that
        EXPECT_LT(resident_mb(server->process), 80) << "idle memory";
    }
    RecordProperty("idle_rss_mb", static_cast<int>(resident_mb(server->process)));

    server->kill();
    ASSERT_FALSE(ended(postmaster)) << "the cluster went with its server";
    server = serve_in(environment, log, serve);
    EXPECT_EQ(postmaster_of(deep / "v"), postmaster) << "not adopted";
    server->stop();
    EXPECT_TRUE(ended(postmaster)) << "the cluster outlived its server";

    const auto from = std::chrono::steady_clock::now();
    server = serve_in(environment, log, serve);
    const auto took = std::chrono::steady_clock::now() - from;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    RecordProperty("start_ms", static_cast<int>(ms));
    std::cout << "start to ready on an existing database: " << ms << " ms, idle "
              << resident_mb(server->process) << " MB\n";
    EXPECT_LT(ms, patience * 10'000);  // 1 s on a machine that does nothing else; this one may be busy
    server->stop();
    EXPECT_EQ(debian(), debian_before);
    fs::remove_all(socket);
}

}  // namespace pengcheng::test
