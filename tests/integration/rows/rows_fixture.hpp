#pragma once

#include "harness.hpp"

#include "http/request.hpp"

#include <pengcheng/audit/sealer.hpp>
#include <pengcheng/rows/view.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>

namespace pengcheng::rows {

/// A made-up table of 3,000 people, served within this process against the suite's database.
class Rows : public test::ServerTest {
protected:
    static constexpr int people = 3000;

    struct Answer {
        int status = 0;
        std::map<std::string, std::string> headers;
        std::string type;
        std::string body;
        std::optional<Problem> problem;
        [[nodiscard]] std::string code() const { return problem ? problem->errors.at(0).code : ""; }
        [[nodiscard]] Json json() const { return Json::parse(body); }
    };
    struct Ask {
        QueryPairs query;
        http::Headers headers;
        std::string format;
    };

    static void SetUpTestSuite() {
        test::ServerTest::SetUpTestSuite();
        sql(R"(CREATE TABLE store.made_up AS
               SELECT i::bigint AS _id, NULL::uuid AS _batch, now() AS _changed_at, i::bigint AS _line,
                      'P' || lpad(i::text, 5, '0') AS code,
                      CASE WHEN i % 7 = 0 THEN '欧阳文博' WHEN i % 2 = 0 THEN '李小明' ELSE '张三' END AS name,
                      '1380000' || lpad(i::text, 4, '0') AS phone,
                      CASE WHEN i % 10 <> 0 THEN (i % 90)::bigint END AS age,
                      (i * 1.10)::numeric AS income,
                      date '1990-01-01' + i AS born,
                      timestamptz '2024-05-06 08:09:10+08' + i * interval '1 second' AS seen,
                      i % 3 = 0 AS alive,
                      CASE WHEN i % 2 = 0 THEN '320302' ELSE '320303' END AS region,
                      117 + i / 8.0::float8 AS lng, 34.25::float8 AS lat,
                      '=1+' || i || ',"x"' AS note
                 FROM generate_series(1, 3000) AS i)");
        sql("CREATE UNIQUE INDEX ON store.made_up (_id)");
        sql("CREATE UNIQUE INDEX ON store.made_up (code)");
        sql("ANALYZE store.made_up");
    }

    static View view() {
        View out;
        out.table = {.ref = "made-up",
                     .name = "store.\"made_up\"",
                     .columns = {{"code", "C", "text", "编号"},
                                 {"name", "C", "text", "姓名"},
                                 {"phone", "C", "text", "手机"},
                                 {"age", "I", "bigint", "年龄"},
                                 {"income", "N", "numeric", "收入"},
                                 {"born", "D", "date", "出生日期"},
                                 {"seen", "T", "timestamptz", "更新时间"},
                                 {"alive", "L", "boolean", "在世"},
                                 {"region", "C", "text", "区划"},
                                 {"lng", "B", "double precision", "经度"},
                                 {"lat", "B", "double precision", "纬度"},
                                 {"note", "C", "text", "备注"}},
                     .key = {"code"},
                     .load = 1,
                     .rows = people};
        for (const store::Column& column : out.table.columns) {
            out.fields.push_back({column.name, column.label, column.type, ""});
        }
        out.access = {.resource = "made-up", .owner = "040", .grant = "g1", .channel = "data-api"};
        return out;
    }
    /// Only these fields; "name:name" masks.
    static View granted(std::vector<std::pair<std::string, std::string>> fields) {
        View out = view();
        std::vector<Field> kept;
        for (const auto& [column, mask] : fields) {
            auto at = std::ranges::find(out.fields, column, &Field::column);
            kept.push_back(*at);
            kept.back().mask = mask;
        }
        out.fields = std::move(kept);
        return out;
    }

    Rows() : pool_(io_.get_executor(), {.url = server_->url(), .size_max = 3, .lane = true}) {
        static const Clock clock;
        runtime_.clock = &clock;
        runtime_.config.var = server_->var;
        runtime_.config.database_url = server_->url();
        audit::start_evidence(runtime_);
        who_.kind = Principal::Kind::client;
        who_.id = "0198a0c0-0000-7000-8000-000000000001";
        who_.name = "reader";
        who_.organization = "022";
    }

    template <class T>
    T wait(asio::awaitable<T> work) {
        std::optional<T> out;
        std::exception_ptr failed;
        auto keep = [&](std::exception_ptr error, T value) {
            failed = error;
            if (!error) {
                out = std::move(value);
            }
        };
        asio::co_spawn(io_, std::move(work), keep);
        io_.restart();
        while (!out && !failed) {  // not to its end: watches of connections go on
            io_.run_one();
        }
        if (failed) {
            std::rethrow_exception(failed);
        }
        return std::move(*out);
    }

    struct Sink : http::BodyWriter {
        std::string bytes;
        std::size_t bytes_max = static_cast<std::size_t>(-1);
        asio::awaitable<void> write(std::string_view piece) override {
            if (bytes.size() + piece.size() > bytes_max) {
                throw std::runtime_error("the client is gone");
            }
            bytes += piece;
            co_return;
        }
    };

    Answer serve_rows(View view, Ask ask, std::size_t bytes_max = static_cast<std::size_t>(-1)) {
        auto request = std::make_shared<http::Request>();
        request->method = "GET";
        request->path = "/api/v1/data/made-up";
        request->headers = std::move(ask.headers);
        request->query = std::move(ask.query);
        http::Call call(pool_, who_, runtime_, request);
        auto reply = wait(serve_to_end(std::move(call), std::move(view), std::move(ask.format), bytes_max));
        Answer out{
            .status = reply.status, .type = reply.content_type, .body = reply.body, .problem = reply.problem};
        for (const auto& [name, text] : reply.headers) {
            out.headers[name] = text;
        }
        return out;
    }
    Answer get(View view, QueryPairs query, http::Headers headers = {}) {
        return serve_rows(std::move(view), {std::move(query), std::move(headers), ""});
    }

    static asio::awaitable<http::Reply> serve_to_end(http::Call call, View view, std::string format,
                                                     std::size_t bytes_max) {
        http::Reply reply =
            co_await serve(std::move(call), std::make_shared<const View>(std::move(view)), std::move(format));
        if (reply.stream) {
            Sink sink;
            sink.bytes_max = bytes_max;
            std::exception_ptr failed;
            try {
                co_await reply.stream(sink);
            } catch (...) {
                failed = std::current_exception();
            }
            reply.body = failed ? "cut" : sink.bytes;
        }
        co_return reply;
    }

    /// Newest evidence, "kind|channel|fields|rows|outcome".
    static std::string evidence(const std::string& where = "true") {
        return sql(
            "SELECT concat_ws('|', kind, channel, array_to_string(fields, ','), row_count, outcome)"
            " FROM audit.access WHERE " +
            where + " ORDER BY at DESC, id DESC LIMIT 1");
    }

    asio::io_context io_;
    db::Pool pool_;
    Runtime runtime_;
    Principal who_;
};

}  // namespace pengcheng::rows
