#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::exchange {

inline constexpr http::Schema party_schema{"ExchangeParty", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "name"],
    "properties": {"code": {"type": "string"}, "name": {"type": "string"}}
})json"};

inline constexpr http::Schema request_input_schema{"ExchangeRequestInput", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["resource", "items", "basis", "scene", "scope", "purpose", "mode"],
    "properties": {
        "resource": {"type": "string", "maxLength": 100},
        "items": {"type": "array", "maxItems": 500, "items": {
            "type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
                "column": {"type": "string", "maxLength": 63},
                "mask": {"type": "string", "maxLength": 50,
                         "description": "A mask kind; \"plain\" for unmasked; absent: the item's default"},
                "reason": {"type": "string", "maxLength": 500,
                           "description": "Why an item that is masked by default is needed plain"}}}},
        "row_filter": {"type": "string", "maxLength": 1000},
        "basis": {"type": "string"}, "scene": {"type": "string"}, "scope": {"type": "string"},
        "purpose": {"type": "string"}, "mode": {"type": "string"}, "months": {"type": "integer"}}
})json"};

inline constexpr http::Schema request_schema{"ExchangeRequest", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "resource", "asker", "asked_by", "items", "row_filter", "basis", "scene", "scope",
                 "purpose", "mode", "months", "state", "by_rule", "limit_days", "due_at", "days_left",
                 "light", "provisional", "answer", "answered_by", "answered_at", "grant_id", "version",
                 "created_at"],
    "properties": {
        "id": {"type": "string"},
        "resource": {"type": "object", "additionalProperties": false, "required": ["ref", "name", "provider"],
            "properties": {
                "ref": {"type": "string"}, "name": {"type": "string"},
                "provider": {"$ref": "#/components/schemas/ExchangeParty"}}},
        "asker": {"$ref": "#/components/schemas/ExchangeParty"}, "asked_by": {"type": "string"},
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["column", "name", "mask", "reason"],
            "properties": {
                "column": {"type": "string"}, "name": {"type": "string"},
                "mask": {"type": "string"}, "reason": {"type": "string"}}}},
        "row_filter": {"type": "string"}, "basis": {"type": "string"}, "scene": {"type": "string"},
        "scope": {"type": "string"}, "purpose": {"type": "string"}, "mode": {"type": "string"},
        "months": {"type": "integer"},
        "state": {"enum": ["provider_review", "approved", "partly_approved", "refused", "withdrawn"]},
        "by_rule": {"type": "boolean"}, "limit_days": {"type": "integer"}, "due_at": {"type": "string"},
        "days_left": {"type": ["integer", "null"]},
        "light": {"enum": ["green", "yellow", "red", null]}, "provisional": {"type": "boolean"},
        "answer": {"type": "string"}, "answered_by": {"type": "string"},
        "answered_at": {"type": ["string", "null"]}, "grant_id": {"type": ["string", "null"]},
        "version": {"type": "integer"}, "created_at": {"type": "string"}}
})json"};

inline constexpr http::Schema request_list_schema{"ExchangeRequestList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ExchangeRequest"}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema approve_schema{"ExchangeApproval", R"json({
    "type": "object", "additionalProperties": false,
    "properties": {
        "note": {"type": "string", "maxLength": 500},
        "masks": {"type": "object", "description": "column -> a mask that shows no more than what was asked",
                  "additionalProperties": {"type": "string", "maxLength": 50}},
        "drop": {"type": "array", "items": {"type": "string"}, "description": "columns not given"}}
})json"};

inline constexpr http::Schema reason_schema{"ExchangeReason", R"json({
    "type": "object", "additionalProperties": false, "required": ["reason"],
    "properties": {"reason": {"type": "string"}}
})json"};

inline constexpr http::Schema withdraw_schema{"ExchangeWithdrawal", R"json({
    "type": "object", "additionalProperties": false,
    "properties": {"reason": {"type": "string", "maxLength": 500}}
})json"};

inline constexpr http::Schema grant_schema{"ExchangeGrant", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "request", "resource", "provider", "organization", "fields", "row_filter", "basis",
                 "scene", "scope", "purpose", "mode", "starts_at", "ends_at", "state", "ended_reason",
                 "ended_at", "version"],
    "properties": {
        "id": {"type": "string"}, "request": {"type": "string"},
        "resource": {"type": "object", "additionalProperties": false, "required": ["ref", "name"],
            "properties": {"ref": {"type": "string"}, "name": {"type": "string"}}},
        "provider": {"$ref": "#/components/schemas/ExchangeParty"},
        "organization": {"$ref": "#/components/schemas/ExchangeParty"},
        "fields": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["column", "label", "mask"],
            "properties": {
                "column": {"type": "string"}, "label": {"type": "string"}, "mask": {"type": "string"}}}},
        "row_filter": {"type": "string"}, "basis": {"type": "string"}, "scene": {"type": "string"},
        "scope": {"type": "string"}, "purpose": {"type": "string"}, "mode": {"type": "string"},
        "starts_at": {"type": "string"}, "ends_at": {"type": "string"},
        "state": {"enum": ["active", "revoked", "expired"]},
        "ended_reason": {"type": "string"}, "ended_at": {"type": ["string", "null"]},
        "version": {"type": "integer"}}
})json"};

inline constexpr http::Schema grant_list_schema{"ExchangeGrantList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ExchangeGrant"}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema access_list_schema{"ExchangeAccessList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "at", "principal", "principal_name", "system", "organization",
                         "organization_name", "resource", "grant", "channel", "purpose", "fields", "rows",
                         "outcome"],
            "properties": {
                "id": {"type": "string"}, "at": {"type": "string"}, "principal": {"type": "string"},
                "principal_name": {"type": "string", "description": "the person's or the system's name"},
                "system": {"type": "boolean"},
                "organization": {"type": "string"}, "organization_name": {"type": "string"},
                "resource": {"type": "string"}, "grant": {"type": "string"},
                "channel": {"type": "string"}, "purpose": {"type": "string"},
                "fields": {"type": "array", "items": {"type": "string"}},
                "rows": {"type": "integer"}, "outcome": {"type": "string"}}}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

}  // namespace pengcheng::exchange
