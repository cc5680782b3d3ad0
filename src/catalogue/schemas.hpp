#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::catalogue {

inline constexpr http::Schema review_schema{"CatalogueReview", R"json({
    "type": "object", "additionalProperties": false, "required": ["who", "when", "result"],
    "properties": {
        "who": {"type": "string", "maxLength": 100}, "when": {"type": "string", "maxLength": 10},
        "result": {"type": "string", "maxLength": 500}}
})json"};

inline constexpr http::Schema item_input_schema{"CatalogueItemInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["name", "column", "type"],
    "properties": {
        "no": {"type": "integer"},
        "name": {"type": "string"}, "column": {"type": "string"},
        "type": {"type": "string", "description": "C N Y D T L M G B I F"},
        "length": {"type": ["integer", "null"]}, "scale": {"type": ["integer", "null"]},
        "nullable": {"type": "boolean"}, "primary_key": {"type": "boolean"},
        "unit": {"type": "string"}, "code_list": {"type": "string"}, "element": {"type": "string"},
        "sensitive": {"type": "boolean"}, "grade": {"type": "integer"},
        "share_type": {"type": "string"}, "open_type": {"type": "string"},
        "mask": {"type": "string"}, "description": {"type": "string"}}
})json"};

inline constexpr http::Schema item_schema{"CatalogueItem", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["no", "name", "column", "type", "length", "scale", "nullable", "primary_key", "unit",
                 "code_list", "element", "sensitive", "grade", "share_type", "open_type", "mask",
                 "description"],
    "properties": {
        "no": {"type": "integer"},
        "name": {"type": "string"}, "column": {"type": "string"},
        "type": {"type": "string", "description": "C N Y D T L M G B I F"},
        "length": {"type": ["integer", "null"]}, "scale": {"type": ["integer", "null"]},
        "nullable": {"type": "boolean"}, "primary_key": {"type": "boolean"},
        "unit": {"type": "string"}, "code_list": {"type": "string"}, "element": {"type": "string"},
        "sensitive": {"type": "boolean"}, "grade": {"type": "integer"},
        "share_type": {"type": "string"}, "open_type": {"type": "string"},
        "mask": {"type": "string"}, "description": {"type": "string"}}
})json"};

// The form of values (lengths, choices, columns) is judged by form_faults(), which says how to mend it.
inline constexpr http::Schema input_schema{"CatalogueResourceInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["class", "name"],
    "properties": {
        "organization": {"type": "string"},
        "class": {"type": "string"}, "classification": {"type": "string"}, "name": {"type": "string"},
        "provider_code": {"type": "string"}, "abstract": {"type": "string"},
        "format_class": {"type": "string"}, "format": {"type": "string"},
        "share_type": {"type": "string"}, "share_condition": {"type": "string"},
        "share_mode": {"type": "string"}, "open_flag": {"type": "boolean"},
        "open_condition": {"type": "string"}, "open_type": {"type": "string"},
        "update_cycle": {"type": "string"}, "publish_date": {"type": "string"},
        "related_codes": {"type": "array", "maxItems": 50, "items": {"type": "string"}},
        "grade": {"type": "integer"}, "domain": {"type": "string"}, "subject_object": {"type": "string"},
        "region_scope": {"type": "string"}, "time_from": {"type": "string"}, "time_to": {"type": "string"},
        "keywords": {"type": "array", "maxItems": 50, "items": {"type": "string"}},
        "source_system": {"type": "string"}, "source_kind": {"type": "string"},
        "contact_name": {"type": "string"}, "contact_phone": {"type": "string"},
        "secrecy_review": {"anyOf": [{"$ref": "#/components/schemas/CatalogueReview"}, {"type": "null"}]},
        "pia_review": {"anyOf": [{"$ref": "#/components/schemas/CatalogueReview"}, {"type": "null"}]},
        "head_consent": {"anyOf": [{"$ref": "#/components/schemas/CatalogueReview"}, {"type": "null"}]},
        "synthetic": {"type": "boolean"}, "source_note": {"type": "string"},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/CatalogueItemInput"}}}
})json"};

inline constexpr http::Schema provider_schema{"CatalogueProvider", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "name"],
    "properties": {"code": {"type": "string"}, "name": {"type": "string"}}
})json"};

inline constexpr http::Schema resource_schema{"CatalogueResource", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["ref", "code", "class", "classification", "name", "provider", "provider_code", "abstract",
                 "format_class", "format", "share_type", "share_condition", "share_mode", "open_flag",
                 "open_condition", "open_type", "update_cycle", "publish_date", "related_codes", "grade",
                 "domain", "subject_object", "region_scope", "time_from", "time_to", "keywords",
                 "source_system", "source_kind", "contact_name", "contact_phone", "secrecy_review",
                 "pia_review", "head_consent", "synthetic", "source_note", "items", "state", "version",
                 "return_reason", "created_by", "submitted_by", "created_at", "updated_at", "published_at",
                 "record_count", "last_data_time"],
    "properties": {
        "ref": {"type": "string"}, "code": {"type": "string"},
        "class": {"type": "string"}, "classification": {"type": "string"}, "name": {"type": "string"},
        "provider": {"$ref": "#/components/schemas/CatalogueProvider"},
        "provider_code": {"type": "string"}, "abstract": {"type": "string"},
        "format_class": {"type": "string"}, "format": {"type": "string"},
        "share_type": {"type": "string"}, "share_condition": {"type": "string"},
        "share_mode": {"type": "string"}, "open_flag": {"type": "boolean"},
        "open_condition": {"type": "string"}, "open_type": {"type": "string"},
        "update_cycle": {"type": "string"}, "publish_date": {"type": "string"},
        "related_codes": {"type": "array", "items": {"type": "string"}},
        "grade": {"type": "integer"}, "domain": {"type": "string"}, "subject_object": {"type": "string"},
        "region_scope": {"type": "string"}, "time_from": {"type": "string"}, "time_to": {"type": "string"},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "source_system": {"type": "string"}, "source_kind": {"type": "string"},
        "contact_name": {"type": "string"}, "contact_phone": {"type": "string"},
        "secrecy_review": {"anyOf": [{"$ref": "#/components/schemas/CatalogueReview"}, {"type": "null"}]},
        "pia_review": {"anyOf": [{"$ref": "#/components/schemas/CatalogueReview"}, {"type": "null"}]},
        "head_consent": {"anyOf": [{"$ref": "#/components/schemas/CatalogueReview"}, {"type": "null"}]},
        "synthetic": {"type": "boolean"}, "source_note": {"type": "string"},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/CatalogueItem"}},
        "state": {"enum": ["draft", "submitted", "returned", "approved", "published", "retired"]},
        "version": {"type": "integer"}, "return_reason": {"type": "string"},
        "created_by": {"type": "string"}, "submitted_by": {"type": "string"},
        "created_at": {"type": "string"}, "updated_at": {"type": "string"},
        "published_at": {"type": ["string", "null"]},
        "record_count": {"type": ["integer", "null"]}, "last_data_time": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema brief_schema{"CatalogueResourceBrief", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["ref", "code", "name", "class", "domain", "provider", "abstract", "keywords",
                 "format_class", "format", "share_type", "share_mode", "open_flag", "open_type",
                 "update_cycle", "subject_object", "grade", "synthetic", "item_count", "state", "version",
                 "return_reason", "created_by", "submitted_by", "created_at", "updated_at", "published_at",
                 "record_count", "last_data_time"],
    "properties": {
        "ref": {"type": "string"}, "code": {"type": "string"}, "name": {"type": "string"},
        "class": {"type": "string"}, "domain": {"type": "string"},
        "provider": {"$ref": "#/components/schemas/CatalogueProvider"},
        "abstract": {"type": "string"}, "keywords": {"type": "array", "items": {"type": "string"}},
        "format_class": {"type": "string"}, "format": {"type": "string"},
        "share_type": {"type": "string"}, "share_mode": {"type": "string"},
        "open_flag": {"type": "boolean"}, "open_type": {"type": "string"},
        "update_cycle": {"type": "string"}, "subject_object": {"type": "string"},
        "grade": {"type": "integer"}, "synthetic": {"type": "boolean"}, "item_count": {"type": "integer"},
        "state": {"enum": ["draft", "submitted", "returned", "approved", "published", "retired"]},
        "version": {"type": "integer"}, "return_reason": {"type": "string"},
        "created_by": {"type": "string"}, "submitted_by": {"type": "string"},
        "created_at": {"type": "string"}, "updated_at": {"type": "string"},
        "published_at": {"type": ["string", "null"]},
        "record_count": {"type": ["integer", "null"]}, "last_data_time": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema list_schema{"CatalogueResourceList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/CatalogueResourceBrief"}},
        "next_cursor": {"type": ["string", "null"]}, "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema reason_schema{"CatalogueReason", R"json({
    "type": "object", "additionalProperties": false, "required": ["reason"],
    "properties": {"reason": {"type": "string"}}
})json"};

inline constexpr http::Schema history_schema{"CatalogueHistory", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["at", "actor", "action", "note", "version"],
            "properties": {
                "at": {"type": "string"}, "actor": {"type": "string"}, "action": {"type": "string"},
                "note": {"type": "string"}, "version": {"type": "integer"}}}},
        "next_cursor": {"type": "null"}}
})json"};

inline constexpr http::Schema code_lists_schema{"CatalogueCodeLists", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["code", "name", "value_count"],
            "properties": {
                "code": {"type": "string"}, "name": {"type": "string"}, "value_count": {"type": "integer"}}}},
        "next_cursor": {"type": "null"}}
})json"};

inline constexpr http::Schema code_list_schema{"CatalogueCodeList", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "name", "values"],
    "properties": {
        "code": {"type": "string"}, "name": {"type": "string"},
        "values": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["value", "label", "parent"],
            "properties": {
                "value": {"type": "string"}, "label": {"type": "string"}, "parent": {"type": "string"}}}}}
})json"};

}  // namespace pengcheng::catalogue
