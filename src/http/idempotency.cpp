#include "http/idempotency.hpp"

#include "http/problems.hpp"

#include <pengcheng/base/ids.hpp>

namespace pengcheng::http {

namespace {

struct Kept {
    bool same = false;
    bool done = false;
    bool at_work = false;
    std::optional<int> status;
    std::optional<std::string> location;
    std::optional<std::string> body;
};

constexpr auto describe(db::RowOf<Kept>) {
    return db::columns(db::column("same", &Kept::same), db::column("done", &Kept::done),
                       db::column("at_work", &Kept::at_work), db::column("status", &Kept::status),
                       db::column("location", &Kept::location), db::column("body", &Kept::body));
}

// A request that nobody heard of for two minutes died with its server; what it had not committed may be done
// by another. Its own claim, sent again after a lost connection, stands.
constexpr db::Statement claim_key_sql{"http.claim_key", R"sql(
    INSERT INTO http.idempotency AS k (principal, key, request, owner)
    VALUES ($1, $2, $3 || ' ' || md5($4), $5)
    ON CONFLICT (principal, key) DO UPDATE
       SET request = excluded.request, owner = excluded.owner, started_at = now(), done = false,
           status = NULL, location = NULL, body = NULL
     WHERE k.started_at < now() - interval '1 day'
        OR (k.status IS NULL AND NOT k.done
            AND (k.owner IN ('', excluded.owner)
                 OR (k.request = excluded.request AND k.started_at < now() - interval '2 minutes')))
)sql"};

constexpr db::Statement find_key_sql{"http.find_key", R"sql(
    SELECT request = $3 || ' ' || md5($4) AS same, done,
           owner <> '' AND started_at >= now() - interval '2 minutes' AS at_work, status, location, body
      FROM http.idempotency WHERE principal = $1 AND key = $2
)sql"};

constexpr db::Statement mark_done_sql{"http.mark_key_done", R"sql(
    UPDATE http.idempotency SET done = true WHERE principal = $1 AND key = $2 AND owner = $3
)sql"};

constexpr db::Statement keep_reply_sql{"http.keep_reply", R"sql(
    UPDATE http.idempotency SET status = $4::integer, location = $5, body = $6
     WHERE principal = $1 AND key = $2 AND owner = $3
)sql"};

constexpr db::Statement free_key_sql{"http.free_key", R"sql(
    DELETE FROM http.idempotency WHERE principal = $1 AND key = $2 AND owner = $3
)sql"};

// What was committed before the failure stays done, and nobody is at work on it any more.
constexpr db::Statement give_up_key_sql{"http.give_up_key", R"sql(
    UPDATE http.idempotency SET owner = '' WHERE principal = $1 AND key = $2 AND owner = $3
)sql"};

PENGCHENG_STATEMENTS(claim_key_sql, find_key_sql, mark_done_sql, keep_reply_sql, free_key_sql,
                     give_up_key_sql);

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

/// Says again what a lost connection may have swallowed: each of these statements may run twice. Patient, for
/// a restart of PostgreSQL takes its time.
template <class... A>
asio::awaitable<std::int64_t> insist(db::Pool& db, db::Statement statement, A... args) {
    constexpr std::chrono::seconds patience{30};
    constexpr std::chrono::milliseconds pause{100};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    asio::steady_timer timer(db.executor());
    while (true) {
        const bool last = std::chrono::steady_clock::now() > deadline;
        try {
            co_return co_await db.run(statement, args...);
        } catch (const db::Error& error) {
            if (!error.connection_lost() || last) {
                throw;
            }
        } catch (const db::Busy&) {
            if (last) {
                throw;
            }
        }
        timer.expires_after(pause);
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

/// What a request is told whose key is another's.
Reply taken(const std::optional<Kept>& kept) {
    if (kept && !kept->same) {
        return Reply::of(problem::reused_key.plain());
    }
    if (kept && kept->status) {
        return again(*kept);
    }
    if (kept && kept->done && !kept->at_work) {
        return Reply::of(problem::done_key.plain());
    }
    Problem busy = problem::busy_key.plain();
    busy.retry_after_s = 2;
    return Reply::of(busy);
}

}  // namespace

asio::awaitable<Reply> with_idempotency_key(db::Pool& db, std::string principal, std::string key,
                                            std::shared_ptr<Request> request,
                                            std::function<asio::awaitable<Reply>(db::Pool&)> work) {
    if (key.size() > 200) {
        co_return Reply::of(
            problem::bad_request.at("/header/Idempotency-Key", "最长 200 个字符", "at most 200 characters"));
    }
    const std::string what = request->method + " " + request->path;
    const std::string owner = new_id();  // not the request id, which a client may choose
    if (co_await insist(db, claim_key_sql, principal, key, what, request->raw_body, owner) == 0) {
        auto kept = co_await db.find<Kept>(find_key_sql, principal, key, what, request->raw_body);
        co_return taken(kept);
    }
    std::vector<db::Param> whose{principal, key, owner};
    request->marked = db.marking(mark_done_sql, std::move(whose));
    std::exception_ptr error;
    Reply reply;
    try {
        reply = co_await work(*request->marked);
    } catch (...) {
        error = std::current_exception();  // the key is freed below: awaiting is not allowed here
    }
    if (error || reply.status >= 500) {
        co_await insist(db, give_up_key_sql, principal, key, owner);
    } else if (reply.status >= 300 || reply.stream) {
        co_await insist(db, free_key_sql, principal, key, owner);
    } else {
        co_await insist(db, keep_reply_sql, principal, key, owner, reply.status, location_of(reply),
                        reply.body);
    }
    if (error) {
        std::rethrow_exception(error);
    }
    co_return reply;
}

}  // namespace pengcheng::http
