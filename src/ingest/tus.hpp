#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::ingest {

namespace asio = boost::asio;

/// Uploads in parts by tus 1.0.0 (core, creation, termination). A finished one is an ordinary upload with
/// the same id. Asked for by the header Tus-Resumable on POST /api/v1/uploads.
bool is_tus(const http::Call& call);
asio::awaitable<http::Reply> tus_create(http::Call call);
/// GET, PATCH and DELETE of /api/v1/uploads/{id}.
http::Routes tus_routes();

}  // namespace pengcheng::ingest
