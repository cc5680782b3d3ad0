#pragma once

#include <pengcheng/http/server.hpp>

#include "harness.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <string>

namespace pengcheng::test {

/// A connection that sends and reads bytes as they are.
class Wire {
public:
    explicit Wire(int port, int receive_bytes = 0);
    Wire& send(const std::string& bytes);
    /// Everything until the server closes or `seconds` pass without a byte.
    std::string rest(int seconds = 20);
    /// Until `mark` was read (it is part of the result), the server closed, or `seconds` passed.
    std::string until(const std::string& mark, int seconds = 20);
    /// One reply with a Content-Length: head and body.
    std::string reply();
    /// Whether the server has closed the connection, waiting for it.
    bool closed(int seconds = 20);
    boost::asio::ip::tcp::socket& socket() { return socket_; }

private:
    bool fill(std::chrono::steady_clock::time_point deadline);
    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_{io_};
    std::string held_;
};

std::string status_line(const std::string& reply);
/// A header's value of a raw reply, by its name in any case; "" without.
std::string header_of(const std::string& reply, const std::string& name);
std::string body_of(const std::string& reply);

/// A server of this process on the suite's database, with routes made for looking at HTTP itself. Its
/// settings may be changed before start().
class HttpTest : public ServerTest {
protected:
    void SetUp() override;
    void TearDown() override;
    void start();
    [[nodiscard]] int port() const { return server_here_->port(); }
    std::string get(const std::string& path, const std::string& fields = "") const;
    [[nodiscard]] std::string metric(const std::string& name) const;

    Runtime runtime_;
    Clock clock_;
    std::unique_ptr<http::Server> server_here_;
    std::filesystem::path folder_;
};

/// Statements of the fixture's routes that run in the database now.
int running_statements(const std::string& url);
/// Polls until `true_now` or the time is over; -> its last word.
bool eventually(const std::function<bool()>& true_now, int seconds_max = 20);

}  // namespace pengcheng::test
