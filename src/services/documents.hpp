#pragma once

#include "services/cases.hpp"

#include <string>

namespace pengcheng::services {

/// What a document says, in a fixed form; its digest is stored with the case and printed on the paper.
Json receipt_content(const Case& one);
Json decision_content(const Case& one);
/// SHA-256 of the content's canonical JSON (keys sorted, no blanks), lower-case hexadecimal.
std::string content_digest(const Json& content);

/// The printable page. `kind`: receipt or decision.
asio::awaitable<std::string> document_html(db::Pool& db, std::string base_url, Case one, std::string kind);

/// Whether a printed digest is the one of this case's document.
bool document_agrees(const Case& one, std::string_view kind, std::string_view digest);

}  // namespace pengcheng::services
