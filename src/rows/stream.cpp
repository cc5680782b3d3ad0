#include "rows/problems.hpp"
#include "rows/reading.hpp"

namespace pengcheng::rows {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

/// A statement under way and what turns its rows into bytes. Shared by the handler and the reply's body.
struct Stream {
    db::Pool& db;
    std::string evidence;
    std::optional<db::Transaction> tx;
    std::optional<db::RowStream> source;
    std::vector<db::Rows> first;  ///< read before the head: a failing statement is still a refusal
    bool ended = false;
    Encoder encoder;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
};

/// Total, page edge, then the first rows: everything the head tells.
struct Opening {
    std::optional<std::int64_t> returned;
    std::optional<std::int64_t> next_after;
    bool more = false;
};

asio::awaitable<Opening> read_edge(db::Transaction& tx, const Reading& reading) {
    Opening out;
    bool whole = reading.plan.inner_where.empty() && reading.plan.outer_where.empty();
    auto known = reading.total && reading.asked.count == Count::exact ? reading.total : std::nullopt;
    if (!known && whole) {
        known = reading.view->table.rows;
    }
    if (!reading.page.limit) {
        if (known && !reading.page.after) {
            out.returned = std::max<std::int64_t>(*known - reading.page.offset, 0);
        }
        co_return out;
    }
    db::Query query = edge_query(reading.plan, reading.page);
    db::Rows rows = co_await tx.query(std::move(query));
    out.more = rows.size() == 2;
    if (rows.size() >= 1) {
        out.returned = reading.page.limit;
    } else if (known && !reading.page.after) {
        out.returned = std::max<std::int64_t>(*known - reading.page.offset, 0);
    }
    if (out.more && reading.plan.storage_order) {
        std::int64_t last = 0;
        db::decode(rows.at(0, 0), last);
        out.next_after = last;
    }
    co_return out;
}

/// The first rows, within what a page in memory may hold -> whether they are all.
asio::awaitable<bool> read_first(Stream& stream, const Reading& reading) {
    std::int64_t bound = reading.plan.long_text ? long_page_rows_max : page_rows_max;
    std::int64_t count = 0;
    while (count < bound) {
        auto rows = co_await stream.source->next();
        if (!rows) {
            co_return true;
        }
        count += rows->size();
        stream.first.push_back(std::move(*rows));
    }
    co_return false;
}

asio::awaitable<Result<Opening>> open_stream(Stream& stream, Reading& reading, db::Pool& db) {
    stream.first.clear();
    stream.source.reset();
    stream.tx = co_await db.begin_snapshot();
    co_await stream.tx->script("SET LOCAL statement_timeout = " + std::to_string(page_ms_max));
    co_await read_total(*stream.tx, reading);
    if (auto fits = check_offset(reading.page.offset, reading.total); !fits) {
        co_return fits.error();
    }
    Opening opening = co_await read_edge(*stream.tx, reading);
    co_await stream.tx->script("SET LOCAL statement_timeout = " + std::to_string(stream_ms_max));
    db::Query query = page_query(reading.plan, reading.page);
    stream.source = co_await stream.tx->stream(std::move(query));
    stream.ended = co_await read_first(stream, reading);
    if (stream.ended) {
        opening.returned = 0;
        for (const db::Rows& rows : stream.first) {
            *opening.returned += rows.size();
        }
    }
    co_return opening;
}

void encode(Stream& stream, const db::Rows& rows, std::string& buffer) {
    for (int row = 0; row < rows.size(); ++row) {
        stream.encoder.row(rows, row, buffer);
        ++stream.rows;
    }
}

asio::awaitable<void> flush(Stream& stream, http::BodyWriter& writer, std::string& buffer,
                            std::size_t least) {
    if (buffer.size() < least) {
        co_return;
    }
    co_await writer.write(buffer);
    stream.bytes += static_cast<std::int64_t>(buffer.size());
    buffer.clear();
}

asio::awaitable<void> send_rows(Stream& stream, http::BodyWriter& writer) {
    std::string buffer;
    stream.encoder.begin(buffer);
    for (const db::Rows& rows : stream.first) {
        encode(stream, rows, buffer);
        co_await flush(stream, writer, buffer, chunk_bytes);
    }
    bool ended = stream.ended;
    stream.first.clear();
    while (!ended) {
        auto rows = co_await stream.source->next();
        ended = !rows;
        if (rows) {
            encode(stream, *rows, buffer);
            co_await flush(stream, writer, buffer, chunk_bytes);
        }
    }
    stream.encoder.end(buffer);
    co_await flush(stream, writer, buffer, 1);
    co_await stream.tx->commit();
}

/// The body of a streamed reply: its evidence is closed however it ends.
asio::awaitable<void> send(std::shared_ptr<Stream> stream, http::BodyWriter& writer) {
    std::exception_ptr failed;
    std::string outcome = "complete";
    try {
        co_await send_rows(*stream, writer);
    } catch (const db::Error&) {
        failed = std::current_exception();
        outcome = "failed";
    } catch (...) {
        failed = std::current_exception();
        outcome = "cut";
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    stream->source.reset();
    stream->tx.reset();  // its connection first: closing the evidence needs one
    co_await audit::close(stream->db, stream->evidence, stream->rows, stream->bytes, outcome);
    if (failed) {
        std::rethrow_exception(failed);
    }
}

}  // namespace

asio::awaitable<http::Reply> stream_reply(http::Call call, Reading reading) {
    auto encoder = Encoder::make(reading.plan, reading.asked.format, reading.asked.download);
    if (!encoder) {
        co_return http::Reply::of(encoder.error());
    }
    auto stream = std::make_shared<Stream>(Stream{.db = call.db, .encoder = std::move(*encoder)});
    // Before the transaction: a request that holds a connection must not wait for a second one.
    stream->evidence = co_await audit::open(call.db, call.who, reading.access);
    std::exception_ptr failed;
    Result<Opening> opening = Opening{};
    try {
        auto open = [&](db::Pool& db) { return open_stream(*stream, reading, db); };
        opening = co_await db::from_reader(call.db, open);
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed || !opening) {
        stream->source.reset();
        stream->tx.reset();
        co_await audit::close(call.db, stream->evidence, 0, 0, "failed");
        co_return http::Reply::of(failed ? refusal_in(failed) : opening.error());
    }
    auto body = [stream](http::BodyWriter& writer) { return send(stream, writer); };
    http::Reply reply = http::Reply::streamed(std::string(content_type(reading.asked.format)), body);
    write_head(reply, call, reading, opening->returned, opening->next_after);
    if (opening->more && reading.capped) {
        reply.header("Pengcheng-Capped", std::to_string(reading.view->rows_max));
    }
    if (call.method() == "HEAD") {  // nobody calls the body, so nothing leaves
        stream->source.reset();
        stream->tx.reset();
        co_await audit::close(call.db, stream->evidence, 0, 0, "complete");
    }
    co_return reply;
}

}  // namespace pengcheng::rows
