// Codings, conditions, ranges, addresses, traces, metrics: the pure parts of an answer.
#include "http/addresses.hpp"
#include "http/coding.hpp"
#include "http/conditional.hpp"
#include "http/limits.hpp"
#include "http/meter.hpp"
#include "http/trace.hpp"

#include <pengcheng/http/network.hpp>

#include <gtest/gtest.h>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

namespace pengcheng::http {

namespace {

std::string gunzip(const std::string& coded) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    std::string out(1 << 22, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
    stream.avail_in = static_cast<uInt>(coded.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    inflate(&stream, Z_SYNC_FLUSH);
    out.resize(out.size() - stream.avail_out);
    inflateEnd(&stream);
    return out;
}

std::string decoded(Coding coding, const std::string& coded) {
    std::string out(1 << 22, '\0');
    std::size_t size = out.size();
    if (coding == Coding::gzip) {
        return gunzip(coded);
    }
    if (coding == Coding::brotli) {
        auto* state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
        const auto* next = reinterpret_cast<const std::uint8_t*>(coded.data());
        auto* to = reinterpret_cast<std::uint8_t*>(out.data());
        std::size_t left = coded.size();
        BrotliDecoderDecompressStream(state, &left, &next, &size, &to, nullptr);
        BrotliDecoderDestroyInstance(state);
        out.resize(out.size() - size);
        return out;
    }
    auto* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{coded.data(), coded.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (in.pos < in.size && ZSTD_isError(ZSTD_decompressStream(context, &to, &in)) == 0) {
    }
    ZSTD_freeDCtx(context);
    out.resize(to.pos);
    return out;
}

}  // namespace

TEST(Codings, AreChosenByWeight) {
    const std::array<Coding, 3> all{Coding::zstd, Coding::brotli, Coding::gzip};
    struct Row {
        const char* accept;
        Coding coding;
    };
    const std::vector<Row> rows = {
        {"", Coding::identity},
        {"gzip", Coding::gzip},
        {"gzip, deflate, br", Coding::brotli},
        {"gzip, deflate, br, zstd", Coding::zstd},
        {"GZIP;q=1.0, br;q=0.5", Coding::gzip},
        {"br;q=0, gzip;q=0.001", Coding::gzip},
        {"gzip;q=0", Coding::identity},
        {"*", Coding::zstd},
        {"*;q=0.1, zstd;q=0", Coding::brotli},
        {"identity;q=1, gzip;q=0.5", Coding::identity},
        {"identity;q=0.5, gzip;q=0.5", Coding::gzip},
        {"deflate, compress", Coding::identity},
        {"gzip;q=2", Coding::identity},
        {"gzip;q=abc", Coding::identity},
        {"x-gzip", Coding::gzip},
        {",,;;q=,", Coding::identity},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(to_text(choose_coding(row.accept, all)), to_text(row.coding)) << row.accept;
    }
}

TEST(Codings, ComeBackAndAreReadableAfterEachFlush) {
    std::string text;
    for (int i = 0; i < 20000; ++i) {
        text += "{\"编号\":" + std::to_string(i * 7919 % 10007) + ",\"名称\":\"徐州\"},";
    }
    for (Coding coding : {Coding::gzip, Coding::brotli, Coding::zstd}) {
        auto compressor = Compressor::make(coding);
        std::string coded;
        compressor->add(std::string_view(text).substr(0, 1000), Compressor::After::flush, coded);
        EXPECT_EQ(decoded(coding, coded), text.substr(0, 1000)) << to_text(coding);
        compressor->add(std::string_view(text).substr(1000, 60000), Compressor::After::more, coded);
        compressor->add(std::string_view(text).substr(61000), Compressor::After::flush, coded);
        EXPECT_EQ(decoded(coding, coded), text) << to_text(coding);
        compressor->add({}, Compressor::After::end, coded);
        EXPECT_EQ(decoded(coding, coded), text) << to_text(coding);
        EXPECT_LT(coded.size() * 3, text.size());
    }
}

TEST(Codings, AreForTextOnly) {
    for (const char* type :
         {"text/html; charset=utf-8", "application/json", "application/problem+json; charset=utf-8",
          "text/csv", "application/x-ndjson", "application/geo+json", "image/svg+xml"}) {
        EXPECT_TRUE(is_compressible(type)) << type;
    }
    for (const char* type : {"image/png", "application/pdf", "text/event-stream; charset=utf-8", "",
                             "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}) {
        EXPECT_FALSE(is_compressible(type)) << type;
    }
}

TEST(Conditions, FollowTheTagThenTheDate) {
    const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
    EXPECT_EQ(to_http_date(784111777), date);
    EXPECT_EQ(parse_http_date(date), 784111777);
    for (const char* wrong : {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "", "x",
                              "Sun, 06 Xxx 1994 08:49:37 GMT"}) {
        EXPECT_EQ(parse_http_date(wrong), std::nullopt) << wrong;
    }
    EXPECT_TRUE(not_modified("\"a\"", "", "\"a\"", ""));
    EXPECT_TRUE(not_modified("\"x,y\", W/\"a\"", "", "\"a\"", ""));
    EXPECT_TRUE(not_modified("*", "", "W/\"a\"", ""));
    EXPECT_FALSE(not_modified("\"b\"", date, "\"a\"", date)) << "the tag decides where it is sent";
    EXPECT_FALSE(not_modified("\"a", "", "\"a\"", ""));
    EXPECT_FALSE(not_modified("*", "", "", ""));
    EXPECT_TRUE(not_modified("", date, "", date));
    EXPECT_FALSE(not_modified("", "Sun, 06 Nov 1994 08:49:36 GMT", "", date));
    EXPECT_FALSE(not_modified("", date, "", ""));
}

TEST(Ranges, AreOnePartOrTheWhole) {
    using Verdict = RangeChoice::Verdict;
    struct Row {
        const char* range;
        Verdict verdict;
        std::int64_t first = 0, last = 0;
    };
    const std::vector<Row> rows = {
        {"bytes=0-0", Verdict::part, 0, 0},
        {"bytes=10-19", Verdict::part, 10, 19},
        {"bytes=90-", Verdict::part, 90, 99},
        {"bytes=90-1000", Verdict::part, 90, 99},
        {"bytes=-10", Verdict::part, 90, 99},
        {"bytes=-1000", Verdict::part, 0, 99},
        {"bytes=100-", Verdict::unsatisfiable},
        {"bytes=-0", Verdict::unsatisfiable},
        {"bytes=0-1,5-6", Verdict::whole},
        {"bytes=5-4", Verdict::whole},
        {"items=0-9", Verdict::whole},
        {"bytes=a-b", Verdict::whole},
        {"bytes=", Verdict::whole},
        {"bytes=--5", Verdict::whole},
        {"", Verdict::whole},
    };
    for (const Row& row : rows) {
        RangeChoice choice = choose_range(row.range, "", "\"a\"", "", 100);
        EXPECT_EQ(choice.verdict, row.verdict) << row.range;
        if (row.verdict == Verdict::part) {
            EXPECT_EQ(choice.range.first, row.first) << row.range;
            EXPECT_EQ(choice.range.last, row.last) << row.range;
        }
    }
    const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
    auto verdict = [&](const char* if_range, const char* etag) {
        return choose_range("bytes=0-1", if_range, etag, date, 100).verdict;
    };
    EXPECT_EQ(verdict("\"a\"", "\"a\""), Verdict::part);
    EXPECT_EQ(verdict("\"b\"", "\"a\""), Verdict::whole);
    EXPECT_EQ(verdict("W/\"a\"", "W/\"a\""), Verdict::whole) << "a weak tag promises no equal bytes";
    EXPECT_EQ(verdict(date.c_str(), "\"a\""), Verdict::part);
    EXPECT_EQ(verdict("Sun, 06 Nov 1994 08:49:38 GMT", "\"a\""), Verdict::whole);
    EXPECT_EQ(choose_range("bytes=-5", "", "", "", 0).verdict, Verdict::unsatisfiable);
}

TEST(Proxies, AreBelievedOnlyWhenTrusted) {
    Networks trusted("10.0.0.0/8, 2001:db8::/32, 192.168.7.1");
    EXPECT_TRUE(trusted.contains("10.255.0.1"));
    EXPECT_TRUE(trusted.contains("::ffff:10.1.2.3"));
    EXPECT_TRUE(trusted.contains("2001:db8:1::1"));
    EXPECT_FALSE(trusted.contains("11.0.0.1"));
    EXPECT_FALSE(trusted.contains("192.168.7.2"));
    EXPECT_FALSE(trusted.contains("nonsense"));
    for (const char* wrong : {"10.0.0.0/33", "::/129", "10.0.0/8", "a", "10.0.0.0/-1", "10.0.0.0/x"}) {
        EXPECT_THROW(Networks{wrong}, ProblemError) << wrong;
    }
    struct Row {
        const char* peer;
        std::vector<HeadField> fields;
        std::string address, proto, host;
    };
    const std::vector<Row> rows = {
        {"203.0.113.9",
         {{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=1.2.3.4"}},
         "203.0.113.9",
         "",
         ""},
        {"10.0.0.1", {}, "10.0.0.1", "", ""},
        {"10.0.0.1",
         {{"X-Forwarded-For", "1.2.3.4"}, {"X-Forwarded-Proto", "https"}},
         "1.2.3.4",
         "https",
         ""},
        {"10.0.0.1", {{"X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.0.0.2"}}, "1.2.3.4", "", ""},
        {"10.0.0.1", {{"x-forwarded-for", "6.6.6.6"}, {"X-Forwarded-For", "1.2.3.4"}}, "1.2.3.4", "", ""},
        {"10.0.0.1", {{"X-Forwarded-For", "1.2.3.4:5678"}}, "1.2.3.4", "", ""},
        {"10.0.0.1", {{"X-Forwarded-For", "rubbish"}}, "10.0.0.1", "", ""},
        {"10.0.0.1",
         {{"Forwarded", "for=\"[2001:db9::1]:47\";proto=https;host=city.example, for=10.0.0.9"}},
         "2001:db9::1",
         "https",
         "city.example"},
        {"10.0.0.1",
         {{"Forwarded", "for=unknown, for=_hidden"}, {"X-Forwarded-For", "1.2.3.4"}},
         "10.0.0.1",
         "",
         ""},
        {"10.0.0.1", {{"X-Forwarded-Proto", "gopher"}, {"X-Forwarded-Host", "h"}}, "10.0.0.1", "", "h"},
    };
    for (const Row& row : rows) {
        Caller caller = caller_of(row.peer, row.fields, trusted);
        EXPECT_EQ(caller.address, row.address);
        EXPECT_EQ(caller.proto, row.proto) << row.address;
        EXPECT_EQ(caller.host, row.host) << row.address;
    }
}

TEST(Traces, AreParsedStrictlyAndPassedOn) {
    const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
    Trace trace = parse_traceparent("00-" + id + "-00f067aa0ba902b7-01");
    EXPECT_EQ(trace.id, id);
    EXPECT_EQ(trace.flags, "01");
    std::string ours = traceparent_of(trace, "01900000-0000-7000-8123-456789abcdef");
    EXPECT_EQ(ours, "00-" + id + "-8123456789abcdef-01");
    EXPECT_EQ(parse_traceparent("cc-" + id + "-00f067aa0ba902b7-01-more").id, id);
    for (const std::string& wrong :
         {"00-" + id + "-00f067aa0ba902b7-01-more", "ff-" + id + "-00f067aa0ba902b7-01",
          "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01", "00-" + id + "-0000000000000000-01",
          "00-" + id + "-00f067aa0ba902b7",
          std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), std::string()}) {
        EXPECT_TRUE(parse_traceparent(wrong).empty()) << wrong;
    }
    EXPECT_EQ(parse_traceparent(traceparent_of({}, "01900000-0000-7000-8123-456789abcdef")).id,
              "01900000000070008123456789abcdef");
}

TEST(Addresses, AreCountedAndRated) {
    AddressTable table;
    EXPECT_TRUE(table.enter("1.2.3.4", 2));
    EXPECT_TRUE(table.enter("1.2.3.4", 2));
    EXPECT_FALSE(table.enter("1.2.3.4", 2));
    EXPECT_TRUE(table.enter("1.2.3.5", 2));
    table.leave("1.2.3.4");
    EXPECT_TRUE(table.enter("1.2.3.4", 2));
    EXPECT_TRUE(table.enter("2001:db8::1", 1));
    EXPECT_FALSE(table.enter("2001:db8::2", 1)) << "one subscriber holds a /64";
    EXPECT_TRUE(table.enter("2001:db8:0:1::1", 1));
    EXPECT_EQ(network_of("2001:db8:0:1:2:3:4:5"), "2001:db8:0:1::/64");
    for (std::string itself : {"1.2.3.4", "::1", "::ffff:1.2.3.4", "", "unknown"}) {
        EXPECT_EQ(network_of(itself), itself);
    }

    auto now = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(table.count("1.2.3.4", 10, now).allowed) << i;
    }
    EXPECT_FALSE(table.count("1.2.3.4", 10, now).allowed);
    EXPECT_TRUE(table.count("1.2.3.4", 10, now + std::chrono::milliseconds(150)).allowed);
    EXPECT_FALSE(table.count("1.2.3.4", 10, now + std::chrono::milliseconds(150)).allowed);
    table.sweep(now + std::chrono::seconds(5));
    EXPECT_EQ(table.count("1.2.3.4", 10, now + std::chrono::seconds(5)).remaining, 9);
}

TEST(Metrics, AreHistogramsByRouteAndStatusClass) {
    Meter one(2);
    Meter two(2);
    one.answered(0, 200, 700, 10);
    two.answered(0, 204, 30'000'000, 20);
    two.answered(1, 503, 3000, 5);
    two.answered(99, 404, 1, 0);
    std::string text = write_metrics({&one, &two}, {"GET /a/{ref}", "a\"b"},
                                     {{"pengcheng_jobs", "Jobs.", {{"state", "queued"}, {"kind", "x"}}, 3}});
    for (const char* line :
         {"pengcheng_http_request_seconds_bucket{route=\"GET /a/{ref}\",status=\"2xx\",le=\"0.0005\"} 0\n",
          "pengcheng_http_request_seconds_bucket{route=\"GET /a/{ref}\",status=\"2xx\",le=\"0.001\"} 1\n",
          "pengcheng_http_request_seconds_bucket{route=\"GET /a/{ref}\",status=\"2xx\",le=\"10\"} 1\n",
          "pengcheng_http_request_seconds_bucket{route=\"GET /a/{ref}\",status=\"2xx\",le=\"+Inf\"} 2\n",
          "pengcheng_http_request_seconds_count{route=\"GET /a/{ref}\",status=\"2xx\"} 2\n",
          "pengcheng_http_request_seconds_sum{route=\"GET /a/{ref}\",status=\"2xx\"} 30.0007\n",
          "pengcheng_http_request_seconds_count{route=\"a\\\"b\",status=\"5xx\"} 1\n",
          "pengcheng_http_requests_total 4\n", "pengcheng_http_refused_total 1\n",
          "pengcheng_http_failed_total 1\n", "pengcheng_http_reply_bytes_total 35\n",
          "# TYPE pengcheng_jobs gauge\n", "pengcheng_jobs{state=\"queued\",kind=\"x\"} 3\n",
          "# TYPE process_resident_memory_bytes gauge\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
    }
}

}  // namespace pengcheng::http
