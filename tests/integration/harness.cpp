#include "harness.hpp"

#include "app/compose.hpp"
#include "http/router.hpp"
#include "sanitizer.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/db/migrate.hpp>
#include <pengcheng/http/schema.hpp>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pengcheng::test {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace fs = std::filesystem;

fs::path program() {
    return fs::read_symlink("/proc/self/exe").parent_path() / "pengcheng";
}

struct Child {
    pid_t pid = -1;
    int out = -1;
    int in = -1;
};

Child launch(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
             const fs::path& log) {
    int out[2];
    int in[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(in, O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe");
    }
    pid_t child = fork();
    if (child == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        int errors = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
        dup2(errors, 2);
        for (const auto& [name, value] : environment) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        std::vector<char*> argv;
        std::string path = program().string();
        argv.push_back(path.data());
        for (const std::string& word : arguments) {
            argv.push_back(const_cast<char*>(word.c_str()));
        }
        argv.push_back(nullptr);
        execv(path.c_str(), argv.data());
        _exit(127);
    }
    close(out[1]);
    close(in[0]);
    return {child, out[0], in[1]};
}

/// Reads until `until` appears in a line or the stream ends; -> that line.
std::string wait_for_line(int from, std::string_view until, int seconds_max) {
    std::string text;
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(seconds_max);
    while (std::chrono::steady_clock::now() < deadline) {
        pollfd ready{.fd = from, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, 200) <= 0) {
            continue;
        }
        std::array<char, 512> piece{};
        ssize_t got = read(from, piece.data(), piece.size());
        if (got <= 0) {
            break;
        }
        text.append(piece.data(), static_cast<std::size_t>(got));
        std::size_t at = text.find(until);
        std::size_t end = at == std::string::npos ? at : text.find('\n', at);
        if (end != std::string::npos) {
            return text.substr(at, end - at);
        }
    }
    throw std::runtime_error("the server did not say '" + std::string(until) + "': " + text);
}

/// The cluster, template database and accounts shared by every suite of this process.
class Ground {
public:
    static Ground& get() {
        static Ground ground;
        return ground;
    }

    [[nodiscard]] std::string url(const std::string& database) const {
        return "host=" + (folder_ / "h/pg/run").string() + " user=pengcheng dbname=" + database;
    }
    [[nodiscard]] const fs::path& folder() const { return folder_; }
    int next() { return ++count_; }

private:
    Ground() {
        std::string pattern = "/tmp/pct-XXXXXX";
        folder_ = mkdtemp(pattern.data());
        fs::permissions(folder_, fs::perms::all);
        std::map<std::string, std::string> environment = {{"PENGCHENG_VAR", (folder_ / "h").string()},
                                                          {"PENGCHENG_LISTEN", "127.0.0.1:0"},
                                                          {"PENGCHENG_DATABASE_URL", ""}};
        Child host = launch({"serve", "--pack", (source_folder() / "config/packs/xuzhou").string()},
                            environment, folder_ / "host.log");
        wait_for_line(host.out, "ready ", 120);
        make_accounts(environment);
        // Killed, not stopped: the cluster lives on and serves every suite.
        ::kill(host.pid, SIGKILL);
        waitpid(host.pid, nullptr, 0);
        db::query_text(
            url("postgres"),
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'pengcheng'");
    }

    ~Ground() {
        std::ifstream file(folder_ / "h/pg/data/postmaster.pid");
        pid_t postmaster = 0;
        if (file >> postmaster) {
            ::kill(postmaster, SIGQUIT);
            for (int i = 0; i < 100 && ::kill(postmaster, 0) == 0; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        }
        if (std::getenv("PENGCHENG_KEEP") == nullptr) {
            std::error_code ignored;
            fs::remove_all(folder_, ignored);
        }
    }

    void make_accounts(const std::map<std::string, std::string>& environment) {
        struct Account {
            std::string name, organization, role;
        };
        const std::vector<Account> accounts = {
            {"market_officer", std::string(market), "data_officer"},
            {"market_provider", std::string(market), "provider_officer"},
            {"market_case", std::string(market), "case_officer"},
            {"civil_officer", std::string(civil), "data_officer"},
            {"civil_provider", std::string(civil), "provider_officer"},
            {"civil_case", std::string(civil), "case_officer"},
            {"reviewer", std::string(bureau), "reviewer"},
            {"reviewer2", std::string(bureau), "reviewer"},
            {"window", std::string(bureau), "window_staff"},
            {"system_admin", "", "system_admin"},
            {"security_admin", "", "security_admin"},
            {"audit_admin", "", "audit_admin"},
        };
        for (const Account& account : accounts) {
            std::vector<std::string> arguments = {
                "--json",         "user",       "add",    "--username", account.name,
                "--display-name", account.name, "--role", account.role, "--password-stdin"};
            if (!account.organization.empty()) {
                arguments.insert(arguments.end(), {"--organization", account.organization});
            }
            Child child = launch(arguments, environment, folder_ / "host.log");
            std::string line = std::string(password) + "\n";
            if (write(child.in, line.data(), line.size()) < 0) {
                throw std::runtime_error("cannot hand over the password");
            }
            close(child.in);
            int status = 0;
            waitpid(child.pid, &status, 0);
            if (status != 0) {
                std::array<char, 2000> text{};
                ssize_t got = read(child.out, text.data(), text.size() - 1);
                throw std::runtime_error(
                    "user add failed: " +
                    std::string(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0));
            }
            close(child.out);
        }
    }

    fs::path folder_;
    int count_ = 0;
};

struct Contract {
    http::Routes routes = app::all_routes();
    http::Router router{routes};
    http::Schemas schemas{routes};
    static const Contract& get() {
        static const Contract contract;
        return contract;
    }
};

/// Every JSON reply of a declared route must fit its schema.
void expect_declared(const std::string& method, const std::string& target, const Reply& reply) {
    http::Match match = Contract::get().router.find(method, target.substr(0, target.find('?')));
    bool json = reply.header("content-type").starts_with("application/json");
    bool bare = match.route == nullptr || match.route->reply == nullptr || method == "HEAD";
    if (bare || !json || reply.status >= 300) {
        return;
    }
    for (const FieldError& error : Contract::get().schemas.check(match.route->reply->name, reply.json)) {
        ADD_FAILURE() << method << ' ' << target << " answers outside its schema " << match.route->reply->name
                      << ": " << error.pointer << ' ' << error.detail_en << '\n'
                      << reply.body.substr(0, 2000);
    }
}

/// What came after the head of a reply that has no body: the server closes, so everything.
std::string rest_of(asio::ip::tcp::socket& socket, beast::flat_buffer& buffer) {
    boost::system::error_code ended;
    while (!ended) {
        buffer.commit(socket.read_some(buffer.prepare(4096), ended));
    }
    return beast::buffers_to_string(buffer.data());
}

}  // namespace

std::string Reply::header(const std::string& name) const {
    auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
}

Client Client::if_match(std::int64_t version) const {
    return header("If-Match", "\"" + std::to_string(version) + "\"");
}

Client Client::header(std::string name, std::string value) const {
    Client copy = *this;
    copy.headers.emplace_back(std::move(name), std::move(value));
    return copy;
}

Client Client::without_csrf() const {
    Client copy = *this;
    copy.csrf.clear();
    return copy;
}

Reply Client::get(const std::string& target) const {
    return send("GET", target, "");
}
Reply Client::post(const std::string& target, const Json& body) const {
    return send("POST", target, body.dump(), "application/json");
}
Reply Client::put(const std::string& target, const Json& body) const {
    return send("PUT", target, body.dump(), "application/json");
}
Reply Client::patch(const std::string& target, const Json& body) const {
    return send("PATCH", target, body.dump(), "application/json");
}
Reply Client::remove(const std::string& target) const {
    return send("DELETE", target, "");
}
Reply Client::post_bytes(const std::string& target, const std::string& bytes, const std::string& type) const {
    return send("POST", target, bytes, type);
}

Reply Client::send(const std::string& method, const std::string& target, const std::string& bytes,
                   const std::string& type) const {
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(server->port)});
    beast::http::request<beast::http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.version(11);
    request.set("Host", "127.0.0.1:" + std::to_string(server->port));
    request.set("Connection", "close");
    if (!type.empty()) {
        request.set("Content-Type", type);
    }
    for (const auto& [name, value] : headers) {
        request.set(name, value);
    }
    if (!csrf.empty() && method != "GET") {
        request.set("X-CSRF-Token", csrf);
    }
    if (method != "GET") {
        request.body() = bytes;
        request.prepare_payload();
    }
    boost::system::error_code sent;
    beast::http::write(socket, request, sent);  // a refusal may come before the body is through
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(1ULL << 30);
    parser.skip(method == "HEAD");
    beast::http::read(socket, buffer, parser);
    Reply reply;
    reply.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
        reply.headers[lower_ascii(std::string_view(field.name_string().data(), field.name_string().size()))] =
            std::string(field.value());
    }
    reply.body = method == "HEAD" ? rest_of(socket, buffer) : parser.get().body();
    if (reply.header("content-type").find("json") != std::string::npos) {
        reply.json = Json::parse(reply.body, nullptr, false);
    }
    expect_declared(method, target, reply);
    return reply;
}

std::shared_ptr<Server> Server::start(ServerOptions options) {
    auto server = make(std::move(options));
    server->restart();
    return server;
}

std::shared_ptr<Server> Server::make(ServerOptions options) {
    auto server = std::make_shared<Server>();
    server->weak = server;
    server->options = std::move(options);
    Ground& ground = Ground::get();
    server->database = "t" + std::to_string(ground.next());
    server->var = ground.folder() / server->database;
    std::string from = server->options.empty_database ? "template0" : "pengcheng";
    db::query_text(ground.url("postgres"), "CREATE DATABASE " + server->database + " TEMPLATE " + from);
    fs::create_directories(server->var);
    return server;
}

void Server::restart() {
    std::vector<std::string> arguments;
    if (!options.settings.empty()) {
        fs::path file = var.parent_path() / (database + ".yaml");
        std::ofstream(file) << options.settings;
        arguments = {"--config", file.string()};
    }
    if (!config.empty()) {
        arguments = {"--config", config.string()};
    }
    arguments.emplace_back("serve");
    std::string host = options.database_host.empty() ? cluster().string() : options.database_host;
    Child child = launch(arguments,
                         {{"PENGCHENG_VAR", var.string()},
                          {"PENGCHENG_DATABASE_URL", "host=" + host + " user=pengcheng dbname=" + database},
                          {"PENGCHENG_LISTEN", "127.0.0.1:" + std::to_string(port)}},
                         log());
    process = child.pid;
    close(child.in);
    std::string line = wait_for_line(child.out, "ready ", 60);
    if (port == 0) {
        port = static_cast<int>(to_int(line.substr(line.rfind(':') + 1)).value_or(0));
    }
}

fs::path Server::log() const {
    return var.parent_path() / (database + ".log");
}

fs::path Server::cluster() {
    return Ground::get().folder() / "h/pg/run";
}

void Server::restart_cluster(const std::string& mode) {
    std::string data = (Ground::get().folder() / "h/pg/data").string();
    std::string as_owner = geteuid() == 0 ? "setpriv --reuid pengcheng --regid pengcheng --init-groups " : "";
    std::string command = as_owner + "/usr/lib/postgresql/15/bin/pg_ctl -D " + data + " -l " + data +
                          "/../postgresql.log -m " + mode + " -w -t 60 restart >/dev/null 2>&1 </dev/null";
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error("the cluster did not restart");
    }
}

Server::~Server() {
    signed_in.clear();
    if (sanitized && process > 0) {
        stop();  // a process that is killed looks for no leaks
    }
    kill();
}

void Server::kill() {
    if (process > 0) {
        ::kill(process, SIGKILL);
        waitpid(process, nullptr, 0);
        process = -1;
    }
}

void Server::stop() {
    constexpr int wait_ms_max = 30'000 * patience;
    ::kill(process, SIGTERM);
    int ended = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
    pollfd exit{.fd = ended, .events = POLLIN, .revents = 0};
    if (::poll(&exit, 1, wait_ms_max) != 1) {
        ADD_FAILURE() << database << " did not stop within " << wait_ms_max << " ms";
        ::kill(process, SIGKILL);
    }
    close(ended);
    int status = -1;
    waitpid(process, &status, 0);
    process = -1;
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << database << ": wait status " << status;
}

std::string Server::sql(const std::string& statement) const {
    return db::query_text(url(), statement);
}
std::string Server::url() const {
    return Ground::get().url(database);
}

Client Server::anonymous() {
    Client client;
    client.server = weak.lock();
    return client;
}

Client Server::bearer(const std::string& token) {
    return anonymous().header("Authorization", "Bearer " + token);
}

Client Server::as(const std::string& username) {
    auto found = signed_in.find(username);
    if (found == signed_in.end()) {
        Client client = anonymous();
        Reply reply = client.post("/api/v1/session", {{"username", username}, {"password", password}});
        if (reply.status != 200) {
            throw std::runtime_error("sign-in of " + username + ": " + reply.body);
        }
        std::string cookie = reply.header("set-cookie");
        Client made = client.header("Cookie", cookie.substr(0, cookie.find(';')));
        made.csrf = reply.json["csrf_token"];
        made.server.reset();  // the map must not keep its own server alive
        found = signed_in.emplace(username, made).first;
    }
    Client client = found->second;
    client.server = weak.lock();
    return client;
}

CommandRun cli(const Server& server, const std::vector<std::string>& arguments, const std::string& input) {
    Child child =
        launch(arguments, {{"PENGCHENG_VAR", server.var.string()}, {"PENGCHENG_DATABASE_URL", server.url()}},
               server.log());
    if (!input.empty() && write(child.in, input.data(), input.size()) < 0) {
        throw std::runtime_error("cannot write to the command");
    }
    close(child.in);
    CommandRun run;
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = read(child.out, piece.data(), piece.size())) > 0;) {
        run.out.append(piece.data(), static_cast<std::size_t>(got));
    }
    close(child.out);
    int status = 0;
    waitpid(child.pid, &status, 0);
    run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return run;
}

fs::path source_folder() {
    return fs::path(PENGCHENG_SOURCE_FOLDER);
}

fs::path test_data(const std::string& name) {
    const char* given = std::getenv("PENGCHENG_TEST_DATA");
    fs::path folder = given != nullptr ? fs::path(given) : source_folder() / "../shared/data";
    return folder / name;
}

bool test_data_missing() {
    const char* ci = std::getenv("CI");
    bool must = ci != nullptr && std::string_view(ci) == "true";
    return !must && !fs::is_directory(test_data("."));
}

std::string read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + file.string());
    }
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::shared_ptr<Server> ServerTest::server_;

ServerTest::ServerTest() {
    std::error_code none_yet;
    std::uintmax_t size = fs::file_size(server_->log(), none_yet);
    log_begin_ = none_yet ? 0 : size;
}

void ServerTest::TearDown() {
    if (!HasFailure()) {
        return;
    }
    constexpr int lines_max = 40;
    std::ifstream log(server_->log());
    log.seekg(static_cast<std::streamoff>(log_begin_));
    int lines = 0;
    for (std::string line; std::getline(log, line) && lines < lines_max;) {
        if (line.find(R"("level":"error")") != std::string::npos) {
            std::cout << "the server: " << line << '\n';
            ++lines;
        }
    }
}

std::string ServerTest::dump(const std::vector<std::string>& schemas) {
    // Records are linked, signed and verified behind, whoever wrote them.
    const std::string moving = "('audit.pending', 'audit.seal', 'audit.checkpoint', 'audit.verification')";
    std::string out;
    for (const std::string& schema : schemas) {
        std::string tables =
            sql("SELECT coalesce(string_agg(quote_ident(tablename), ',' ORDER BY tablename), '') "
                "FROM pg_tables WHERE schemaname = '" +
                schema + "' AND schemaname || '.' || tablename NOT IN " + moving);
        for (std::string_view table : split(tables, ',')) {
            std::string name = schema + "." + std::string(table);
            out += name + " " +
                   sql("SELECT count(*) || ' ' || coalesce(md5(string_agg(row, '|' ORDER BY row)), '') "
                       "FROM (SELECT (to_jsonb(the_row) - 'last_seen_at')::text AS row FROM " +
                       name + " the_row) AS rows") +
                   "\n";
        }
    }
    return out;
}

Json ServerTest::finished_job(const Client& client, const std::string& job_id, int seconds_max) {
    auto deadline = std::chrono::steady_clock::now() + patience * std::chrono::seconds(seconds_max);
    Json job;
    while (std::chrono::steady_clock::now() < deadline) {
        Reply reply = client.get("/api/v1/jobs/" + job_id);
        if (reply.status != 200) {
            throw std::runtime_error("job " + job_id + ": " + reply.body);
        }
        job = reply.json;
        std::string state = job["state"];
        if (state == "done" || state == "failed" || state == "dead" || state == "cancelled") {
            return job;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw std::runtime_error("the job did not end: " + job.dump());
}

std::string ServerTest::upload(const Client& client, const std::string& name, const std::string& bytes) {
    Reply reply =
        client.post_bytes("/api/v1/uploads?name=" + percent_encode(name), bytes, "application/octet-stream");
    if (reply.status != 201) {
        throw std::runtime_error("upload: " + reply.body);
    }
    return reply.json["id"];
}

Json ServerTest::load(const Client& client, const std::string& ref, const std::string& name,
                      const std::string& bytes, const std::string& mode) {
    std::string id = upload(client, name, bytes);
    Reply reply = client.post("/api/v1/ingest/" + ref + "/batches", {{"upload_id", id}, {"mode", mode}});
    if (reply.status != 202) {
        throw std::runtime_error("load: " + reply.body);
    }
    Json job = finished_job(client, reply.json["job_id"]);
    Reply batch =
        client.get("/api/v1/ingest/" + ref + "/batches/" + reply.json["batch_id"].get<std::string>());
    Json result = batch.json;
    result["job"] = job;
    return result;
}

Json ServerTest::resource_body(const std::string& name, const Json& items) {
    Json review = {{"who", "测试负责人"}, {"when", "2026-11-01"}, {"result", "通过"}};
    return {{"name", name},
            {"class", "department"},
            {"abstract", "集成测试用的资源:" + name},
            {"format_class", "2"},
            {"format", "csv"},
            {"share_type", "conditional"},
            {"share_condition", "作为行政依据,限履行法定职责使用"},
            {"share_mode", "api"},
            {"open_flag", true},
            {"open_type", "unconditional"},
            {"open_condition", "注明来源"},
            {"update_cycle", "4"},
            {"grade", 1},
            {"domain", "15"},
            {"keywords", {"测试"}},
            {"secrecy_review", review},
            {"pia_review", review},
            {"head_consent", review},
            {"items", items}};
}

Json ServerTest::publish(const Client& officer, const Json& body) {
    auto must = [](const Reply& reply, int status) {
        if (reply.status != status) {
            throw std::runtime_error("publish: " + reply.body);
        }
        return reply.json;
    };
    Json made = must(officer.post("/api/v1/catalogue/resources", body), 201);
    std::string url = "/api/v1/catalogue/resources/" + made["ref"].get<std::string>();
    made = must(officer.if_match(made["version"]).post(url + "/submit"), 200);
    Client reviewer = as("reviewer");
    made = must(reviewer.if_match(made["version"]).post(url + "/approve"), 200);
    return must(reviewer.if_match(made["version"]).post(url + "/publish"), 200);
}

}  // namespace pengcheng::test
