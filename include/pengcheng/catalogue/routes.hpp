#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::catalogue {

http::Routes routes();

}  // namespace pengcheng::catalogue
