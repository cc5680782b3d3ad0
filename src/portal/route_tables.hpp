#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::portal {

http::Routes proposal_routes();
http::Routes dataset_routes();
http::Routes page_routes();

}  // namespace pengcheng::portal
