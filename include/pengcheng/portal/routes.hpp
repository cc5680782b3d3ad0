#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::portal {

/// Opening: proposals, data sets, open rows; the portal's pages, sign-in pages and page preferences.
http::Routes routes();

}  // namespace pengcheng::portal
