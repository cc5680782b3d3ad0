#include "http/wire.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace pengcheng::http {

namespace {

constexpr std::size_t first_buffer_bytes = 4096;
constexpr std::size_t kept_buffer_bytes = 16 * 1024;
/// What a stream may have in the kernel unsent: a reader who stops must be noticed.
constexpr int unsent_bytes_max = 256 * 1024;
constexpr std::chrono::seconds goodbye_time{2};
/// A client that still sends a body reads the refusal of it only after its last byte: what comes is let come
/// as long as it keeps coming.
constexpr std::chrono::seconds discard_time_max{30};
constexpr std::size_t discarded_bytes_max = 256 * 1024 * 1024;

void take_off(Pieces& pieces, std::size_t bytes) {
    for (asio::const_buffer& piece : pieces) {
        std::size_t part = std::min(bytes, piece.size());
        piece += part;
        bytes -= part;
    }
}

}  // namespace

Wire::Wire(std::unique_ptr<Transport> transport) : transport_(std::move(transport)), in_(first_buffer_bytes) {
    boost::system::error_code ignored;
    transport_->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Wire::speak_plainly() {
    transport_ = Transport::plain(std::move(transport_->socket()));
}

void Wire::enter(Phase next, std::chrono::steady_clock::duration most) {
    phase_ = next;
    expired_ = false;
    phase_began_ = std::chrono::steady_clock::now();
    deadline_ = phase_began_ + most;
}

bool Wire::expire(SteadyTime now) {
    if (now < deadline_) {
        return false;
    }
    deadline_ = SteadyTime::max();
    expired_ = true;
    return true;
}

bool Wire::peer_has_left() {
    pollfd state{.fd = transport_->socket().native_handle(), .events = POLLRDHUP, .revents = 0};
    if (::poll(&state, 1, 0) <= 0) {
        return false;
    }
    if ((state.revents & (POLLERR | POLLHUP)) != 0) {
        return true;
    }
    char byte = 0;
    return (state.revents & POLLRDHUP) != 0 && unread().empty() &&
           ::recv(state.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

asio::awaitable<std::size_t> Wire::fill() {
    if (in_begin_ == in_end_) {
        in_begin_ = in_end_ = 0;
    } else if (in_end_ == in_.size() && in_begin_ > 0) {
        std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_),
                  in_.begin() + static_cast<std::ptrdiff_t>(in_end_), in_.begin());
        in_end_ -= in_begin_;
        in_begin_ = 0;
    }
    if (in_end_ == in_.size()) {
        in_.resize(in_.size() * 2);
    }
    boost::system::error_code error;
    std::size_t got =
        co_await transport_->read_some(asio::buffer(in_.data() + in_end_, in_.size() - in_end_), error);
    in_end_ += error ? 0 : got;
    co_return error ? 0 : got;
}

asio::awaitable<std::size_t> Wire::read_some(std::span<char> into) {
    boost::system::error_code error;
    std::size_t got = co_await transport_->read_some(asio::buffer(into.data(), into.size()), error);
    co_return error ? 0 : got;
}

bool Wire::put_now(Pieces& pieces) {
    std::size_t all = asio::buffer_size(pieces);
    std::size_t taken = transport_->write_now(pieces);
    sent_bytes_ += taken;
    take_off(pieces, taken);
    return taken == all;
}

asio::awaitable<void> Wire::put(Pieces pieces) {
    Phase before = phase_;
    while (asio::buffer_size(pieces) > 0) {
        if (put_now(pieces)) {
            break;
        }
        Pieces part{};
        std::size_t room = pace_bytes;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            part[i] = asio::buffer(pieces[i], room);
            room -= part[i].size();
        }
        enter(Phase::write, write_time_);
        boost::system::error_code error = co_await transport_->write(part);
        if (error) {
            throw std::runtime_error(error.message());
        }
        sent_bytes_ += asio::buffer_size(part);
        take_off(pieces, asio::buffer_size(part));
    }
    enter(before == Phase::stream ? before : Phase::work, std::chrono::hours(24));
}

void Wire::bound_unsent() {
    if (!unsent_bounded_) {
        int bytes = unsent_bytes_max;
        ::setsockopt(transport_->socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes,
                     sizeof bytes);
        unsent_bounded_ = true;
    }
}

void Wire::reset_on_close() {
    boost::system::error_code ignored;
    transport_->socket().set_option(asio::socket_base::linger(true, 0), ignored);
    broken_ = true;
}

asio::awaitable<void> Wire::discard_rest() {
    boost::system::error_code error;
    transport_->socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    std::vector<char> sink(pace_bytes);
    const SteadyTime last = std::chrono::steady_clock::now() + discard_time_max;
    for (std::size_t taken = 0; !error && taken < discarded_bytes_max;) {
        enter(Phase::end, goodbye_time);
        if (phase_began_ > last) {
            break;
        }
        taken += co_await transport_->socket().async_read_some(
            asio::buffer(sink), asio::redirect_error(asio::use_awaitable, error));
    }
    broken_ = true;
}

asio::awaitable<void> Wire::finish() {
    if (!broken_) {
        enter(Phase::end, goodbye_time);
        co_await transport_->finish();
    }
}

void Wire::shrink() {
    if (in_.size() > kept_buffer_bytes && unread().empty()) {
        in_ = std::vector<char>(first_buffer_bytes);
        in_begin_ = in_end_ = 0;
    }
}

}  // namespace pengcheng::http
