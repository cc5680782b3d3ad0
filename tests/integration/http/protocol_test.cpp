// HTTP itself, over a real socket and a real database: codings, conditions, ranges, limits, slow and rude
// clients.
#include "wire.hpp"

#include <pengcheng/base/text.hpp>

#include <zlib.h>

#include <fstream>
#include <thread>

namespace pengcheng::test {

namespace {

std::string gunzip(const std::string& coded) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    std::string out(1 << 24, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
    stream.avail_in = static_cast<uInt>(coded.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    inflate(&stream, Z_SYNC_FLUSH);
    out.resize(out.size() - stream.avail_out);
    inflateEnd(&stream);
    return out;
}

/// The chunks of a body that has them all, in a row.
std::string unchunked(std::string body) {
    std::string out;
    while (!body.empty()) {
        std::size_t line = body.find("\r\n");
        std::size_t size = std::stoul(body.substr(0, line), nullptr, 16);
        if (size == 0) {
            break;
        }
        out += body.substr(line + 2, size);
        body.erase(0, line + 2 + size + 2);
    }
    return out;
}

std::string problem_of(const std::string& reply) {
    return Json::parse(body_of(reply)).at("type").get<std::string>();
}

}  // namespace

TEST_F(HttpTest, CodesRepliesAsTheClientLikes) {
    start();
    std::string plain = get("/test/text?limit=2000");
    std::string coded = get("/test/text?limit=2000", "Accept-Encoding: gzip;q=0.9, br;q=0.1\r\n");
    EXPECT_EQ(header_of(plain, "Content-Encoding"), "");
    EXPECT_EQ(header_of(plain, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header_of(plain, "ETag"), "\"7\"");
    EXPECT_EQ(header_of(coded, "Content-Encoding"), "gzip");
    EXPECT_EQ(header_of(coded, "ETag"), "W/\"7\"") << "other bytes, so no strong tag";
    EXPECT_EQ(header_of(coded, "Content-Length"), std::to_string(body_of(coded).size()));
    EXPECT_EQ(gunzip(body_of(coded)), body_of(plain));
    EXPECT_EQ(
        header_of(get("/test/text?limit=2000", "Accept-Encoding: gzip, br, zstd\r\n"), "Content-Encoding"),
        "zstd");
    EXPECT_EQ(header_of(get("/test/text?limit=2000", "Accept-Encoding: br\r\n"), "Content-Encoding"), "br");
    EXPECT_EQ(header_of(get("/test/text?limit=5", "Accept-Encoding: gzip\r\n"), "Content-Encoding"), "")
        << "never for tiny bodies";
}

TEST_F(HttpTest, CodesStreamsAndFlushesEachPiece) {
    start();
    Wire wire(port());
    wire.send("GET /test/pieces?limit=100&pause=60000 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    std::string head = wire.until("\r\n\r\n");
    EXPECT_EQ(header_of(head, "Content-Encoding"), "gzip");
    EXPECT_EQ(header_of(head, "Transfer-Encoding"), "chunked");
    std::size_t size = std::stoul(wire.until("\r\n"), nullptr, 16);
    std::string chunk = wire.until("\r\n" + std::string(), 5);
    while (chunk.size() < size + 2) {
        chunk += wire.until("\r\n", 5);
    }
    EXPECT_EQ(gunzip(chunk.substr(0, size)), "piece 0\n") << "readable while the next piece is a minute away";

    std::string whole = get("/test/pieces?limit=300&pause=0", "Accept-Encoding: gzip\r\n");
    std::string plain = get("/test/pieces?limit=300&pause=0");
    EXPECT_EQ(gunzip(unchunked(body_of(whole))), unchunked(body_of(plain)));
    EXPECT_EQ(header_of(get("/test/pieces?type=text/event-stream&pause=0", "Accept-Encoding: gzip\r\n"),
                        "Content-Encoding"),
              "");
}

TEST_F(HttpTest, AnswersConditionsWith304) {
    start();
    const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
    EXPECT_EQ(header_of(get("/test/text"), "Last-Modified"), date);
    for (const std::string& fields :
         {std::string("If-None-Match: \"7\"\r\n"), std::string("If-None-Match: W/\"7\", \"8\"\r\n"),
          std::string("If-None-Match: *\r\n"), "If-Modified-Since: " + date + "\r\n"}) {
        std::string reply = get("/test/text", fields);
        EXPECT_EQ(status_line(reply), "HTTP/1.1 304 Not Modified") << fields;
        EXPECT_EQ(header_of(reply, "ETag"), "\"7\"");
        EXPECT_EQ(header_of(reply, "Content-Length"), "");
        EXPECT_EQ(body_of(reply), "");
    }
    EXPECT_EQ(status_line(get("/test/text", "If-None-Match: \"8\"\r\nIf-Modified-Since: " + date + "\r\n")),
              "HTTP/1.1 200 OK");
    // What everybody sees carries a tag of its content and may be asked for again.
    std::string document = get("/api/openapi.json");
    EXPECT_EQ(header_of(document, "Cache-Control"), "no-cache");
    std::string tag = header_of(document, "ETag");
    ASSERT_FALSE(tag.empty());
    EXPECT_EQ(status_line(get("/api/openapi.json", "If-None-Match: " + tag + "\r\n")),
              "HTTP/1.1 304 Not Modified");
}

TEST_F(HttpTest, SendsPartsOfFiles) {
    std::string content;
    for (int i = 0; i < 50000; ++i) {
        content += std::to_string(i) + ",";
    }
    std::ofstream(folder_ / "a.pdf") << content;
    start();
    std::string whole = get("/test/file/a.pdf");
    EXPECT_EQ(body_of(whole), content);
    EXPECT_EQ(header_of(whole, "Accept-Ranges"), "bytes");
    EXPECT_EQ(header_of(whole, "Content-Length"), std::to_string(content.size()));
    std::string tag = header_of(whole, "ETag");
    std::string size = std::to_string(content.size());

    std::string part = get("/test/file/a.pdf", "Range: bytes=100000-200000\r\n");
    EXPECT_EQ(status_line(part), "HTTP/1.1 206 Partial Content");
    EXPECT_EQ(body_of(part), content.substr(100000, 100001));
    EXPECT_EQ(header_of(part, "Content-Range"), "bytes 100000-200000/" + size);
    EXPECT_EQ(body_of(get("/test/file/a.pdf", "Range: bytes=-9\r\n")), content.substr(content.size() - 9));
    EXPECT_EQ(body_of(get("/test/file/a.pdf", "Range: bytes=5-6\r\nIf-Range: " + tag + "\r\n")),
              content.substr(5, 2));
    EXPECT_EQ(body_of(get("/test/file/a.pdf", "Range: bytes=5-6\r\nIf-Range: \"old\"\r\n")), content);
    EXPECT_EQ(body_of(get("/test/file/a.pdf", "Range: bytes=0-1,5-6\r\n")), content)
        << "several parts: the whole";
    std::string beyond = get("/test/file/a.pdf", "Range: bytes=" + size + "-\r\n");
    EXPECT_EQ(status_line(beyond), "HTTP/1.1 416 Range Not Satisfiable");
    EXPECT_EQ(header_of(beyond, "Content-Range"), "bytes */" + size);
    EXPECT_EQ(problem_of(beyond), "/problems/http.range-not-satisfiable");
    EXPECT_EQ(status_line(get("/test/file/a.pdf", "If-None-Match: " + tag + "\r\n")),
              "HTTP/1.1 304 Not Modified");
    std::string head =
        Wire(port()).send("HEAD /test/file/a.pdf HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").rest();
    EXPECT_EQ(header_of(head, "Content-Length"), size);
    EXPECT_EQ(body_of(head), "");
    head = Wire(port())
               .send(
                   "HEAD /test/file/a.pdf HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\nConnection: "
                   "close\r\n\r\n")
               .rest();
    EXPECT_EQ(status_line(head), "HTTP/1.1 200 OK") << "only GET has parts";
    EXPECT_EQ(header_of(head, "Content-Length"), size);
    EXPECT_EQ(status_line(get("/test/file/none.pdf")), "HTTP/1.1 404 Not Found");

    EXPECT_EQ(body_of(get("/assets/a.js", "Range: bytes=0-3\r\nAccept-Encoding: br\r\n")), "aaaa");
    EXPECT_EQ(body_of(get("/assets/a.js", "Accept-Encoding: gzip, br\r\n")), "brotli")
        << "made before, not now";
    EXPECT_EQ(body_of(get("/assets/a.js", "Accept-Encoding: br;q=0.1, gzip\r\n")), "gzip");
    std::string built = get("/assets/a.js", "Accept-Encoding: br\r\n");
    EXPECT_NE(header_of(built, "ETag"), header_of(get("/assets/a.js"), "ETag"));
    EXPECT_EQ(status_line(get("/assets/a.js",
                              "Accept-Encoding: br\r\nIf-None-Match: " + header_of(built, "ETag") + "\r\n")),
              "HTTP/1.1 304 Not Modified");
}

TEST_F(HttpTest, AllowsOriginsByConfiguration) {
    runtime_.config.cors_origins = "https://a.example, https://b.example:8443";
    start();
    auto options = [&](const std::string& path, const std::string& origin) {
        return Wire(port())
            .send("OPTIONS " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: " + origin +
                  "\r\nAccess-Control-Request-Method: POST\r\n\r\n")
            .rest();
    };
    std::string preflight = options("/test/echo", "https://b.example:8443");
    EXPECT_EQ(status_line(preflight), "HTTP/1.1 204 No Content");
    EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "https://b.example:8443");
    EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Methods"), "POST, OPTIONS");
    EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(header_of(preflight, "Vary"), "Origin");
    EXPECT_EQ(header_of(options("/test/echo", "https://evil.example"), "Access-Control-Allow-Origin"), "");
    EXPECT_EQ(header_of(options("/api/v1/open/test", "https://evil.example"), "Access-Control-Allow-Origin"),
              "*");
    EXPECT_EQ(header_of(options("/api/v1/open/test", "https://evil.example"), "Access-Control-Allow-Methods"),
              "GET, HEAD, OPTIONS");
    EXPECT_EQ(header_of(get("/test/text", "Origin: https://a.example\r\n"), "Access-Control-Allow-Origin"),
              "https://a.example");
    EXPECT_EQ(header_of(get("/test/text", "Origin: https://evil.example\r\n"), "Access-Control-Allow-Origin"),
              "");
    EXPECT_EQ(header_of(get("/api/v1/open/test"), "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(header_of(options("/test/text", "https://a.example"), "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(header_of(options("/assets/a.js", "https://a.example"), "Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(HttpTest, KeepsThePromisesOfBodies) {
    start();
    auto post = [&](const std::string& fields, const std::string& body) {
        return Wire(port())
            .send("POST /test/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields + "\r\n" + body)
            .rest();
    };
    EXPECT_EQ(body_of(post("Content-Length: 5\r\n", "hello")), "hello");
    EXPECT_EQ(body_of(post("Transfer-Encoding: chunked\r\n", "3\r\nhel\r\n2;x\r\nlo\r\n0\r\nA: b\r\n\r\n")),
              "hello");
    std::string bad = post("Transfer-Encoding: chunked\r\n", "0x3\r\nhel\r\n0\r\n\r\n");
    EXPECT_EQ(status_line(bad), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(header_of(bad, "Connection"), "close");
    Wire waiting(port());
    waiting.send("POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(waiting.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(body_of(waiting.send("hello").reply()), "hello");
    Wire large(port());
    large.send(
        "PUT /test/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(body_of(large.send(std::string(3000000, 'a')).rest()), "3000000");
}

TEST_F(HttpTest, RefusesAnAnnouncedLengthBeforeItsFirstByte) {
    start();
    for (std::string request : {"POST /test/echo", "PUT /test/upload"}) {
        for (std::string fields : {"", "Expect: 100-continue\r\n"}) {
            std::string reply = Wire(port())
                                    .send(request + " HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n" +
                                          fields + "\r\n")
                                    .rest(5);
            EXPECT_EQ(status_line(reply), "HTTP/1.1 413 Payload Too Large") << request << fields;
            EXPECT_EQ(header_of(reply, "Connection"), "close");
        }
    }
}

TEST_F(HttpTest, LetsAClientSendToTheEndWhatItRefuses) {
    start();
    const std::string body(40 << 20, 'a');
    std::string reply =
        Wire(port())
            .send("POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body)
            .rest();
    EXPECT_EQ(status_line(reply), "HTTP/1.1 413 Payload Too Large")
        << "a connection reset while it sends would take the reply along";
}

TEST_F(HttpTest, AnswersPipelinedRequestsInOrder) {
    start();
    std::string many;
    for (int i = 0; i < 50; ++i) {
        std::string body = "number " + std::to_string(i);
        many += "POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body;
    }
    Wire wire(port());
    wire.send(many);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(body_of(wire.reply()), "number " + std::to_string(i));
    }
}

TEST_F(HttpTest, RefusesBeforeRoutingInTheClientsLanguage) {
    start();
    auto raw = [&](const std::string& bytes) { return Wire(port()).send(bytes).rest(); };
    std::string english =
        raw("GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\nContent-Length: 5\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    EXPECT_EQ(status_line(english), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(header_of(english, "Content-Type"), "application/problem+json; charset=utf-8");
    EXPECT_EQ(header_of(english, "Connection"), "close");
    EXPECT_EQ(Json::parse(body_of(english))["title"], "The request is malformed");
    std::string chinese = raw("GET / HTTP/1.1\nHost: x\n\n");
    EXPECT_EQ(Json::parse(body_of(chinese))["detail"], "行尾应为 CRLF，不能只有 LF");
    EXPECT_EQ(status_line(raw("GET / HTTP/2.0\r\nHost: x\r\n\r\n")),
              "HTTP/1.1 505 HTTP Version Not Supported");
    EXPECT_EQ(status_line(raw("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n")),
              "HTTP/1.1 501 Not Implemented");
    // Nothing behind a refused head is served: that is where a smuggled request would lie.
    std::string two =
        raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n"
            "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(two.find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(HttpTest, EndsSlowHeadsAndBodiesButNotSteadyOnes) {
    runtime_.config.head_ms_max = 300;
    runtime_.config.body_ms_max = 400;
    runtime_.config.idle_ms_max = 500;
    start();
    Wire head(port());
    head.send("GET /test/text HTT");
    std::string reply = head.rest();
    EXPECT_EQ(status_line(reply), "HTTP/1.1 408 Request Timeout");
    EXPECT_EQ(problem_of(reply), "/problems/http.request-timeout");

    Wire body(port());
    body.send("POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe");
    EXPECT_EQ(status_line(body.rest()), "HTTP/1.1 408 Request Timeout");

    Wire dripping(port());
    dripping.send("PUT /test/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    std::thread drip([&] {
        for (int i = 0; i < 30; ++i) {
            dripping.send("a");
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    });
    EXPECT_EQ(status_line(dripping.reply()), "HTTP/1.1 408 Request Timeout")
        << "a byte now and then is no progress";
    drip.join();

    EXPECT_EQ(Wire(port()).rest(), "") << "idle: closed without a word";
    Wire idle(port());
    EXPECT_EQ(status_line(idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").reply()), "HTTP/1.1 200 OK");
    EXPECT_TRUE(idle.closed(5));
}

TEST_F(HttpTest, CutsReadersWhoDoNotReadAndLetsTheStatementGo) {
    runtime_.config.write_ms_max = 500;
    start();
    Wire wire(port(), 4096);
    wire.send("GET /test/rows HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return running_statements(server_->url()) == 1; }));
    EXPECT_TRUE(eventually([&] { return running_statements(server_->url()) == 0; }))
        << "the statement waits for a client that does not read";
    EXPECT_EQ(metric("pengcheng_http_slow_cut_total"), "1");
    std::string read = wire.rest();
    EXPECT_EQ(read.find("\r\n0\r\n\r\n"), std::string::npos) << "a cut stream must not look whole";
    EXPECT_LT(read.size(), 8U << 20);
}

TEST_F(HttpTest, StopsTheWorkOfClientsThatLeft) {
    start();
    {
        Wire wire(port());
        wire.send("GET /test/sleep HTTP/1.1\r\nHost: x\r\n\r\n");
        ASSERT_TRUE(eventually([&] { return running_statements(server_->url()) == 1; }));
    }
    EXPECT_TRUE(eventually([&] { return running_statements(server_->url()) == 0; }, 10));
    EXPECT_EQ(metric("pengcheng_http_client_gone_total"), "1");
    EXPECT_EQ(status_line(get("/readyz")), "HTTP/1.1 200 OK");
}

TEST_F(HttpTest, StopsReadsThatTakeTooLong) {
    runtime_.config.request_ms_max = 500;
    start();
    std::string reply = get("/test/sleep");
    EXPECT_EQ(status_line(reply), "HTTP/1.1 503 Service Unavailable");
    EXPECT_EQ(problem_of(reply), "/problems/http.timeout");
    EXPECT_TRUE(eventually([&] { return running_statements(server_->url()) == 0; }, 10));
}

TEST_F(HttpTest, BoundsConnectionsInAllAndOfOneAddress) {
    runtime_.config.connections_max = 4;
    start();
    std::vector<std::unique_ptr<Wire>> held;
    for (int i = 0; i < 4; ++i) {
        held.push_back(std::make_unique<Wire>(port()));
        EXPECT_EQ(status_line(held.back()->send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").reply()),
                  "HTTP/1.1 200 OK");
    }
    std::string refused = get("/healthz", "Accept-Language: en\r\n");
    EXPECT_EQ(status_line(refused), "HTTP/1.1 503 Service Unavailable");
    EXPECT_EQ(header_of(refused, "Retry-After"), "1");
    EXPECT_EQ(Json::parse(body_of(refused))["title"], "Too many connections; try again shortly");
    held.clear();
    EXPECT_TRUE(eventually([&] { return status_line(get("/healthz")) == "HTTP/1.1 200 OK"; }));

    server_here_.reset();
    runtime_.config.connections_max = 100;
    runtime_.config.connections_per_address_max = 2;
    start();
    Wire one(port());
    Wire two(port());
    one.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").reply();
    two.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").reply();
    refused = get("/healthz");
    EXPECT_EQ(status_line(refused), "HTTP/1.1 429 Too Many Requests");
    EXPECT_EQ(header_of(refused, "Retry-After"), "1");
    EXPECT_EQ(problem_of(refused), "/problems/http.too-many-connections-of-address");
}

TEST_F(HttpTest, LimitsTheRateOfAnAddress) {
    runtime_.config.requests_per_address_per_s = 5;
    start();
    Wire wire(port());
    std::string reply;
    int allowed = 0;
    for (int i = 0; i < 20; ++i) {
        reply = wire.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").reply();
        allowed += status_line(reply) == "HTTP/1.1 200 OK" ? 1 : 0;
        EXPECT_EQ(header_of(reply, "RateLimit-Limit"), "5");
        EXPECT_NE(header_of(reply, "RateLimit-Remaining"), "");
    }
    EXPECT_GE(allowed, 5);
    EXPECT_LT(allowed, 20);
    EXPECT_EQ(status_line(reply), "HTTP/1.1 429 Too Many Requests");
    EXPECT_EQ(header_of(reply, "Retry-After"), "1");
    EXPECT_EQ(header_of(reply, "RateLimit-Reset"), "1");
}

TEST_F(HttpTest, BelievesTrustedProxiesOnly) {
    const std::string fields =
        "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: city.example\r\n";
    start();
    EXPECT_TRUE(body_of(get("/test/caller", fields)).starts_with("127.0.0.1 http://x "));
    server_here_.reset();
    runtime_.config.trusted_proxies = "127.0.0.0/8";
    runtime_.config.requests_per_address_per_s = 2;
    start();
    EXPECT_TRUE(body_of(get("/test/caller", fields)).starts_with("203.0.113.7 https://city.example "));
    // The limits look at the client, not at the proxy.
    get("/healthz", fields);
    EXPECT_EQ(status_line(get("/healthz", fields)), "HTTP/1.1 429 Too Many Requests");
    EXPECT_EQ(status_line(get("/healthz", "X-Forwarded-For: 203.0.113.8\r\n")), "HTTP/1.1 200 OK");
    EXPECT_EQ(header_of(get("/healthz", "X-Forwarded-For: 203.0.113.9\r\nX-Request-Id: proxy-7\r\n"),
                        "X-Request-Id"),
              "proxy-7");
}

TEST_F(HttpTest, PassesTracesOn) {
    start();
    const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
    std::string reply =
        get("/test/caller", "traceparent: 00-" + id + "-00f067aa0ba902b7-01\r\nX-Request-Id: mine\r\n");
    std::string request_id = header_of(reply, "X-Request-Id");
    EXPECT_EQ(request_id.size(), 36U) << "a stranger's id is not taken";
    EXPECT_TRUE(header_of(reply, "traceparent").starts_with("00-" + id + "-"));
    EXPECT_NE(header_of(reply, "traceparent"), "00-" + id + "-00f067aa0ba902b7-01") << "the span is ours";
    EXPECT_NE(body_of(reply).find("00-" + id), std::string::npos) << "for whoever the call asks next";
    EXPECT_EQ(header_of(get("/test/caller", "traceparent: 00-zz\r\n"), "traceparent"), "");
}

TEST_F(HttpTest, CountsByRouteAndShowsMetricsToItsNetworksOnly) {
    start();
    get("/test/file/none.pdf");
    get("/nowhere/at/all");
    get("/assets/a.js");
    std::string text = get("/metrics");
    for (const char* line :
         {"pengcheng_http_request_seconds_count{route=\"GET /test/file/{name}\",status=\"4xx\"} 1",
          "pengcheng_http_request_seconds_count{route=\"none\",status=\"4xx\"} 1",
          "pengcheng_http_request_seconds_count{route=\"files\",status=\"2xx\"} 1",
          "pengcheng_db_lane_reads_total ", "process_resident_memory_bytes "}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
    }
    server_here_.reset();
    runtime_.config.metrics_networks = "10.0.0.0/8";
    start();
    EXPECT_EQ(status_line(get("/metrics")), "HTTP/1.1 403 Forbidden");
}

TEST_F(HttpTest, DrainsWithADeadline) {
    runtime_.config.drain_ms_max = 1500;
    start();
    Wire idle(port());
    idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").reply();
    Wire ending(port());
    ending.send("GET /test/pieces?limit=20&pause=20 HTTP/1.1\r\nHost: x\r\n\r\n").until("piece 0");
    Wire endless(port());
    endless.send("GET /test/pieces?limit=10000&pause=20 HTTP/1.1\r\nHost: x\r\n\r\n").until("piece 0");
    Wire events(port());
    events.send("GET /test/pieces?limit=10000&pause=60000&type=text/event-stream HTTP/1.1\r\nHost: x\r\n\r\n")
        .until("piece 0");
    Wire rows(port(), 4096);
    rows.send("GET /test/rows HTTP/1.1\r\nHost: x\r\n\r\n").until("\r\n\r\n");

    auto began = std::chrono::steady_clock::now();
    std::thread stop([&] { server_here_->stop(); });
    EXPECT_TRUE(idle.closed(1)) << "an idle connection ends at once";
    EXPECT_TRUE(events.closed(1)) << "so does a stream without an end";
    std::string whole = ending.rest(5);
    EXPECT_NE(whole.find("\r\n0\r\n\r\n"), std::string::npos) << "what ends in time is sent whole";
    EXPECT_EQ(endless.rest(5).find("\r\n0\r\n\r\n"), std::string::npos) << "what does not is cut";
    stop.join();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(4));
    EXPECT_TRUE(eventually([&] { return running_statements(server_->url()) == 0; }, 10));
}

TEST_F(HttpTest, TakesNewLimitsWhileServing) {
    start();
    Config config = runtime_.config;
    config.body_bytes_max = 10;
    config.trusted_proxies = "127.0.0.1";
    server_here_->reload(config);
    auto post = [&] {
        return status_line(Wire(port())
                               .send("POST /test/echo HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                     "11\r\nConnection: close\r\n\r\nhello world")
                               .rest());
    };
    EXPECT_TRUE(eventually([&] { return post() == "HTTP/1.1 413 Payload Too Large"; }, 5));
    config.trusted_proxies = "nonsense";
    EXPECT_THROW(server_here_->reload(config), ProblemError);
    EXPECT_EQ(status_line(get("/healthz")), "HTTP/1.1 200 OK");
}

}  // namespace pengcheng::test
