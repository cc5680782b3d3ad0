#pragma once

#include <pengcheng/http/route.hpp>

#include <functional>
#include <memory>

namespace pengcheng::http {

/// What authentication found, besides the principal.
struct Authenticated {
    Principal who;
    std::string csrf_token;  ///< set when a cookie session authenticated the call
};

/// Callbacks into `identity`, handed in by the composition root.
struct Gate {
    /// Cookie, bearer token or nothing -> who. A bad or expired credential is a Problem (401).
    std::function<asio::awaitable<Result<Authenticated>>(db::Pool&, std::string cookie,
                                                         std::string authorization, std::string address)>
        authenticate;
    /// May `who` do `permission`? `organization`/`account` are the object's owner (empty where the route
    /// names no object), `grade` its data grade (0: the owner statement has no column of that name). The one
    /// place where rights are decided.
    std::function<Result<void>(const Principal& who, std::string_view permission, bool has_object,
                               const std::optional<std::string>& organization,
                               const std::optional<std::string>& account, int grade)>
        authorize;
    /// Tells the audit log that somebody signed in was refused; empty function: nothing.
    std::function<asio::awaitable<void>(db::Pool&, Principal who, std::string permission, std::string path)>
        refused;
    /// A refused page (not API) as HTML; empty function: plain text.
    std::function<std::string(const Problem&, bool chinese)> error_page;
};

/// One value of /metrics. Values of one name stand together.
struct Gauge {
    std::string name;  ///< "pengcheng_jobs_queued"
    std::string help;
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};

/// What modules above `http` show in /metrics; asked at each scrape. Empty function: nothing.
using Gauges = std::function<asio::awaitable<std::vector<Gauge>>(db::Pool&)>;

/// Serves `routes` and the built front end on `runtime.config`'s address until stop().
/// Threads: starts its own I/O threads, one io_context and one db::Pool each.
class Server {
public:
    /// Throws ProblemError when the settings name no usable certificate, network or origin.
    Server(const Runtime& runtime, Routes routes, Gate gate, Gauges gauges = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();  ///< returns when the port listens; throws ProblemError when it is taken
    /// Takes over the settings that may change while serving (marked * in config/pengcheng.yaml) and reads
    /// the certificate anew. All or nothing: throws ProblemError and serves on as before.
    void reload(const Config& config);
    /// Reads the certificate anew when its files changed; what cannot be read is logged and the old one
    /// stays.
    void reload_changed_certificate();
    void stop();  ///< drains for at most drain_ms_max, then closes
    [[nodiscard]] std::uint16_t port() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The OpenAPI 3.1 document of a route table.
Json openapi(const Routes& routes, const std::string& base_url);

}  // namespace pengcheng::http
