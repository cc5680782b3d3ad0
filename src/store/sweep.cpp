#include <pengcheng/store/load.hpp>
#include <pengcheng/store/sweep.hpp>

namespace pengcheng::store {

static constexpr auto describe(db::RowOf<Mounted>) {
    return db::columns(db::column("ref", &Mounted::ref), db::column("load", &Mounted::load));
}

namespace {

constexpr db::Statement mounted_sql{"store.list_mounted", R"sql(
    SELECT ref, load FROM store.resource_table ORDER BY ref
)sql"};

constexpr db::Statement left_behind_sql{"store.list_refs_with_old_tables", R"sql(
    SELECT ref FROM store.old_table GROUP BY ref HAVING count(*) > $1::int ORDER BY ref
)sql"};

PENGCHENG_STATEMENTS(mounted_sql, left_behind_sql);

}  // namespace

asio::awaitable<std::vector<Mounted>> mounted(db::Transaction& tx) {
    return tx.all<Mounted>(mounted_sql);
}

asio::awaitable<std::int64_t> drop_every_old(db::Pool& db, int keep) {
    std::int64_t dropped = 0;
    for (const std::string& ref : co_await db.all<std::string>(left_behind_sql, keep)) {
        dropped += co_await drop_old(db, ref, keep);
    }
    co_return dropped;
}

}  // namespace pengcheng::store
