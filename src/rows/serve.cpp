#include "rows/problems.hpp"
#include "rows/reading.hpp"
#include "rows/shapes.hpp"
#include "rows/value.hpp"

#include <pengcheng/base/text.hpp>

namespace pengcheng::rows {
namespace {

/// Whether the whole reply fits in memory: then one statement tells rows, range and cursor.
bool fits_memory(const Reading& reading) {
    if (reading.asked.format == Format::xlsx) {
        return false;
    }
    std::int64_t bound = reading.plan.long_text ? long_page_rows_max : page_rows_max;
    std::int64_t rows = reading.page.limit.value_or(reading.view->table.rows);
    return reading.asked.format == Format::object || reading.plan.one_row || rows <= bound;
}

Problem not_single(int rows) {
    std::string count = std::to_string(rows);
    Problem out = problem::not_single.because("结果有 " + count + " 行，不是恰好一行",
                                              "JSON object requested, multiple (or no) rows returned");
    out.also("", "结果有 " + count + " 行", "The result contains " + count + " rows", "PGRST116");
    return out;
}

/// The rows of a page that fits memory, the total where it was asked for, in one snapshot.
asio::awaitable<db::Rows> read_counted(db::Pool& db, Reading& reading, Page page) {
    auto tx = co_await db.begin_snapshot();
    co_await tx.script("SET LOCAL statement_timeout = " + std::to_string(page_ms_max));
    co_await read_total(tx, reading);
    db::Query query = page_query(reading.plan, page);
    db::Rows rows = co_await tx.query(std::move(query));
    co_await tx.commit();
    co_return rows;
}

/// The reply of rows read, its evidence committed.
asio::awaitable<Result<http::Reply>> write_page(const http::Call& call, const Reading& reading,
                                                audit::Access access, Encoder encoder, db::Rows rows) {
    bool object = reading.asked.format == Format::object;
    int count = rows.size();
    if (object && count != 1) {
        co_return not_single(count);
    }
    if (reading.page.limit && !object) {
        count = static_cast<int>(std::min<std::int64_t>(*reading.page.limit, count));
    }
    http::Reply reply;
    reply.body.reserve(2 * rows.bytes());  // names come to the values; growing copies a page several times
    encoder.begin(reply.body);
    for (int row = 0; row < count; ++row) {
        encoder.row(rows, row, reply.body);
    }
    encoder.end(reply.body);
    bool more = count < rows.size();
    std::optional<std::int64_t> next;
    if (more && count > 0 && reading.plan.storage_order) {
        std::int64_t last = 0;
        db::decode(rows.at(count - 1, rows.column_count() - 1), last);
        next = last;
    }
    write_head(reply, call, reading, count, next);
    if (more && reading.capped) {
        reply.header("Pengcheng-Capped", std::to_string(reading.view->rows_max));
    }
    co_await audit::delivered(call.db, call.who, std::move(access), count,
                              static_cast<std::int64_t>(reply.body.size()));
    co_return reply;
}

asio::awaitable<Result<http::Reply>> page_reply(const http::Call& call, Reading& reading) {
    auto encoder = Encoder::make(reading.plan, reading.asked.format, reading.asked.download);
    if (!encoder) {
        co_return encoder.error();
    }
    Page page = fetched_page(reading);
    bool counted = reading.asked.count != Count::none;
    std::exception_ptr failed;
    db::Rows rows;
    auto read = [&](db::Pool& db) {
        return counted ? read_counted(db, reading, page) : read_page(db, reading.plan, page);
    };
    try {
        rows = co_await db::from_reader(call.db, read);
    } catch (const db::Error&) {
        failed = std::current_exception();
    }
    if (failed) {
        co_return refusal_in(failed);
    }
    if (auto fits = check_offset(reading.page.offset, reading.total); !fits) {
        co_return fits.error();
    }
    co_return co_await write_page(call, reading, reading.access, std::move(*encoder), std::move(rows));
}

/// A page whose shape is known: only its values are new.
asio::awaitable<Result<http::Reply>> shaped_reply(const http::Call& call,
                                                  std::shared_ptr<const Shape> shape) {
    std::vector<db::Param> params = shape->reading.plan.params;
    for (const Slot& slot : shape->slots) {
        std::string_view value = std::string_view(call.query_pairs()[slot.pair].second).substr(slot.value_at);
        if (auto fits = check_value(slot.column, slot.pg_type, value); !fits) {
            co_return fits.error();
        }
        params[slot.param] = value;
    }
    audit::Access access = shape->reading.access;
    access.filter = filter_text(call.query_pairs());
    std::exception_ptr failed;
    db::Rows rows;
    auto read = [&](db::Pool& db) {
        std::shared_ptr<const db::SharedQuery> query(shape, &shape->query);
        return db.short_query(std::move(query), params);
    };
    try {
        rows = co_await db::from_reader(call.db, read);
    } catch (const db::Error&) {
        failed = std::current_exception();
    }
    if (failed) {
        co_return refusal_in(failed);
    }
    Encoder encoder = Encoder::of_objects(shape->reading.plan, shape->objects, shape->reading.asked.format);
    co_return co_await write_page(call, shape->reading, std::move(access), std::move(encoder),
                                  std::move(rows));
}

/// Evidence of a refusal. Queries of nobody in particular on open data are not worth a record each.
asio::awaitable<http::Reply> refuse(const http::Call& call, audit::Access access, Problem problem) {
    if (!call.who.anonymous()) {
        if (access.filter.empty()) {
            access.filter = filter_text(call.query_pairs());
        }
        std::string reason =
            problem.errors.empty() ? std::string(problem.type->code) : problem.errors.front().code;
        co_await audit::refused(call.db, call.who, std::move(access), reason + " " + problem.detail_en);
    }
    co_return http::Reply::of(problem);
}

}  // namespace

asio::awaitable<http::Reply> serve(http::Call call, std::shared_ptr<const View> view,
                                   std::string forced_format) {
    if (auto shape = Shapes::of_thread().find(call, *view, forced_format)) {
        auto reply = co_await shaped_reply(call, std::move(shape));
        if (!reply) {
            co_return co_await refuse(call, view->access, reply.error());
        }
        co_return std::move(*reply);
    }
    auto reading = prepare(call, view, forced_format);
    if (!reading) {
        co_return co_await refuse(call, view->access, reading.error());
    }
    if (!fits_memory(*reading)) {
        if (reading->asked.format == Format::xlsx) {
            co_return co_await workbook_reply(call, std::move(*reading));
        }
        co_return co_await stream_reply(call, std::move(*reading));
    }
    auto reply = co_await page_reply(call, *reading);
    if (!reply) {
        co_return co_await refuse(call, view->access, reply.error());
    }
    Shapes::of_thread().keep(call, *reading, forced_format);
    co_return std::move(*reply);
}

}  // namespace pengcheng::rows
