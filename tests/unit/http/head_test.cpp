#include "http/head.hpp"
#include "http/chunks.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pengcheng::http {

using State = HeadReading::State;

TEST(RequestHead, RefusesEverySmugglingForm) {
    struct Row {
        std::string bytes;
        HeadFault fault;
    };
    const std::string get = "GET / HTTP/1.1\r\n";
    const std::string host = "Host: x\r\n";
    auto with = [&](const std::string& fields) { return get + host + fields + "\r\n"; };
    const std::vector<Row> rows = {
        {with("Content-Length: 5\r\nContent-Length: 5\r\n"), HeadFault::repeated_field},
        {with("Content-Length: 5\r\ncontent-length: 6\r\n"), HeadFault::repeated_field},
        {with("Content-Length: 5, 5\r\n"), HeadFault::length},
        {with("Content-Length: +5\r\n"), HeadFault::length},
        {with("Content-Length: -1\r\n"), HeadFault::length},
        {with("Content-Length: 0x10\r\n"), HeadFault::length},
        {with("Content-Length: 9999999999999999999\r\n"), HeadFault::length},
        {with("Content-Length:\r\n"), HeadFault::length},
        {with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), HeadFault::length_and_coding},
        {with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), HeadFault::length_and_coding},
        {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), HeadFault::repeated_field},
        {with("Transfer-Encoding: gzip, chunked\r\n"), HeadFault::coding},
        {with("Transfer-Encoding: chunked, identity\r\n"), HeadFault::coding},
        {with("Transfer-Encoding: xchunked\r\n"), HeadFault::coding},
        {with("Transfer-Encoding: \"chunked\"\r\n"), HeadFault::coding},
        {with("Transfer-Encoding:\x0b chunked\r\n"), HeadFault::control_byte},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HeadFault::coding},
        {with("Content-Length : 5\r\n"), HeadFault::field_name},
        {with("Transfer-Encoding\t: chunked\r\n"), HeadFault::field_name},
        {with(" folded\r\n"), HeadFault::folded},
        {with("A: b\r\n\tfolded\r\n"), HeadFault::folded},
        {get + " Host: x\r\n\r\n", HeadFault::folded},
        {"GET / HTTP/1.1\nHost: x\n\n", HeadFault::bare_lf},
        {get + "Host: x\nA: b\r\n\r\n", HeadFault::bare_lf},
        {with("A: b\n"), HeadFault::bare_lf},
        {with("A: b\rC: d\r\n"), HeadFault::control_byte},
        {with("A: b\r\r\n"), HeadFault::control_byte},
        {with(std::string("A: b\0c\r\n", 8)), HeadFault::control_byte},
        {with("A: b\x7f\r\n"), HeadFault::control_byte},
        {with("A\x01: b\r\n"), HeadFault::control_byte},
        {with(": b\r\n"), HeadFault::field_name},
        {with("no colon\r\n"), HeadFault::field_name},
        {with("A(b): c\r\n"), HeadFault::field_name},
        {get + "\r\n", HeadFault::host},
        {get + "Host: x\r\nHost: y\r\n\r\n", HeadFault::repeated_field},
        {get + "Host: a b\r\n\r\n", HeadFault::host},
        {get + "Host: a/b\r\n\r\n", HeadFault::host},
        {with("Expect: 200-ok\r\n"), HeadFault::expectation},
        {with("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), HeadFault::repeated_field},
    };
    for (const Row& row : rows) {
        Head head;
        HeadReading reading = read_head(row.bytes, {}, head);
        EXPECT_EQ(reading.state, State::refused) << row.bytes;
        EXPECT_EQ(static_cast<int>(reading.fault), static_cast<int>(row.fault))
            << row.bytes << " -> " << text_of(reading.fault, false);
    }
}

TEST(RequestHead, RefusesWrongRequestLines) {
    struct Row {
        std::string line;
        HeadFault fault;
    };
    const std::vector<Row> rows = {
        {"", HeadFault::request_line},
        {"NONSENSE", HeadFault::request_line},
        {"GET /", HeadFault::request_line},
        {"GET  / HTTP/1.1", HeadFault::request_line},
        {"GET / HTTP/1.1 ", HeadFault::request_line},
        {" GET / HTTP/1.1", HeadFault::request_line},
        {"GET / x HTTP/1.1", HeadFault::request_line},
        {"G(T / HTTP/1.1", HeadFault::request_line},
        {"GET\t/ HTTP/1.1", HeadFault::request_line},
        {"GET /\t HTTP/1.1", HeadFault::request_line},
        {"GET /# HTTP/1.1", HeadFault::request_line},
        {"GET * HTTP/1.1", HeadFault::request_line},
        {"GET index HTTP/1.1", HeadFault::request_line},
        {"CONNECT x:443 HTTP/1.1", HeadFault::request_line},
        {"GET ftp://x/ HTTP/1.1", HeadFault::request_line},
        {"GET http:// HTTP/1.1", HeadFault::request_line},
        {std::string("GET /\0 HTTP/1.1", 15), HeadFault::control_byte},
        {"GET / HTTP/2.0", HeadFault::version},
        {"GET / HTTP/1.2", HeadFault::version},
        {"GET / HTTP/11", HeadFault::version},
        {"GET / http/1.1", HeadFault::request_line},
    };
    for (const Row& row : rows) {
        Head head;
        HeadReading reading = read_head(row.line + "\r\nHost: x\r\n\r\n", {}, head);
        EXPECT_EQ(reading.state, State::refused) << row.line;
        EXPECT_EQ(static_cast<int>(reading.fault), static_cast<int>(row.fault))
            << row.line << " -> " << text_of(reading.fault, false);
    }
}

TEST(RequestHead, ReadsWhatIsRight) {
    std::string bytes =
        "POST /a%20b?q=1&r=?x HTTP/1.1\r\nHost: city.example:8080\r\nX-Empty:\r\nName: \t value in words "
        "\t\r\n"
        "Content-Length: 12\r\nConnection: foo, Close\r\nExpect: 100-Continue\r\n\r\nrest";
    Head head;
    HeadReading reading = read_head(bytes, {}, head);
    ASSERT_EQ(reading.state, State::whole);
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.path, "/a%20b");
    EXPECT_EQ(head.query, "q=1&r=?x");
    EXPECT_EQ(head.host, "city.example:8080");
    EXPECT_EQ(head.field("name"), "value in words");
    EXPECT_EQ(head.field("x-empty"), "");
    EXPECT_EQ(head.content_length, 12);
    EXPECT_FALSE(head.keep_alive);
    EXPECT_TRUE(head.expects_continue);
    EXPECT_EQ(bytes.substr(head.size), "rest");

    ASSERT_EQ(read_head("GET http://other.example/x?y HTTP/1.1\r\nHost: x\r\n\r\n", {}, head).state,
              State::whole);
    EXPECT_EQ(head.host, "other.example") << "an absolute target wins over Host (RFC 9112 3.2.2)";
    EXPECT_EQ(head.path, "/x");
    ASSERT_EQ(read_head("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {}, head).state, State::whole);
    EXPECT_EQ(head.path, "*");
    ASSERT_EQ(read_head("\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {}, head).state,
              State::whole);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_EQ(head.minor, 0);
    for (std::string wish : {"100-continue", "200-ok"}) {
        std::string old = "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: " + wish + "\r\n\r\n";
        ASSERT_EQ(read_head(old, {}, head).state, State::whole);
        EXPECT_FALSE(head.expects_continue) << "HTTP/1.0 has no interim replies";
    }
    ASSERT_EQ(
        read_head("GET /彭城 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n", {}, head).state,
        State::whole);
    EXPECT_TRUE(head.chunked);
}

TEST(RequestHead, BoundsBytesAndFields) {
    Head head;
    HeadLimits limits{.bytes_max = 200, .fields_max = 5};
    std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 5; ++i) {
        many += "A: b\r\n";
    }
    EXPECT_EQ(read_head(many + "\r\n", limits, head).fault, HeadFault::too_many_fields);
    EXPECT_EQ(read_head("GET /" + std::string(300, 'a'), limits, head).fault, HeadFault::too_large);
    EXPECT_EQ(read_head("GET / HTTP/1.1\r\nA: " + std::string(300, 'a') + "\r\n\r\n", limits, head).fault,
              HeadFault::too_large);
    std::string long_line = "GET /" + std::string(65536, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_EQ(read_head(long_line, {}, head).state, State::whole) << "a request line may have 64 KiB";
}

TEST(RequestHead, ComesOutTheSameByteByByte) {
    std::string bytes = "\r\nGET /a?b HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\nGET /next";
    Head head;
    std::size_t searched = 0;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        HeadReading reading = read_head(std::string_view(bytes).substr(0, size), {}, head, searched);
        if (size < bytes.find("GET /next")) {
            ASSERT_EQ(reading.state, State::incomplete) << size;
            ASSERT_LE(reading.searched, std::max<std::size_t>(size, 2));
            searched = reading.searched;
            continue;
        }
        ASSERT_EQ(reading.state, State::whole) << size;
        EXPECT_EQ(head.size, bytes.find("GET /next"));
        EXPECT_EQ(head.path, "/a");
    }
}

namespace {

/// The body of `coded`, given in pieces of `step` bytes; "!" when it is refused, "..." when it has no end.
std::string unchunk(std::string_view coded, std::size_t step) {
    ChunkReader reader;
    std::string out;
    std::array<char, 7> room{};
    std::size_t at = 0;
    std::size_t given = std::min(step, coded.size());
    while (true) {
        ChunkReader::Step one = reader.step(coded.substr(at, given - at), room);
        out.append(room.data(), one.given);
        at += one.taken;
        if (one.state == ChunkReader::State::bad) {
            return "!";
        }
        if (one.state == ChunkReader::State::done) {
            return out + "|" + std::string(coded.substr(at));
        }
        if (one.given == 0 && given == coded.size()) {
            return "...";
        }
        given = std::min(given + step, coded.size());
    }
}

}  // namespace

TEST(Chunks, AreReadOrRefused) {
    struct Row {
        std::string coded, body;
    };
    const std::vector<Row> rows = {
        {"5\r\nhello\r\n0\r\n\r\n", "hello|"},
        {"5;name=value\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\nGET", "hello!|GET"},
        {"0005\r\nhello\r\n0000\r\n\r\n", "hello|"},
        {"1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n", "abcdefghijklmnopqrstuvwxyz|"},
        {"0\r\n\r\n", "|"},
        {"5\r\nhel", "..."},
        {"5\nhello\r\n0\r\n\r\n", "!"},
        {"5\r\nhello\n0\r\n\r\n", "!"},
        {"5\r\nhello0\r\n\r\n", "!"},
        {"5 \r\nhello\r\n0\r\n\r\n", "!"},
        {" 5\r\nhello\r\n0\r\n\r\n", "!"},
        {"+5\r\nhello\r\n0\r\n\r\n", "!"},
        {"-5\r\nhello\r\n0\r\n\r\n", "!"},
        {"0x5\r\nhello\r\n0\r\n\r\n", "!"},
        {"\r\nhello\r\n0\r\n\r\n", "!"},
        {"g\r\n", "!"},
        {"5;a\nb\r\nhello\r\n0\r\n\r\n", "!"},
        {"10000000000000000\r\n", "!"},
        {"fffffffffffffffffff5\r\nhello", "!"},
        {"0\r\nA: b\n\r\n", "!"},
        {"0\r\n folded\r\n\r\n", "!"},
        {"0\r\nA: b\r\r\n", "!"},
        {"0\r\n" + std::string(9000, 'a') + "\r\n\r\n", "!"},
    };
    for (const Row& row : rows) {
        for (std::size_t step : {1U, 2U, 3U, 1000U, 100000U}) {
            EXPECT_EQ(unchunk(row.coded, step), row.body)
                << row.coded.substr(0, 40) << " in steps of " << step;
        }
    }
}

}  // namespace pengcheng::http
