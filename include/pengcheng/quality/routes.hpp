#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::quality {

http::Routes routes();

}  // namespace pengcheng::quality
