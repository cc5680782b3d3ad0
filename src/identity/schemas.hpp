#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::identity {

inline constexpr http::Schema user_schema{"IdentityUser", R"json({
    "type": "object",
    "required": ["id", "username", "display_name", "organization", "state", "grade_max", "roles"],
    "additionalProperties": false,
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "username": {"type": "string"},
        "display_name": {"type": "string"},
        "organization": {
            "type": ["object", "null"], "required": ["code", "name"], "additionalProperties": false,
            "properties": {"code": {"type": "string"}, "name": {"type": "string"}}},
        "state": {"enum": ["active", "disabled"]},
        "grade_max": {"type": ["integer", "null"], "description": "null: the ceiling of the roles"},
        "roles": {"type": "array", "items": {"type": "string"}}}
})json"};

inline constexpr http::Schema sign_in_schema{"IdentitySignIn", R"json({
    "type": "object", "required": ["username", "password"], "additionalProperties": false,
    "properties": {
        "username": {"type": "string", "minLength": 1, "maxLength": 100},
        "password": {"type": "string", "minLength": 1, "maxLength": 200},
        "code": {"type": "string", "maxLength": 40,
                 "description": "one-time or recovery code, where the account has a second factor"}}
})json"};

inline constexpr http::Schema session_schema{"IdentitySession", R"json({
    "type": "object", "required": ["csrf_token", "user", "pending"], "additionalProperties": false,
    "properties": {
        "csrf_token": {"type": "string"},
        "pending": {"enum": ["password", "totp", null],
                    "description": "what the session must do before anything else"},
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
    "type": "object", "required": ["client_id", "name", "organization", "state", "grade_max", "created_by",
                                   "created_at"],
    "additionalProperties": false,
    "properties": {
        "client_id": {"type": "string"}, "name": {"type": "string"}, "organization": {"type": "string"},
        "state": {"enum": ["active", "disabled"]}, "grade_max": {"type": ["integer", "null"]},
        "created_by": {"type": "string"},
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

inline constexpr http::Schema sessions_schema{"IdentitySessions", R"json({
    "type": "object", "required": ["items", "total"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "created_at", "last_seen_at", "address", "user_agent", "method", "current"],
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "created_at": {"type": "string", "format": "date-time"},
                "last_seen_at": {"type": "string", "format": "date-time"},
                "address": {"type": "string"}, "user_agent": {"type": "string"},
                "method": {"enum": ["password", "totp", "recovery", "oidc"]},
                "current": {"type": "boolean"}}}},
        "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema ended_schema{"IdentityEndedSessions", R"json({
    "type": "object", "required": ["ended"], "additionalProperties": false,
    "properties": {"ended": {"type": "integer"}}
})json"};

inline constexpr http::Schema security_schema{"IdentitySecurity", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["password_set_at", "password_expires_at", "totp", "totp_required", "recovery_codes_left",
                 "outside"],
    "properties": {
        "password_set_at": {"type": "string", "format": "date-time"},
        "password_expires_at": {"type": ["string", "null"]},
        "totp": {"type": "boolean"}, "totp_required": {"type": "boolean"},
        "recovery_codes_left": {"type": "integer"},
        "outside": {"type": "array", "items": {"type": "string"}}}
})json"};

inline constexpr http::Schema new_password_schema{"IdentityNewPassword", R"json({
    "type": "object", "required": ["present", "password"], "additionalProperties": false,
    "properties": {
        "present": {"type": "string", "minLength": 1, "maxLength": 200},
        "password": {"type": "string", "minLength": 1, "maxLength": 200}}
})json"};

inline constexpr http::Schema totp_offer_schema{"IdentityTotpOffer", R"json({
    "type": "object", "required": ["secret", "uri"], "additionalProperties": false,
    "properties": {"secret": {"type": "string"}, "uri": {"type": "string"}}
})json"};

inline constexpr http::Schema code_schema{"IdentityCode", R"json({
    "type": "object", "required": ["code"], "additionalProperties": false,
    "properties": {"code": {"type": "string", "minLength": 6, "maxLength": 40}}
})json"};

inline constexpr http::Schema recovery_codes_schema{"IdentityRecoveryCodes", R"json({
    "type": "object", "required": ["recovery_codes"], "additionalProperties": false,
    "properties": {"recovery_codes": {"type": "array", "items": {"type": "string"}}}
})json"};

inline constexpr http::Schema lockouts_schema{"IdentityLockouts", R"json({
    "type": "object", "required": ["items", "total"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "kind", "label", "failures", "last_at", "locked_until"],
            "properties": {
                "id": {"type": "string", "format": "uuid"}, "kind": {"enum": ["account", "address"]},
                "label": {"type": "string"}, "failures": {"type": "integer"},
                "last_at": {"type": "string", "format": "date-time"},
                "locked_until": {"type": "string", "format": "date-time"}}}},
        "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema grade_schema{"IdentityGrade", R"json({
    "type": "object", "required": ["grade_max"], "additionalProperties": false,
    "properties": {"grade_max": {"type": ["integer", "null"], "minimum": 1, "maximum": 4,
                                 "description": "null: the ceiling of the roles"}}
})json"};

inline constexpr http::Schema secret_schema{"IdentityClientSecret", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "created_at", "created_by", "last_used_at", "retired_at"],
    "properties": {
        "id": {"type": "string", "format": "uuid"}, "created_at": {"type": "string", "format": "date-time"},
        "created_by": {"type": "string"}, "last_used_at": {"type": ["string", "null"]},
        "retired_at": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema secrets_schema{"IdentityClientSecrets", R"json({
    "type": "object", "required": ["items", "total"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/IdentityClientSecret"}},
        "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema made_secret_schema{"IdentityMadeSecret", R"json({
    "type": "object", "required": ["id", "client_secret", "created_at"], "additionalProperties": false,
    "properties": {
        "id": {"type": "string", "format": "uuid"}, "client_secret": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"}}
})json"};

inline constexpr http::Schema signing_keys_schema{"IdentitySigningKeys", R"json({
    "type": "object", "required": ["items", "total"], "additionalProperties": false,
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["kid", "state", "created_at", "signs_from", "retired_at"],
            "properties": {
                "kid": {"type": "string"}, "state": {"enum": ["announced", "signing", "checking", "retired"]},
                "created_at": {"type": "string", "format": "date-time"},
                "signs_from": {"type": "string", "format": "date-time"},
                "retired_at": {"type": ["string", "null"]}}}},
        "total": {"type": "integer"}}
})json"};

inline constexpr http::Schema providers_schema{"IdentityProviders", R"json({
    "type": "object", "required": ["items"], "additionalProperties": false,
    "properties": {"items": {"type": "array", "items": {
        "type": "object", "required": ["issuer", "label", "url"], "additionalProperties": false,
        "properties": {"issuer": {"type": "string"}, "label": {"type": ["string", "null"]},
                       "url": {"type": "string"}}}}}
})json"};

inline constexpr http::Schema rotation_schema{"IdentityKeyRotation", R"json({
    "type": "object", "additionalProperties": false,
    "properties": {"at_once": {"type": "boolean",
                               "description": "the old key leaked: every token it signed ends now"}}
})json"};

}  // namespace pengcheng::identity
