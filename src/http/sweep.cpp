#include <pengcheng/http/sweep.hpp>

namespace pengcheng::http {

namespace {

constexpr db::Statement sweep_keys_sql{"http.sweep_keys", R"sql(
    DELETE FROM http.idempotency WHERE started_at < now() - interval '1 day'
)sql"};

PENGCHENG_STATEMENTS(sweep_keys_sql);

}  // namespace

boost::asio::awaitable<std::int64_t> sweep_idempotency_keys(db::Transaction& tx) {
    return tx.run(sweep_keys_sql);
}

}  // namespace pengcheng::http
