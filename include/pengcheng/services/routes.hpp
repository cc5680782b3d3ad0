#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::services {

/// Items, prefill, attachments, cases and the citizen's own pages.
http::Routes routes();

}  // namespace pengcheng::services
