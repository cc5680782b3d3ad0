#include <pengcheng/base/ids.hpp>
#include <pengcheng/events/notices.hpp>

#include <stdexcept>

namespace pengcheng::events {

constexpr auto describe(db::RowOf<ReceivedNotice>) {
    return db::columns(db::column("id", &ReceivedNotice::id), db::column("at", &ReceivedNotice::at),
                       db::column("title", &ReceivedNotice::title), db::column("text", &ReceivedNotice::text),
                       db::column("link", &ReceivedNotice::link), db::column("read", &ReceivedNotice::read));
}

namespace {

constexpr db::Statement insert_notice_sql{"events.insert_notice", R"sql(
    INSERT INTO events.notice (id, account, organization, role, title_zh, title_en, text_zh, text_en, link)
    VALUES ($1::uuid, nullif($2, '')::uuid, nullif($3, ''), nullif($4, ''), $5, $6, $7, $8, $9)
)sql"};

// $1 account, $2 organization, $3 roles: the same three in each statement, so that nobody marks read what
// they could not list.
constexpr db::Statement list_notices_sql{"events.list_notices", R"sql(
    SELECT n.id::text, base.rfc3339(n.at) AS at,
           CASE WHEN $4::boolean THEN n.title_zh ELSE n.title_en END AS title,
           CASE WHEN $4::boolean THEN n.text_zh ELSE n.text_en END AS text,
           n.link, r.notice IS NOT NULL AS read
      FROM events.notice n LEFT JOIN events.notice_read r ON r.notice = n.id AND r.account = $1::uuid
     WHERE (n.account = $1::uuid
            OR (n.role = ANY ($3::text[]) AND (n.organization IS NULL OR n.organization = $2)))
       AND ($5 = '' OR n.id < nullif($5, '')::uuid)
     ORDER BY n.id DESC LIMIT $6::integer
)sql"};

constexpr db::Statement mark_read_sql{"events.mark_read", R"sql(
    WITH received AS (
        SELECT n.id FROM events.notice n
         WHERE n.id = $4::uuid
           AND (n.account = $1::uuid
                OR (n.role = ANY ($3::text[]) AND (n.organization IS NULL OR n.organization = $2)))
    ), marked AS (
        INSERT INTO events.notice_read (notice, account) SELECT id, $1::uuid FROM received
        ON CONFLICT DO NOTHING
    )
    SELECT id::text FROM received
)sql"};

}  // namespace

asio::awaitable<void> notify(db::Transaction& tx, Notice notice) {
    if (notice.account.empty() == notice.role.empty()) {
        throw std::logic_error("events: a notice goes to an account or to a role");
    }
    co_await tx.run(insert_notice_sql, new_id(), notice.account, notice.organization, notice.role,
                    notice.title_zh, notice.title_en, notice.text_zh, notice.text_en, notice.link);
}

asio::awaitable<std::vector<ReceivedNotice>> notices_of(db::Pool& db, const Principal& who,
                                                        std::string before, int limit) {
    if (!before.empty() && !is_id(before)) {
        throw ProblemError(problem::invalid_input.at("/query/cursor"));
    }
    co_return co_await db.all<ReceivedNotice>(list_notices_sql, who.id, who.organization, who.roles,
                                              who.chinese, std::move(before), limit);
}

asio::awaitable<Result<void>> mark_read(db::Pool& db, const Principal& who, std::string id) {
    if (!is_id(id)) {
        co_return problem::not_found.plain();
    }
    auto received =
        co_await db.find<std::string>(mark_read_sql, who.id, who.organization, who.roles, std::move(id));
    if (!received) {
        co_return problem::not_found.plain();
    }
    co_return Result<void>{};
}

PENGCHENG_STATEMENTS(insert_notice_sql, list_notices_sql, mark_read_sql);

}  // namespace pengcheng::events
