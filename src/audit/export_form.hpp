#pragma once

#include "audit/stored.hpp"

#include <pengcheng/base/json.hpp>

/// The lines of an export, there and back.
namespace pengcheng::audit {

Json to_json(const Context& context);
Json to_json(const Seal& seal);
Json to_json(const Record& record);
Json to_json(const StoredEvidence& stored);

// Throw nlohmann's exceptions when a field is missing or of another type.
Context context_of(const Json& line);
Seal seal_of(const Json& line);
Record record_of(const Json& line);
/// Lifetime of its texts: that of `line`.
StoredEvidence evidence_of(const Json& line);

}  // namespace pengcheng::audit
