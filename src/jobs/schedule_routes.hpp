#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::jobs {

http::Routes schedule_routes();

}  // namespace pengcheng::jobs
