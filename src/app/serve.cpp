#include "app/serve.hpp"

#include "app/cluster.hpp"
#include "app/compose.hpp"
#include "app/run_blocking.hpp"
#include "app/signals.hpp"
#include "app/var_lock.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/audit/sealer.hpp>
#include <pengcheng/base/log.hpp>
#include <pengcheng/db/changes.hpp>
#include <pengcheng/db/migrate.hpp>
#include <pengcheng/http/server.hpp>
#include <pengcheng/identity/identity.hpp>
#include <pengcheng/identity/key_check.hpp>
#include <pengcheng/jobs/jobs.hpp>
#include <pengcheng/packs/packs.hpp>
#include <pengcheng/pages/pages.hpp>

#include <fstream>
#include <iostream>

#include <sys/stat.h>
#include <unistd.h>

namespace pengcheng::app {

namespace {

void load_pack_and_calendar(Runtime& runtime, const std::filesystem::path& pack) {
    using boost::asio::awaitable;
    if (!pack.empty()) {
        run_blocking<Json>(runtime.config.database_url,
                           [&](db::Pool& db) { return packs::apply(db, Principal::system("start"), pack); });
    }
    runtime.calendar = run_blocking<WorkCalendar>(runtime.config.database_url,
                                                  [](db::Pool& db) { return packs::load_calendar(db); });
}

boost::asio::awaitable<void> note_refusal(db::Pool& db, Principal who, std::string permission,
                                          std::string path) {
    Json detail = {{"permission", permission}};
    co_await audit::note(db, who, "http.access.refuse", path, std::move(detail));
}

boost::asio::awaitable<std::vector<http::Gauge>> job_gauges(db::Pool& db) {
    jobs::Gauges found = co_await jobs::gauges(db);
    std::vector<http::Gauge> out;
    auto by_kind = [&](const char* name, const char* help, std::int64_t jobs::KindGauge::* figure) {
        for (const jobs::KindGauge& kind : found.kinds) {
            out.push_back({name, help, {{"kind", kind.kind}}, static_cast<double>(kind.*figure)});
        }
    };
    by_kind("pengcheng_jobs_queued", "Jobs that wait, by kind", &jobs::KindGauge::queued);
    by_kind("pengcheng_jobs_running", "Jobs at work, by kind", &jobs::KindGauge::running);
    by_kind("pengcheng_jobs_dead", "Jobs given up, by kind", &jobs::KindGauge::dead);
    out.push_back(
        {"pengcheng_jobs_oldest_queued_seconds", "How long the oldest job waits", {}, found.oldest_queued_s});
    co_return out;
}

http::Gate gate_of(const Runtime& runtime) {
    http::Gate gate = identity::gate(runtime);
    gate.refused = [](db::Pool& db, Principal who, std::string permission, std::string path) {
        return note_refusal(db, std::move(who), std::move(permission), std::move(path));
    };
    gate.error_page = [&runtime](const Problem& problem, bool chinese) {
        return pages::error_html(problem, chinese, runtime.config);
    };
    return gate;
}

/// Lost keys are no reason to stay down, so this is said and not refused.
void warn_of_foreign_keys(const Runtime& runtime) {
    const auto folder = runtime.config.var / "keys";
    const auto foreign = run_blocking<std::string>(
        runtime.config.database_url, [&](db::Pool& db) { return identity::foreign_key_file(db, folder); });
    if (!foreign.empty()) {
        log::error("identity.keys-foreign", {{"file", foreign}, {"remedy", "pengcheng doctor"}});
    }
}

}  // namespace

int serve(Config config, const std::filesystem::path& pack) {
    umask(0077);
    drop_privileges(config);
    std::filesystem::create_directories(config.var);
    lock_var(config.var);
    sigset_t signals = block_signals();

    std::optional<Cluster> cluster;
    if (config.database_url.empty()) {
        cluster.emplace(config);
        cluster->start();
        config.database_url = cluster->url();
    }
    db::MigrationState schema = db::migrate(config.database_url);
    Clock clock;
    Runtime runtime{.config = config, .clock = &clock};
    load_pack_and_calendar(runtime, pack);

    warn_of_foreign_keys(runtime);
    audit::Sealer sealer(runtime);
    jobs::Runner runner(runtime, all_jobs(runtime));
    db::Listener listener(config.database_url);
    http::Server server(runtime, all_routes(), gate_of(runtime), job_gauges);
    sealer.start();
    runner.start();
    listener.start();
    server.start();
    std::ofstream(config.var / "server.pid") << getpid() << '\n';
    std::string address =
        (config.tls() ? "https://" : "http://") + config.listen_host + ":" + std::to_string(server.port());
    log::info("server.ready", {{"address", address}, {"schema", std::to_string(schema.current)}});
    std::cout << "ready " << address << std::endl;

    int signal = serve_until_stopped(signals, config, server);
    log::info("server.stopping", {{"signal", std::to_string(signal)}});
    server.stop();
    listener.stop();
    runner.stop();
    sealer.stop();
    if (cluster) {
        cluster->stop();
    }
    std::filesystem::remove(config.var / "server.pid");
    log::info("server.stopped");
    return 0;
}

}  // namespace pengcheng::app
