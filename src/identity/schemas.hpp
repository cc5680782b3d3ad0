#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::identity {

inline constexpr http::Schema user_schema{"IdentityUser", R"json({
    "type": "object", "required": ["id", "username", "display_name", "organization", "roles"],
    "additionalProperties": false,
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "username": {"type": "string"},
        "display_name": {"type": "string"},
        "organization": {
            "type": ["object", "null"], "required": ["code", "name"], "additionalProperties": false,
            "properties": {"code": {"type": "string"}, "name": {"type": "string"}}},
        "roles": {"type": "array", "items": {"type": "string"}}}
})json"};

inline constexpr http::Schema sign_in_schema{"IdentitySignIn", R"json({
    "type": "object", "required": ["username", "password"], "additionalProperties": false,
    "properties": {
        "username": {"type": "string", "minLength": 1, "maxLength": 100},
        "password": {"type": "string", "minLength": 1, "maxLength": 200}}
})json"};

inline constexpr http::Schema session_schema{"IdentitySession", R"json({
    "type": "object", "required": ["csrf_token", "user"], "additionalProperties": false,
    "properties": {
        "csrf_token": {"type": "string"},
        "user": {"$ref": "#/components/schemas/IdentityUser"}}
})json"};

inline constexpr http::Schema new_citizen_schema{"IdentityNewCitizen", R"json({
    "type": "object", "required": ["username", "password", "display_name", "id_number", "phone"],
    "additionalProperties": false,
    "properties": {
        "username": {"type": "string", "minLength": 1, "maxLength": 100},
        "password": {"type": "string", "minLength": 1, "maxLength": 200},
        "display_name": {"type": "string", "minLength": 1, "maxLength": 50},
        "id_number": {"type": "string", "maxLength": 40},
        "phone": {"type": "string", "maxLength": 40}}
})json"};

inline constexpr http::Schema profile_schema{"IdentityProfile", R"json({
    "type": "object", "required": ["user", "id_number_masked", "phone_masked"], "additionalProperties": false,
    "properties": {
        "user": {"$ref": "#/components/schemas/IdentityUser"},
        "id_number_masked": {"type": ["string", "null"]},
        "phone_masked": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema organizations_schema{"IdentityOrganizations", R"json({
    "type": "object", "required": ["items", "total"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object",
            "required": ["code", "name", "short_name", "kind", "region", "parent", "status", "note"],
            "additionalProperties": false,
            "properties": {
                "code": {"type": "string"}, "name": {"type": "string"}, "short_name": {"type": "string"},
                "kind": {"type": "string"}, "region": {"type": "string"}, "parent": {"type": "string"},
                "status": {"type": "string"}, "note": {"type": "string"}}}},
        "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema regions_schema{"IdentityRegions", R"json({
    "type": "object", "required": ["items", "total"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "required": ["code", "name", "parent", "level"], "additionalProperties": false,
            "properties": {
                "code": {"type": "string"}, "name": {"type": "string"}, "parent": {"type": "string"},
                "level": {"type": "integer"}}}},
        "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema users_schema{"IdentityUsers", R"json({
    "type": "object", "required": ["items", "next_cursor"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/IdentityUser"}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema new_user_schema{"IdentityNewUser", R"json({
    "type": "object", "required": ["username", "display_name", "password"], "additionalProperties": false,
    "properties": {
        "username": {"type": "string", "minLength": 1, "maxLength": 100},
        "display_name": {"type": "string", "minLength": 1, "maxLength": 50},
        "organization": {"type": ["string", "null"], "maxLength": 3},
        "password": {"type": "string", "minLength": 1, "maxLength": 200}}
})json"};

inline constexpr http::Schema roles_schema{"IdentityRoles", R"json({
    "type": "object", "required": ["roles"], "additionalProperties": false,
    "properties": {"roles": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 40}}}
})json"};

inline constexpr http::Schema client_schema{"IdentityClient", R"json({
    "type": "object", "required": ["client_id", "name", "organization", "state", "created_by", "created_at"],
    "additionalProperties": false,
    "properties": {
        "client_id": {"type": "string"}, "name": {"type": "string"}, "organization": {"type": "string"},
        "state": {"enum": ["active", "disabled"]}, "created_by": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"}}
})json"};

inline constexpr http::Schema made_client_schema{"IdentityMadeClient", R"json({
    "type": "object", "required": ["client_id", "client_secret", "name", "organization"],
    "additionalProperties": false,
    "properties": {
        "client_id": {"type": "string"}, "client_secret": {"type": "string"},
        "name": {"type": "string"}, "organization": {"type": "string"}}
})json"};

inline constexpr http::Schema new_client_schema{"IdentityNewClient", R"json({
    "type": "object", "required": ["name"], "additionalProperties": false,
    "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 100}}
})json"};

inline constexpr http::Schema clients_schema{"IdentityClients", R"json({
    "type": "object", "required": ["items", "total"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/IdentityClient"}},
        "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema token_schema{"IdentityToken", R"json({
    "type": "object", "required": ["access_token", "token_type", "expires_in", "scope"],
    "additionalProperties": false,
    "properties": {
        "access_token": {"type": "string"}, "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer"}, "scope": {"type": "string"}}
})json"};

}  // namespace pengcheng::identity
