#include "http/idempotency.hpp"

#include "http/problems.hpp"

#include <pengcheng/base/log.hpp>

namespace pengcheng::http {

namespace {

struct Kept {
    bool same = false;
    bool stuck = false;
    std::optional<int> status;
    std::optional<std::string> location;
    std::optional<std::string> body;
};

constexpr auto describe(db::RowOf<Kept>) {
    return db::columns(db::column("same", &Kept::same), db::column("stuck", &Kept::stuck),
                       db::column("status", &Kept::status), db::column("location", &Kept::location),
                       db::column("body", &Kept::body));
}

constexpr db::Statement claim_key_sql{"http.claim_key", R"sql(
    WITH old AS (DELETE FROM http.idempotency WHERE started_at < now() - interval '1 day')
    INSERT INTO http.idempotency (principal, key, request, owner) VALUES ($1, $2, $3 || ' ' || md5($4), $5)
    ON CONFLICT (principal, key) DO UPDATE SET owner = excluded.owner WHERE idempotency.owner = excluded.owner
)sql"};

constexpr db::Statement find_key_sql{"http.find_key", R"sql(
    SELECT request = $3 || ' ' || md5($4) AS same, started_at < now() - interval '2 minutes' AS stuck,
           status, location, body
      FROM http.idempotency WHERE principal = $1 AND key = $2
)sql"};

constexpr db::Statement keep_reply_sql{"http.keep_reply", R"sql(
    UPDATE http.idempotency SET status = $3::integer, location = $4,
        body = $5 WHERE principal = $1 AND key = $2
)sql"};

constexpr db::Statement free_key_sql{"http.free_key", R"sql(
    DELETE FROM http.idempotency WHERE principal = $1 AND key = $2
)sql"};

PENGCHENG_STATEMENTS(claim_key_sql, find_key_sql, keep_reply_sql, free_key_sql);

Reply again(const Kept& kept) {
    Reply reply;
    reply.status = *kept.status;
    reply.content_type = "application/json; charset=utf-8";
    reply.body = kept.body.value_or("");
    reply.header("Idempotency-Replayed", "true");
    if (kept.location) {
        reply.header("Location", *kept.location);
    }
    return reply;
}

/// Says again what a lost connection may have swallowed: each of these statements may run twice.
template <class... A>
asio::awaitable<std::int64_t> insist(db::Pool& db, db::Statement statement, A... args) {
    constexpr int tries_max = 8;
    constexpr std::chrono::milliseconds first_pause{50};
    asio::steady_timer timer(db.executor());
    for (int attempt = 1;; ++attempt) {
        try {
            co_return co_await db.run(statement, args...);
        } catch (const db::Error& error) {
            if (!error.connection_lost() || attempt == tries_max) {
                throw;
            }
        } catch (const db::Busy&) {
            if (attempt == tries_max) {
                throw;
            }
        }
        timer.expires_after(first_pause * attempt * attempt);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

std::optional<std::string> location_of(const Reply& reply) {
    for (const auto& [name, value] : reply.headers) {
        if (name == "Location") {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

asio::awaitable<Reply> with_idempotency_key(db::Pool& db, std::string principal, std::string key,
                                            std::shared_ptr<Request> request,
                                            std::function<asio::awaitable<Reply>()> work) {
    if (key.size() > 200) {
        co_return Reply::of(
            problem::bad_request.at("/header/Idempotency-Key", "最长 200 个字符", "at most 200 characters"));
    }
    std::string what = request->method + " " + request->path;
    if (co_await insist(db, claim_key_sql, principal, key, what, request->raw_body, request->request_id) ==
        0) {
        auto kept = co_await db.find<Kept>(find_key_sql, principal, key, what, request->raw_body);
        if (kept && !kept->same) {
            co_return Reply::of(problem::reused_key.plain());
        }
        if (kept && kept->status) {
            co_return again(*kept);
        }
        if (kept && !kept->stuck) {
            Problem busy = problem::busy_key.plain();
            busy.retry_after_s = 2;
            co_return Reply::of(busy);
        }
    }
    std::exception_ptr error;
    Reply reply;
    try {
        reply = co_await work();
    } catch (...) {
        error = std::current_exception();  // the key is freed below: awaiting is not allowed here
    }
    if (error || reply.status >= 300 || reply.stream) {
        co_await insist(db, free_key_sql, principal, key);
    } else {
        co_await insist(db, keep_reply_sql, principal, key, reply.status, location_of(reply), reply.body);
    }
    if (error) {
        std::rethrow_exception(error);
    }
    co_return reply;
}

}  // namespace pengcheng::http
