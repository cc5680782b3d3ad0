#pragma once

#include <pengcheng/http/route.hpp>

#include <boost/asio/awaitable.hpp>

namespace pengcheng::exchange {

namespace asio = boost::asio;

/// GET /api/v1/data/{ref}: a department's own rows in full, another's through the grant in force.
asio::awaitable<http::Reply> read_rows_route(http::Call call);

}  // namespace pengcheng::exchange
