#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::ingest {

http::Routes routes();

}  // namespace pengcheng::ingest
