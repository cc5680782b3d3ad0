#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::jobs {

http::Routes routes();

}  // namespace pengcheng::jobs
