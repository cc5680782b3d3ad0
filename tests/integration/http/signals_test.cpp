// The process as an operator meets it: SIGHUP, certificates, log lines.
#include "tls_client.hpp"

#include <pengcheng/base/text.hpp>

#include <csignal>
#include <fstream>

namespace pengcheng::test {

namespace {

std::string read_whole(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

using ServerSignals = ServerTest;

TEST_F(ServerSignals, HangUpReadsSettingsAndCertificateAgain) {
    auto server = Server::start();
    server->stop();
    make_certificate(server->var, "one.example");
    server->config = server->var / "pengcheng.yaml";
    auto settings = [&](const std::string& level, const std::string& more) {
        std::ofstream(server->config)
            << "tls:\n  certificate: " << (server->var / "server.pem").string()
            << "\n  key: " << (server->var / "server.key").string() << "\nlog:\n  level: " << level << "\n"
            << more;
    };
    settings("info", "");
    server->restart();
    EXPECT_EQ(ask(server->port, "/healthz").name, "one.example");
    make_certificate(server->var, "two.example");
    settings("warn", "limits:\n  requests_per_address_per_s: 1\n");
    ::kill(server->process, SIGHUP);
    EXPECT_TRUE(eventually([&] { return ask(server->port, "/healthz").name == "two.example"; }));
    EXPECT_TRUE(eventually([&] {
        return status_line(ask(server->port, "/healthz").reply) == "HTTP/1.1 429 Too Many Requests";
    }));
    settings("err", "limits:\n  no_such: 1\n");
    ::kill(server->process, SIGHUP);
    EXPECT_TRUE(eventually([&] {
        return read_whole(server->log()).find("there is no setting limits.no_such") != std::string::npos;
    })) << "settings that cannot be read are refused, in the log";
    EXPECT_EQ(ask(server->port, "/healthz").name, "two.example");

    // A changed file is enough.
    make_certificate(server->var, "three.example");
    EXPECT_TRUE(eventually([&] { return ask(server->port, "/healthz").name == "three.example"; }));
    server->stop();
}

TEST_F(ServerSignals, TheSignInCookieIsSecureUnderTls) {
    auto server = Server::start();
    server->stop();
    make_certificate(server->var, "one.example");
    server->config = server->var / "pengcheng.yaml";
    std::ofstream(server->config) << "tls:\n  certificate: " << (server->var / "server.pem").string()
                                  << "\n  key: " << (server->var / "server.key").string() << "\n";
    server->restart();
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
    stream.next_layer().connect(
        {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(server->port)});
    stream.handshake(asio::ssl::stream_base::client);
    std::string body = Json{{"username", "reviewer"}, {"password", password}}.dump();
    asio::write(stream, asio::buffer("POST /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: "
                                     "close\r\nContent-Type: application/json\r\n"
                                     "Content-Length: " +
                                     std::to_string(body.size()) + "\r\n\r\n" + body));
    std::string reply;
    boost::system::error_code error;
    while (!error) {
        std::array<char, 4096> piece{};
        reply.append(piece.data(), stream.read_some(asio::buffer(piece), error));
    }
    EXPECT_EQ(status_line(reply), "HTTP/1.1 200 OK") << reply;
    EXPECT_NE(header_of(reply, "Set-Cookie").find("; Secure"), std::string::npos) << reply;
}

TEST_F(ServerSignals, WritesStructuredLinesAndSamplesThemUnderFlood) {
    auto server = Server::start();
    server->stop();
    server->config = server->var / "pengcheng.yaml";
    std::ofstream(server->config) << "threads:\n  io: 1\nlog:\n  requests_per_s_max: 5\n";
    server->restart();
    Client client =
        server->anonymous().header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    std::string id = client.get("/healthz").header("x-request-id");
    for (int i = 0; i < 200; ++i) {
        client.get("/healthz");
    }
    auto lines = [&] { return read_whole(server->log()); };
    EXPECT_TRUE(eventually([&] { return lines().find("\"event\":\"http.sampled\"") != std::string::npos; }));
    std::string text = lines();
    std::size_t at = text.find("\"request\":\"" + id + "\"");
    ASSERT_NE(at, std::string::npos);
    std::size_t from = text.rfind('\n', at) + 1;
    Json line = Json::parse(text.substr(from, text.find('\n', at) - from));
    EXPECT_EQ(line["event"], "http.request");
    EXPECT_EQ(line["status"], 200);
    EXPECT_EQ(line["path"], "/healthz");
    EXPECT_EQ(line["trace"], "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_TRUE(line["us"].is_number_integer());
    EXPECT_EQ(line["address"], "127.0.0.1");
    // Written and left out together are all that came.
    std::string metrics = server->anonymous().get("/metrics").body;
    EXPECT_EQ(metrics.find("pengcheng_log_left_out_total 0\n"), std::string::npos);
    EXPECT_NE(metrics.find("pengcheng_log_dropped_total 0\n"), std::string::npos);
}

}  // namespace pengcheng::test
