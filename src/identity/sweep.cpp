#include <pengcheng/identity/sweep.hpp>

namespace pengcheng::identity {

namespace {

constexpr db::Statement sweep_sessions_sql{"identity.sweep_sessions", R"sql(
    DELETE FROM identity.session WHERE expires_at <= $1::timestamptz
)sql"};

PENGCHENG_STATEMENTS(sweep_sessions_sql);

}  // namespace

boost::asio::awaitable<std::int64_t> sweep_sessions(db::Transaction& tx, Time now) {
    return tx.run(sweep_sessions_sql, to_rfc3339(now));
}

}  // namespace pengcheng::identity
