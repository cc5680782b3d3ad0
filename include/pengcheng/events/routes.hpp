#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::events {

/// /api/v1/me/notices.
http::Routes routes();

}  // namespace pengcheng::events
