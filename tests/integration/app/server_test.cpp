// The server as a whole: limits, wrong turns of HTTP, restart, drain.
#include "harness.hpp"

#include <atomic>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace pengcheng::test {

using ServerLife = ServerTest;

namespace {

/// Sends bytes as they are; everything that comes back until the server closes.
std::string raw(int port, const std::string& bytes) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(bytes), error);
    std::string out;
    boost::asio::read(socket, boost::asio::dynamic_buffer(out), error);
    return out;
}

std::string status_line(const std::string& reply) {
    return reply.substr(0, reply.find("\r\n"));
}

}  // namespace

TEST_F(ServerLife, AnswersHealthAndReadiness) {
    EXPECT_EQ(anonymous().get("/healthz").status, 200);
    EXPECT_EQ(anonymous().get("/readyz").body, "ready\n");
    EXPECT_NE(anonymous().get("/metrics").body.find("pengcheng_http_requests_total"), std::string::npos);
}

TEST_F(ServerLife, RefusesMalformedRequestsOneByOne) {
    struct Row {
        std::string bytes, status;
    };
    const std::string host = "Host: x\r\nConnection: close\r\n";
    const std::vector<Row> rows = {
        {"GET /healthz HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 200 OK"},
        {"NONSENSE\r\n\r\n", "HTTP/1.1 400 Bad Request"},
        {"GET /healthz HTTP/9.9\r\n" + host + "\r\n", "HTTP/1.1 505 HTTP Version Not Supported"},
        {"GET / HTTP/1.1\r\nX: " + std::string(200000, 'a') + "\r\n\r\n",
         "HTTP/1.1 431 Request Header Fields Too Large"},
        {"POST /api/v1/session HTTP/1.1\r\n" + host +
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "HTTP/1.1 400 Bad Request"},
        {"GET /api/v1/organizations?q=%zz HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 400 Bad Request"},
        {"GET /api/v1/organizations?q=%ff HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 400 Bad Request"},
        {"BREW /healthz HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 405 Method Not Allowed"},
        {"GET /no/such/place HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 404 Not Found"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(status_line(raw(server_->port, row.bytes)), row.status) << row.bytes.substr(0, 60);
    }
    EXPECT_EQ(anonymous().get("/healthz").status, 200);
}

TEST_F(ServerLife, BoundsTheBodyOfJson) {
    std::string big = "{\"username\":\"" + std::string(2 << 20, 'a') + "\",\"password\":\"x\"}";
    Reply reply = anonymous().send("POST", "/api/v1/session", big, "application/json");
    EXPECT_EQ(reply.status, 413);
    EXPECT_EQ(reply.json["type"], "/problems/http.body-too-large");
}

TEST_F(ServerLife, SpeaksTheCallersLanguage) {
    Client client = anonymous();
    EXPECT_EQ(client.get("/api/v1/nothing").json["title"], "没有这个地址");
    EXPECT_EQ(client.header("Accept-Language", "en-GB,en;q=0.9").get("/api/v1/nothing").json["title"],
              "There is nothing at this address");
    EXPECT_EQ(client.header("Accept-Language", "en;q=0.5,zh-CN").get("/api/v1/nothing").json["title"],
              "没有这个地址");
}

TEST_F(ServerLife, KeepsAConnectionForSeveralRequests) {
    std::string one = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    std::string last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    std::string reply = raw(server_->port, one + one + last);
    std::size_t count = 0;
    for (std::size_t at = reply.find("HTTP/1.1 200"); at != std::string::npos;
         at = reply.find("HTTP/1.1 200", at + 1)) {
        ++count;
    }
    EXPECT_EQ(count, 3U);
}

TEST_F(ServerLife, StopsCleanlyAndKeepsWhatWasAcknowledged) {
    auto server = Server::start();
    Client officer = server->as("market_officer");
    Json items = Json::array({{{"name", "名称"}, {"column", "name"}, {"type", "C"}, {"length", 20}}});
    Reply made = officer.post("/api/v1/catalogue/resources", resource_body("停机前的资源", items));
    ASSERT_EQ(made.status, 201) << made.body;
    server->stop();
    server->restart();
    EXPECT_EQ(officer.get("/api/v1/catalogue/resources/" + made.json["ref"].get<std::string>()).status, 200);
    server->kill();
    server->restart();
    EXPECT_EQ(officer.get("/api/v1/catalogue/resources/" + made.json["ref"].get<std::string>()).status, 200);
}

TEST_F(ServerLife, RepliesOnceToARepeatedIdempotencyKey) {
    Json items = Json::array({{{"name", "名称"}, {"column", "name"}, {"type", "C"}, {"length", 20}}});
    Client officer = as("market_officer").header("Idempotency-Key", "key-1");
    Reply first = officer.post("/api/v1/catalogue/resources", resource_body("只建一次", items));
    Reply second = officer.post("/api/v1/catalogue/resources", resource_body("只建一次", items));
    EXPECT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.header("idempotency-replayed"), "true");
    EXPECT_EQ(officer.post("/api/v1/catalogue/resources", resource_body("另一个", items)).status, 422);
    EXPECT_EQ(sql("SELECT count(*) FROM audit.record WHERE action = 'catalogue.resource.create' "
                  "AND principal = 'market_officer'"),
              "1");
}

/// The request id is the client's to choose, so it proves no claim on a key.
TEST_F(ServerLife, WorksOnceThoughTheSameRequestComesSeveralTimesAtOnce) {
    Json items = Json::array({{{"name", "名称"}, {"column", "name"}, {"type", "C"}, {"length", 20}}});
    Client officer =
        as("market_officer").header("Idempotency-Key", "key-2").header("X-Request-Id", "same-id");
    std::atomic<int> made{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 6; ++i) {
        callers.emplace_back([&] {
            Reply reply = officer.post("/api/v1/catalogue/resources", resource_body("同时来", items));
            EXPECT_TRUE(reply.status == 201 || reply.json["type"] == "/problems/http.idempotency-busy")
                << reply.body;
            made += reply.status == 201 ? 1 : 0;
        });
    }
    for (std::thread& caller : callers) {
        caller.join();
    }
    EXPECT_GE(made, 1);
    EXPECT_EQ(sql("SELECT count(*) FROM catalogue.resource_name WHERE name = '同时来'"), "1");
}

}  // namespace pengcheng::test
