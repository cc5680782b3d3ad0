#pragma once

#include <pengcheng/base/config.hpp>

#include <filesystem>
#include <string>

namespace pengcheng::app {

/// The private PostgreSQL cluster under `var/pg`: unix socket only, never as root, fsync on, ICU locale.
/// Adopts one that a killed server left running. Throws ProblemError with the remedy.
class Cluster {
public:
    explicit Cluster(const Config& config);

    void start();  ///< makes it at first use; returns when it accepts connections
    void stop();   ///< fast shutdown, waits
    [[nodiscard]] bool running() const;
    [[nodiscard]] std::string url(const std::string& database = "pengcheng") const;

private:
    void create();
    std::filesystem::path root_, data_, socket_folder_, binaries_;
};

/// Folder of the newest PostgreSQL programs installed. Throws ProblemError with the remedy.
std::filesystem::path postgres_programs();

/// As root, becomes the ordinary user `pengcheng`, to whom `var` is given; nothing otherwise. PostgreSQL
/// refuses to run as root, and the server has no need to.
void drop_privileges(const Config& config);

}  // namespace pengcheng::app
