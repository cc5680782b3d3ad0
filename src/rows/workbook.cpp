#include "rows/cells.hpp"
#include "rows/problems.hpp"
#include "rows/reading.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <filesystem>
#include <fstream>

namespace pengcheng::rows {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

struct Workbook {
    db::Pool& db;
    std::string evidence;
    std::filesystem::path folder;
    std::unique_ptr<formats::XlsxFile> file;
    std::filesystem::path path;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    bool full = false;
};

asio::awaitable<void> run(std::function<void()> work) {
    work();
    co_return;
}

/// Zipping a workbook takes long and writes to disk: it leaves the I/O thread.
asio::awaitable<void> on_worker(std::function<void()> work) {
    static asio::thread_pool workers(1);
    co_await asio::co_spawn(workers.get_executor(), run(std::move(work)), asio::use_awaitable);
}

void put_rows(Workbook& book, Cells& cells, const db::Rows& rows, int count) {
    for (int row = 0; row < count && !book.full; ++row) {
        book.full = !book.file->row(cells.of_row(rows, row));
        book.rows += book.full ? 0 : 1;
    }
}

asio::awaitable<void> fill(Workbook& book, const Reading& reading) {
    auto tx = co_await book.db.begin_snapshot();
    co_await tx.script("SET LOCAL statement_timeout = " + std::to_string(stream_ms_max));
    Page page = reading.page;
    page.limit = std::min(page.limit.value_or(formats::XlsxFile::rows_max), formats::XlsxFile::rows_max);
    ++*page.limit;  // one more tells that something is missing
    db::Query query = page_query(reading.plan, page);
    auto source = co_await tx.stream(std::move(query));
    Cells cells(reading.plan.masks);
    std::int64_t wanted = *page.limit - 1;
    while (auto rows = co_await source.next()) {
        std::int64_t room = wanted - book.rows;
        int count = static_cast<int>(std::min<std::int64_t>(room, rows->size()));
        auto work = [&] { put_rows(book, cells, *rows, count); };
        co_await on_worker(work);
        book.full = book.full || rows->size() > room;
    }
    co_await tx.commit();
    auto finish = [&book] { book.path = book.file->finish(); };
    co_await on_worker(finish);
}

asio::awaitable<void> send_file(Workbook& book, http::BodyWriter& writer) {
    std::ifstream in(book.path, std::ios::binary);
    std::string chunk(chunk_bytes, '\0');
    while (in) {
        in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
        auto size = static_cast<std::size_t>(in.gcount());
        if (size > 0) {
            co_await writer.write(std::string_view(chunk).substr(0, size));
            book.bytes += static_cast<std::int64_t>(size);
        }
    }
}

asio::awaitable<void> send(std::shared_ptr<Workbook> book, http::BodyWriter& writer) {
    std::exception_ptr failed;
    try {
        co_await send_file(*book, writer);
    } catch (...) {
        failed = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await audit::close(book->db, book->evidence, book->rows, book->bytes, failed ? "cut" : "complete");
    if (failed) {
        std::rethrow_exception(failed);
    }
}

}  // namespace

asio::awaitable<http::Reply> workbook_reply(http::Call call, Reading reading) {
    auto book = std::make_shared<Workbook>(Workbook{.db = call.db, .folder = call.runtime.var("tmp")});
    book->evidence = co_await audit::open(call.db, call.who, reading.access);
    std::exception_ptr failed;
    try {
        std::filesystem::create_directories(book->folder);
        book->file = std::make_unique<formats::XlsxFile>(book->folder, reading.plan.columns);
        co_await fill(*book, reading);
    } catch (...) {
        failed = std::current_exception();
    }
    if (failed) {
        co_await audit::close(call.db, book->evidence, 0, 0, "failed");
        co_return http::Reply::of(refusal_in(failed));
    }
    auto body = [book](http::BodyWriter& writer) { return send(book, writer); };
    http::Reply reply = http::Reply::streamed(std::string(content_type(Format::xlsx)), body);
    write_head(reply, call, reading, book->rows, std::nullopt);
    if (book->full) {
        reply.header("Pengcheng-Capped", std::to_string(book->rows));
    }
    if (call.method() == "HEAD") {
        co_await audit::close(call.db, book->evidence, 0, 0, "complete");
    }
    co_return reply;
}

}  // namespace pengcheng::rows
