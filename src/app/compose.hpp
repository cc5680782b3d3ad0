#pragma once

#include <pengcheng/base/runtime.hpp>
#include <pengcheng/http/route.hpp>
#include <pengcheng/jobs/jobs.hpp>

namespace pengcheng::app {

/// Every module's route table, in one list. Paths and permissions are unique over all of them.
http::Routes all_routes();

/// Every kind of job and its body.
jobs::Bodies all_jobs(const Runtime& runtime);

}  // namespace pengcheng::app
