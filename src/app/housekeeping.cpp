#include "app/housekeeping.hpp"

#include <pengcheng/http/sweep.hpp>
#include <pengcheng/identity/sweep.hpp>
#include <pengcheng/store/sweep.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::app {

namespace {

constexpr int old_tables_kept = 2;  // beside the present one, as after a load

}  // namespace

boost::asio::awaitable<jobs::Finished> housekeeping(jobs::Context& context) {
    Time now = context.runtime().now();
    std::int64_t tables = co_await store::drop_every_old(context.db(), old_tables_kept);
    co_await context.progress("sweeping", 1, 4);
    auto tx = co_await context.begin();
    Json result = {{"tables", tables}};
    result["sessions"] = co_await identity::sweep_sessions(tx, now);
    result["keys"] = co_await http::sweep_idempotency_keys(tx);
    result["jobs"] = co_await jobs::prune(tx, now);
    co_return co_await context.finish(std::move(tx), std::move(result));
}

}  // namespace pengcheng::app
