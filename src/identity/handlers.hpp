#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::identity {

namespace asio = boost::asio;

asio::awaitable<http::Reply> sign_in_route(http::Call call);
asio::awaitable<http::Reply> session_route(http::Call call);
asio::awaitable<http::Reply> sign_out_route(http::Call call);
asio::awaitable<http::Reply> register_route(http::Call call);
asio::awaitable<http::Reply> profile_route(http::Call call);
asio::awaitable<http::Reply> organizations_route(http::Call call);
asio::awaitable<http::Reply> regions_route(http::Call call);
asio::awaitable<http::Reply> token_route(http::Call call);
asio::awaitable<http::Reply> clients_route(http::Call call);
asio::awaitable<http::Reply> add_client_route(http::Call call);
asio::awaitable<http::Reply> disable_client_route(http::Call call);
asio::awaitable<http::Reply> users_route(http::Call call);
asio::awaitable<http::Reply> add_user_route(http::Call call);
asio::awaitable<http::Reply> roles_route(http::Call call);

}  // namespace pengcheng::identity
