#include "http/transport.hpp"

#include <boost/asio/write.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

namespace pengcheng::http {

namespace {

class Plain : public Transport {
public:
    explicit Plain(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
        boost::system::error_code ignored;
        socket_.native_non_blocking(true, ignored);
    }

    asio::awaitable<boost::system::error_code> handshake() override { co_return boost::system::error_code{}; }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer into,
                                           boost::system::error_code& error) override {
        return socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    }

    asio::awaitable<boost::system::error_code> write(Pieces pieces) override {
        boost::system::error_code error;
        co_await asio::async_write(socket_, pieces, asio::redirect_error(asio::use_awaitable, error));
        co_return error;
    }

    std::size_t write_now(const Pieces& pieces) override {
        std::array<iovec, 3> parts{};
        std::size_t count = 0;
        for (const asio::const_buffer& piece : pieces) {
            if (piece.size() > 0) {
                parts[count++] = {const_cast<void*>(piece.data()), piece.size()};
            }
        }
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        return sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }

    asio::awaitable<void> finish() override {
        boost::system::error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        co_return;
    }

    asio::ip::tcp::socket& socket() override { return socket_; }

private:
    asio::ip::tcp::socket socket_;
};

}  // namespace

void Transport::stop() {
    boost::system::error_code ignored;
    socket().cancel(ignored);
}

std::unique_ptr<Transport> Transport::plain(asio::ip::tcp::socket socket) {
    return std::make_unique<Plain>(std::move(socket));
}

}  // namespace pengcheng::http
