#include "app/compose.hpp"

#include "app/housekeeping.hpp"

#include <pengcheng/audit/routes.hpp>
#include <pengcheng/catalogue/routes.hpp>
#include <pengcheng/events/routes.hpp>
#include <pengcheng/exchange/routes.hpp>
#include <pengcheng/identity/routes.hpp>
#include <pengcheng/ingest/ingest.hpp>
#include <pengcheng/ingest/routes.hpp>
#include <pengcheng/jobs/routes.hpp>
#include <pengcheng/portal/routes.hpp>
#include <pengcheng/quality/quality.hpp>
#include <pengcheng/quality/routes.hpp>
#include <pengcheng/services/routes.hpp>

namespace pengcheng::app {

http::Routes all_routes() {
    http::Routes all;
    for (http::Routes (*routes)() :
         {identity::routes, events::routes, audit::routes, jobs::routes, catalogue::routes, quality::routes,
          ingest::routes, exchange::routes, portal::routes, services::routes}) {
        http::Routes part = routes();
        std::move(part.begin(), part.end(), std::back_inserter(all));
    }
    return all;
}

jobs::Bodies all_jobs(const Runtime& runtime) {
    jobs::Bodies all = ingest::job_bodies();
    all.merge(quality::job_bodies(runtime));
    all["app.housekeeping"] = housekeeping;
    return all;
}

}  // namespace pengcheng::app
