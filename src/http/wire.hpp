#pragma once

#include "http/transport.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace pengcheng::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What a connection waits for.
enum class Phase { idle, head, body, work, stream, write, end };

/// A body or reply must move this much within body_ms_max or write_ms_max.
constexpr std::size_t pace_bytes = 64 * 1024;

/// The bytes of one connection both ways, and the time that each wait for them may take: a deadline that its
/// thread looks at a few times a second (expire), not a timer for every operation.
class Wire {
public:
    explicit Wire(std::unique_ptr<Transport> transport);

    Transport& transport() { return *transport_; }
    /// What was to be TLS is not: its refusal goes out in the clear.
    void speak_plainly();
    void set_write_time(std::chrono::milliseconds most) { write_time_ = most; }

    // ---- time
    void enter(Phase next, std::chrono::steady_clock::duration most);
    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] SteadyTime phase_began() const { return phase_began_; }
    /// Whether the phase's time is over; true once, the caller stops the wait.
    bool expire(SteadyTime now);
    [[nodiscard]] bool expired() const { return expired_; }
    /// Whether the client closed; one that only half closed and has sent more has not.
    bool peer_has_left();

    // ---- in
    [[nodiscard]] std::string_view unread() const { return {in_.data() + in_begin_, in_end_ - in_begin_}; }
    void take(std::size_t bytes) { in_begin_ += bytes; }
    /// Reads more behind what is unread; -> bytes, 0 at an error or the end.
    asio::awaitable<std::size_t> fill();
    /// Reads past the buffer, when nothing is unread; -> bytes, 0 at an error or the end.
    asio::awaitable<std::size_t> read_some(std::span<char> into);

    // ---- out
    /// Writes what goes at once and takes it off `pieces`; -> whether that was all.
    bool put_now(Pieces& pieces);
    /// Writes it all, each 64 KiB within the write time. Throws when the client is gone or too slow.
    asio::awaitable<void> put(Pieces pieces);
    /// Bytes written since this was last asked.
    std::uint64_t take_sent() { return std::exchange(sent_bytes_, 0); }
    /// Without this the kernel takes megabytes for a client that reads nothing, and a statement waits on.
    void bound_unsent();

    // ---- end
    /// What lies unsent in the kernel goes with the connection, and the client sees a break, not an end.
    void reset_on_close();
    /// A client still sending would meet a reset before it reads the reply: takes what comes until it closes
    /// too, for a moment.
    asio::awaitable<void> discard_rest();
    /// Says goodbye, unless nothing more is said on this connection.
    asio::awaitable<void> finish();
    /// Gives back what a large request made the buffer grow.
    void shrink();

private:
    std::unique_ptr<Transport> transport_;
    std::vector<char> in_;
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;
    Phase phase_ = Phase::idle;
    SteadyTime phase_began_;
    SteadyTime deadline_ = SteadyTime::max();
    std::chrono::milliseconds write_time_{};
    bool expired_ = false;  ///< the deadline ended the wait
    bool unsent_bounded_ = false;
    bool broken_ = false;  ///< nothing more is said
    std::uint64_t sent_bytes_ = 0;
};

}  // namespace pengcheng::http
