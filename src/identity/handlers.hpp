#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::identity {

namespace asio = boost::asio;

asio::awaitable<http::Reply> sign_in_route(http::Call call);
asio::awaitable<http::Reply> session_route(http::Call call);
asio::awaitable<http::Reply> sign_out_route(http::Call call);
asio::awaitable<http::Reply> my_sessions_route(http::Call call);
asio::awaitable<http::Reply> end_my_session_route(http::Call call);
asio::awaitable<http::Reply> end_my_other_sessions_route(http::Call call);
asio::awaitable<http::Reply> user_sessions_route(http::Call call);
asio::awaitable<http::Reply> end_user_sessions_route(http::Call call);
asio::awaitable<http::Reply> security_route(http::Call call);
asio::awaitable<http::Reply> change_password_route(http::Call call);
asio::awaitable<http::Reply> offer_totp_route(http::Call call);
asio::awaitable<http::Reply> confirm_totp_route(http::Call call);
asio::awaitable<http::Reply> remove_totp_route(http::Call call);
asio::awaitable<http::Reply> recovery_codes_route(http::Call call);
asio::awaitable<http::Reply> reset_totp_route(http::Call call);
asio::awaitable<http::Reply> lockouts_route(http::Call call);
asio::awaitable<http::Reply> end_lockout_route(http::Call call);
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

asio::awaitable<http::Reply> disable_user_route(http::Call call);
asio::awaitable<http::Reply> enable_user_route(http::Call call);
asio::awaitable<http::Reply> user_grade_route(http::Call call);
asio::awaitable<http::Reply> client_grade_route(http::Call call);
asio::awaitable<http::Reply> secrets_route(http::Call call);
asio::awaitable<http::Reply> add_secret_route(http::Call call);
asio::awaitable<http::Reply> retire_secret_route(http::Call call);
asio::awaitable<http::Reply> signing_keys_route(http::Call call);
asio::awaitable<http::Reply> rotate_key_route(http::Call call);
asio::awaitable<http::Reply> jwks_route(http::Call call);
asio::awaitable<http::Reply> metadata_route(http::Call call);

asio::awaitable<http::Reply> providers_route(http::Call call);
asio::awaitable<http::Reply> oidc_begin_route(http::Call call);
asio::awaitable<http::Reply> oidc_finish_route(http::Call call);
asio::awaitable<http::Reply> unlink_route(http::Call call);

}  // namespace pengcheng::identity
