#pragma once

#include "http/coding.hpp"
#include "http/request.hpp"

namespace pengcheng::http {

/// A refusal as problem+json in the caller's language (RFC 9457).
Reply problem_reply(const Problem& problem, const Request& request);

/// Chinese unless the client ranks English before it (RFC 9110 §12.5.4), or chose by cookie.
bool wants_chinese(const Request& request);

/// Whether every origin may read this address: the open data, read only.
bool open_to_all(std::string_view path);

/// Adds the CORS headers that the caller's origin gets: `*` on public reads, the origin itself where
/// `cors.origins` names it, nothing else. Of a preflight (OPTIONS) also methods and headers.
void add_cors(const Request& request, Reply& reply);

/// What a handler's reply lacks: file or range of it, 304, and the coding of its body.
/// -> the coding that the session applies to the body on its way out.
Coding finish(const Request& request, Reply& reply);

/// The bytes of a reply that does not stream.
std::string_view content_of(const Reply& reply);

}  // namespace pengcheng::http
