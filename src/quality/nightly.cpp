#include "quality/nightly.hpp"

#include <pengcheng/catalogue/resource.hpp>
#include <pengcheng/quality/quality.hpp>
#include <pengcheng/store/sweep.hpp>

#include <nlohmann/json.hpp>

namespace pengcheng::quality {

asio::awaitable<jobs::Finished> nightly(jobs::Context& context) {
    auto tx = co_await context.begin();
    std::int64_t runs = 0;
    for (const store::Mounted& table : co_await store::mounted(tx)) {
        auto resource = co_await catalogue::find(tx, table.ref);
        if (!resource || resource->state == "retired") {
            continue;
        }
        co_await enqueue_run(tx, Principal::system("schedule"), table.ref, resource->organization,
                             table.load);
        ++runs;
    }
    Json result = {{"runs", runs}};
    co_return co_await context.finish(std::move(tx), std::move(result));
}

}  // namespace pengcheng::quality
