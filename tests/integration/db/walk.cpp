#include "db/walk.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/pool.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace pengcheng::test {

namespace fs = std::filesystem;

std::unique_ptr<WireProxy> WalkTest::proxy_;
void (*WalkTest::put_right_)() = nullptr;
std::set<std::string> WalkTest::walked_;
int WalkTest::failures_ = 0;
std::unique_ptr<PGconn, decltype(&PQfinish)> WalkTest::observer_{nullptr, PQfinish};

namespace {

std::string route_of(const std::string& method, const std::string& target) {
    static const http::Routes routes = app::all_routes();
    static const http::Router router(routes);
    http::Match match = router.find(method, target.substr(0, target.find('?')));
    return method + " " + std::string(match.route == nullptr ? "?" : match.route->path);
}

/// The name that the statement has in the code, or its SQL.
std::string name_of(const std::string& sql) {
    static const std::map<std::string_view, std::string_view> names = [] {
        std::map<std::string_view, std::string_view> out;
        for (const db::Statement& statement : db::StatementList::all()) {
            out[statement.sql] = statement.name;
        }
        return out;
    }();
    auto found = names.find(sql);
    return found == names.end() ? sql : std::string(found->second);
}

std::string files_below(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::recursive_directory_iterator(folder, none)) {
        std::string name = fs::relative(entry.path(), folder).string();
        bool own = name.starts_with("keys/") || name.starts_with("evidence/") || name.starts_with("server.");
        if (entry.is_regular_file() && !own) {
            names.push_back(name);
        }
    }
    std::ranges::sort(names);
    return join(names, "\n");
}

}  // namespace

void WalkTest::SetUpTestSuite() {
    std::string folder = "/tmp/pcw-XXXXXX";
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    fs::permissions(folder, fs::perms::all);
    proxy_ = std::make_unique<WireProxy>(Server::cluster(), folder);
    server_ = Server::start({.database_host = folder});
}

void WalkTest::TearDownTestSuite() {
    fs::path folder = server_->options.database_host;
    observer_.reset();
    server_.reset();
    proxy_.reset();
    fs::remove_all(folder);
}

std::string WalkTest::fingerprint() {
    if (!observer_) {
        // Asked some thousand times, so on one connection and planned once.
        std::string tables = sql(R"sql(
            SELECT string_agg(format('SELECT %L || count(*) || coalesce(md5(string_agg(x, '''' ORDER BY x)), '''')
                AS line FROM (SELECT (to_jsonb(t) - ''{last_seen_at}''::text[])::text AS x FROM %I.%I t) AS rows',
                schemaname || '.' || tablename || ' ', schemaname, tablename), ' UNION ALL ')
              FROM pg_tables
             WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public', 'http', 'store')
               AND schemaname || '.' || tablename NOT IN ('audit.pending', 'audit.seal', 'audit.checkpoint',
                                                          'services.case_serial'))sql");
        tables += " UNION ALL SELECT 'store.' || tablename FROM pg_tables WHERE schemaname = 'store'";
        observer_.reset(PQconnectdb(server_->url().c_str()));
        PQclear(PQprepare(observer_.get(), "all", tables.c_str(), 0, nullptr));
    }
    std::unique_ptr<PGresult, decltype(&PQclear)> rows(
        PQexecPrepared(observer_.get(), "all", 0, nullptr, nullptr, nullptr, 0), PQclear);
    if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) {
        throw std::runtime_error(PQresultErrorMessage(rows.get()));
    }
    std::vector<std::string> lines;
    for (int row = 0; row < PQntuples(rows.get()); ++row) {
        lines.emplace_back(PQgetvalue(rows.get(), row, 0));
    }
    std::ranges::sort(lines);
    return join(lines, "\n") + "\n" + files_below(server_->var);
}

Reply WalkTest::walk(const Client& client, const std::string& method, const std::string& target,
                     const std::string& bytes, const std::string& type) {
    constexpr int statements_max = 200;
    while (sql("SELECT count(*) FROM jobs.job WHERE state IN ('queued', 'running') AND run_at <= now()") !=
           "0") {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // what an earlier call left to do
    }
    auto put_right = [] {
        if (put_right_ != nullptr) {
            put_right_();
        }
    };
    put_right();
    const std::string before = fingerprint();
    for (int n = 1; n <= statements_max; ++n) {
        proxy_->arm(n, WireProxy::Fault::refuse);
        Reply reply = client.send(method, target, bytes, type);
        WireProxy::Seen seen = proxy_->disarm();
        if (!seen.fired) {
            EXPECT_LT(reply.status, 400) << method << ' ' << target << ' ' << reply.body;
            EXPECT_GT(n, 1) << method << ' ' << target << " runs no statement";
            walked_.insert(route_of(method, target));
            return reply;
        }
        ++failures_;
        std::string where = method + " " + target + ", statement " + std::to_string(n) + " (" +
                            name_of(seen.statements.back()) + ")";
        EXPECT_GE(reply.status, 500) << where << " was refused, yet: " << reply.body;
        put_right();
        std::string after = fingerprint();
        EXPECT_EQ(after, before) << where << " left something half done";
        if (reply.status < 500 || after != before) {
            return reply;
        }
    }
    throw std::runtime_error(method + " " + target + " never ends");
}

Reply WalkTest::walk(const Client& client, const std::string& method, const std::string& target,
                     const Json& body) {
    return walk(client, method, target, body.dump(), "application/json");
}

Reply WalkTest::persist(const Client& client, const std::string& target, const Json& body) {
    Reply reply;
    for (int i = 0; i < 300; ++i) {
        reply = client.post(target, body);
        bool still_at_work = reply.json.value("type", "") == "/problems/http.idempotency-busy";
        if (reply.status < 500 && !still_at_work) {
            return reply;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return reply;
}

}  // namespace pengcheng::test
