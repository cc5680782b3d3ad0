#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::portal {

inline constexpr http::Schema proposal_body{"OpenProposalInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["slug", "open_type", "items", "licence"],
    "properties": {
        "resource": {"type": "string", "minLength": 1, "maxLength": 80},
        "slug": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,79}$"},
        "title": {"type": "string", "maxLength": 200},
        "abstract": {"type": "string", "maxLength": 5000},
        "open_type": {"type": "string", "enum": ["unconditional", "conditional"]},
        "items": {"type": "array", "minItems": 1, "maxItems": 500, "items": {
            "type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {"column": {"type": "string", "minLength": 1, "maxLength": 63},
                           "mask": {"type": ["string", "null"], "maxLength": 60}}}},
        "licence": {"type": "string", "maxLength": 40},
        "theme": {"type": "string", "maxLength": 2},
        "keywords": {"type": "array", "maxItems": 30, "items": {"type": "string", "minLength": 1,
        "maxLength": 60}}
    }
})json"};

inline constexpr http::Schema named_code{"NamedCode", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "name"],
    "properties": {"code": {"type": "string"}, "name": {"type": "string"}}
})json"};

inline constexpr http::Schema proposal_schema{"OpenProposal", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "resource", "organization", "slug", "title", "abstract", "open_type", "items",
                 "licence", "theme", "keywords", "state", "version", "return_reason", "proposed_by",
                 "submitted_by", "decided_by", "created_at", "updated_at"],
    "properties": {
        "id": {"type": "string"},
        "resource": {"type": "object", "additionalProperties": false, "required": ["ref", "name"],
                     "properties": {"ref": {"type": "string"}, "name": {"type": "string"}}},
        "organization": {"$ref": "#/components/schemas/NamedCode"},
        "slug": {"type": "string"}, "title": {"type": "string"}, "abstract": {"type": "string"},
        "open_type": {"type": "string", "enum": ["unconditional", "conditional"]},
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["column", "mask"],
            "properties": {"column": {"type": "string"}, "mask": {"type": "string"}}}},
        "licence": {"type": "string"}, "theme": {"type": "string"},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "state": {"type": "string", "enum": ["draft", "submitted", "returned", "published"]},
        "version": {"type": "integer"}, "return_reason": {"type": "string"},
        "proposed_by": {"type": "string"}, "submitted_by": {"type": "string"},
        "decided_by": {"type": "string"},
        "created_at": {"type": "string"}, "updated_at": {"type": "string"}
    }
})json"};

inline constexpr http::Schema proposal_list{"OpenProposalList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/OpenProposal"}},
                   "next_cursor": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema check_schema{"ReleaseCheck", R"json({
    "type": "object", "additionalProperties": false, "required": ["passed", "checks"],
    "properties": {
        "passed": {"type": "boolean"},
        "checks": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["code", "title", "passed",
            "detail"],
            "properties": {"code": {"type": "string"}, "title": {"type": "string"},
            "passed": {"type": "boolean"},
                           "detail": {"type": "string"}}}}
    }
})json"};

inline constexpr http::Schema return_body{"OpenProposalReturn", R"json({
    "type": "object", "additionalProperties": false, "required": ["reason"],
    "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 500}}
})json"};

inline constexpr http::Schema dataset_schema{"OpenDataset", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["slug", "title", "abstract", "organization", "theme", "open_type", "licence", "keywords",
    "version",
                 "synthetic", "rows"],
    "properties": {
        "slug": {"type": "string"}, "title": {"type": "string"}, "abstract": {"type": "string"},
        "organization": {"$ref": "#/components/schemas/NamedCode"},
        "theme": {"$ref": "#/components/schemas/NamedCode"},
        "open_type": {"type": "string", "enum": ["unconditional", "conditional"]},
        "licence": {"type": "object", "additionalProperties": false, "required": ["id", "name", "url",
        "text"],
                    "properties": {"id": {"type": "string"}, "name": {"type": "string"},
                    "url": {"type": "string"},
                                   "text": {"type": "string"}}},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "update_cycle": {"type": "string"}, "synthetic": {"type": "boolean"}, "version": {"type": "integer"},
        "published_at": {"type": "string"}, "updated_at": {"type": "string"},
        "rows": {"type": ["integer", "null"]}, "data_time": {"type": ["string", "null"]},
        "uses": {"type": "object", "additionalProperties": false, "required": ["page", "api", "download"],
                 "properties": {"page": {"type": "integer"}, "api": {"type": "integer"},
                                "download": {"type": "integer"}}},
        "resource": {"type": "string"}, "region_scope": {"type": "string"}, "time_from": {"type": "string"},
        "time_to": {"type": "string"}, "source_note": {"type": "string"}, "contact": {"type": "string"},
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["column", "name", "type", "mask"],
            "properties": {"column": {"type": "string"}, "name": {"type": "string"},
            "type": {"type": "string"},
                           "mask": {"type": "string"}, "unit": {"type": "string"},
                           "code_list": {"type": "string"},
                           "element": {"type": "string"}, "description": {"type": "string"}}}},
        "formats": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["format", "url"],
            "properties": {"format": {"type": "string"}, "url": {"type": "string"}}}}
    }
})json"};

inline constexpr http::Schema dataset_list{"OpenDatasetList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor", "total"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/OpenDataset"}},
                   "next_cursor": {"type": ["string", "null"]}, "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema chart_schema{"OpenDatasetChart", R"json({
    "type": "object", "additionalProperties": false, "required": ["kind", "title", "x", "series", "reason"],
    "properties": {
        "kind": {"type": "string", "enum": ["bar", "line", "none"]},
        "title": {"type": "string"}, "reason": {"type": "string"},
        "x": {"type": ["object", "null"], "additionalProperties": false, "required": ["name", "values"],
              "properties": {"name": {"type": "string"},
                             "values": {"type": "array", "items": {"type": "string"}}}},
        "series": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["name", "values"],
            "properties": {"name": {"type": "string"},
                           "values": {"type": "array", "items": {"type": ["number", "null"]}}}}}
    }
})json"};

}  // namespace pengcheng::portal
