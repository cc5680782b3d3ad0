#pragma once

#include <pengcheng/db/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pengcheng::db {

/// A statement as the lane takes it.
struct LaneText {
    enum class Kind { named, shaped, once };
    Kind kind = Kind::once;  ///< once: not prepared
    std::string_view name;
    const char* sql = "";
    std::string_view several_head = {}, several_tail = {};  ///< as in SharedQuery
    std::shared_ptr<const void> hold = nullptr;  ///< keeps name and sql, where they are not literals
};

/// One connection in pipeline mode, shared by all short reads of an I/O thread. What gathers while the loop
/// turns goes out as one group with one sync, and look-ups of one text as one statement;
/// PostgreSQL drops the rest of a group after an error, so those reads are sent again, joined ones each by
/// itself, and nobody suffers from a neighbour. A read cut short at `lane_ms_max`, or that
/// loses the connection twice, fails with its Error; one that is no longer wanted is detached.
/// Thread: its executor's, one only.
class ReadLane {
public:
    ReadLane(asio::any_io_executor executor, std::string url);
    ~ReadLane();
    ReadLane(const ReadLane&) = delete;
    ReadLane& operator=(const ReadLane&) = delete;

    asio::awaitable<Rows> read(LaneText text, std::vector<Param> params);

    [[nodiscard]] int in_flight() const;
    [[nodiscard]] std::int64_t reads() const;
    [[nodiscard]] std::int64_t groups() const;

    static constexpr int lane_ms_max = 300;
    static constexpr std::size_t waiting_max = 4096;
    static constexpr std::size_t group_max = 64;
    static constexpr std::size_t joined_max = 32;
    static constexpr std::size_t groups_in_flight_max = 2;
    static constexpr std::size_t named_max = 256;
    static constexpr std::size_t shaped_max = 128;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace pengcheng::db
