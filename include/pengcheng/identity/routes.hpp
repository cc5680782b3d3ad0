#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::identity {

/// Sessions, accounts, /me, organizations, regions, users, clients, /oauth/token.
http::Routes routes();

}  // namespace pengcheng::identity
