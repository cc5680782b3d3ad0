#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::audit {

http::Routes routes();

}  // namespace pengcheng::audit
