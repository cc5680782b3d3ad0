#pragma once

#include <pengcheng/http/server.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pengcheng::http {

/// What one I/O thread counts: one writer, readers on any thread, so plain stores do.
class Meter {
public:
    static constexpr std::array<double, 13> bounds_s{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,    0.25,  0.5,    1,     2.5,  10};
    static constexpr std::size_t classes = 5;  ///< 1xx to 5xx

    struct Cell {
        std::array<std::atomic<std::uint64_t>, bounds_s.size() + 1> counts{};
        std::atomic<std::uint64_t> sum_us{0};
    };

    explicit Meter(std::size_t routes)
        : cells_(std::make_unique<Cell[]>(routes * classes)), routes_(routes) {}

    void answered(std::size_t route, int status, std::uint64_t us, std::uint64_t bytes);
    [[nodiscard]] const Cell& cell(std::size_t route, std::size_t status_class) const {
        return cells_[route * classes + status_class];
    }

    std::atomic<std::uint64_t> bytes_out{0};
    std::atomic<std::uint64_t> refused_connections{0};  ///< by the limits on connections
    std::atomic<std::uint64_t> refused_requests{0};     ///< by the rate limit
    std::atomic<std::uint64_t> cut_slow{0};             ///< head, body or reply moved too slowly
    std::atomic<std::uint64_t> client_gone{0};          ///< while a request was worked on
    std::atomic<std::uint64_t> log_left_out{0};
    std::atomic<std::int64_t> connections{0};
    std::atomic<std::int64_t> db_in_use{0}, db_open{0}, db_waiting{0};
    std::atomic<std::int64_t> lane_in_flight{0}, lane_reads{0}, lane_groups{0};

    void note(const db::PoolFigures& figures);

    static void add(std::atomic<std::uint64_t>& to, std::uint64_t more) {
        to.store(to.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
    }

private:
    std::unique_ptr<Cell[]> cells_;
    std::size_t routes_;
};

/// The text of /metrics (Prometheus exposition format 0.0.4). `routes` names the rows of every meter.
std::string write_metrics(const std::vector<const Meter*>& meters, const std::vector<std::string>& routes,
                          const std::vector<Gauge>& gauges);

}  // namespace pengcheng::http
