#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <filesystem>
#include <memory>
#include <string>

namespace pengcheng::http {

namespace asio = boost::asio;

/// At most three pieces that go out one after another: head, body, end.
using Pieces = std::array<asio::const_buffer, 3>;

/// The bytes of one connection, in the clear or under TLS. Errors come back, nothing is thrown; a call that
/// stop() ends comes back with operation_aborted.
class Transport {
public:
    virtual ~Transport() = default;
    virtual asio::awaitable<boost::system::error_code> handshake() = 0;
    virtual asio::awaitable<std::size_t> read_some(asio::mutable_buffer into,
                                                   boost::system::error_code& error) = 0;
    /// Writes all of it.
    virtual asio::awaitable<boost::system::error_code> write(Pieces pieces) = 0;
    /// Writes what goes without waiting; -> bytes taken. 0 is no error: write() tells.
    virtual std::size_t write_now(const Pieces& pieces) = 0;
    /// Says goodbye; the socket closes when the transport is dropped.
    virtual asio::awaitable<void> finish() = 0;
    virtual asio::ip::tcp::socket& socket() = 0;
    void stop();

    static std::unique_ptr<Transport> plain(asio::ip::tcp::socket socket);
};

/// A certificate and its key, ready for connections. Immutable; a reload makes a new one.
class Tls {
public:
    /// Throws ProblemError naming the file when one cannot be used or the two do not belong together.
    static std::shared_ptr<const Tls> load(const std::filesystem::path& certificate,
                                           const std::filesystem::path& key, const std::string& version_min);
    virtual ~Tls() = default;
    [[nodiscard]] virtual std::unique_ptr<Transport> wrap(asio::ip::tcp::socket socket) const = 0;
};

}  // namespace pengcheng::http
