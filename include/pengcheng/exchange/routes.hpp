#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::exchange {

/// Requests, grants, accesses, and the rows themselves at /api/v1/data/{ref}.
http::Routes routes();

}  // namespace pengcheng::exchange
