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
    std::string public_url;  ///< absolute base of links; empty: http://host:port
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
    int request_ms_max = 60000;
    int idle_ms_max = 60000;
    int connections_max = 4096;
    int drain_ms_max = 5000;
    bool secure_cookie = false;  ///< set under TLS
    std::string evidence_mode = "strict";
    std::string log_level = "info";
    std::filesystem::path web_root;  ///< built front end; empty: beside the program

    /// Throws ProblemError with file, line and what to do.
    static Config load(const std::filesystem::path& file = {});
    [[nodiscard]] std::string base_url() const;
};

}  // namespace pengcheng
