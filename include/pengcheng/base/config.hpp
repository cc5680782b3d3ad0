#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace pengcheng {

/// Settings of one process: `config/pengcheng.yaml` (built in as defaults), then the file named by
/// `--config`, then the environment (`PENGCHENG_LISTEN`, `PENGCHENG_VAR`, `PENGCHENG_DATABASE_URL`).
struct Config {
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 8080;
    std::string public_url;      ///< absolute base of links; empty: http://host:port
    std::filesystem::path file;  ///< the file that --config named; read again on SIGHUP
    std::filesystem::path var = "var";
    std::string database_url;  ///< empty: embedded cluster under var/pg
    int io_threads = 0;        ///< 0: one per core, at most 4
    int worker_threads = 0;    ///< 0: one per core
    int db_connections = 8;    ///< of each I/O thread
    int db_wait_ms_max = 5000;
    std::string db_read_url;  ///< a streaming replica for reads that may lag; empty: none
    int db_read_lag_ms_max = 2000;
    int header_bytes_max = 80 * 1024;           ///< the request line alone may be 64 KiB
    std::int64_t body_bytes_max = 1 << 20;      ///< of JSON bodies
    std::int64_t upload_bytes_max = 2LL << 30;  ///< of streamed bodies
    int json_depth_max = 32;
    int header_fields_max = 100;
    int request_ms_max = 60000;  ///< of the work on a request
    int head_ms_max = 10000;     ///< from the first byte of a head to its last
    int body_ms_max = 30000;     ///< for each 64 KiB of a body that a client sends
    int write_ms_max = 30000;    ///< for each 64 KiB of a reply that a client takes
    int idle_ms_max = 60000;     ///< between two requests of a connection
    int connections_max = 4096;
    int connections_per_address_max = 512;  ///< behind a trusted proxy: requests in work
    int requests_per_address_per_s = 0;     ///< 0: no rate limit
    int drain_ms_max = 5000;
    std::filesystem::path tls_certificate;  ///< PEM, leaf first; empty: no TLS
    std::filesystem::path tls_key;
    std::string tls_version_min = "1.2";
    std::string trusted_proxies;   ///< networks whose forwarded headers count: "10.0.0.0/8, ::1"
    std::string metrics_networks;  ///< networks that may read /metrics
    std::string cors_origins;      ///< origins that scripts may call from: "https://a.example, ..."
    int compress_bytes_min = 1024;
    int log_requests_per_s_max = 500;  ///< of each I/O thread; the rest is counted, not written
    bool secure_cookie = false;        ///< set under TLS
    std::string evidence_mode = "strict";
    std::string log_level = "info";
    std::filesystem::path web_root;  ///< built front end; empty: beside the program

    /// Throws ProblemError with file, line and what to do.
    static Config load(const std::filesystem::path& file = {});
    [[nodiscard]] bool tls() const { return !tls_certificate.empty(); }
    [[nodiscard]] std::string base_url() const;
};

}  // namespace pengcheng
