#pragma once

#include <string_view>

/// The shape of each kind of pack file. Deeper rules (codes, checks between fields) are the modules'.
namespace pengcheng::packs {

inline constexpr std::string_view schemas_json = R"json({
"organizations": {"type": "array", "items": {
    "type": "object", "additionalProperties": false, "required": ["code", "name", "short_name", "kind",
        "region"],
    "properties": {
        "code": {"type": "string", "pattern": "^[0-9]{3}$"},
        "name": {"type": "string", "minLength": 2, "maxLength": 100},
        "short_name": {"type": "string", "minLength": 1, "maxLength": 30},
        "kind": {"enum": ["party", "congress", "cppcc", "court", "procuratorate", "government", "mass",
                          "institution", "vertical", "county"]},
        "region": {"type": "string", "pattern": "^[0-9]{6}$"},
        "parent": {"type": "string", "pattern": "^[0-9]{3}$"},
        "status": {"type": "string", "maxLength": 40}, "note": {"type": "string", "maxLength": 500}}}},
"regions": {"type": "array", "items": {
    "type": "object", "additionalProperties": false, "required": ["code", "name", "level"],
    "properties": {
        "code": {"type": "string", "pattern": "^[0-9]{6}$"}, "name": {"type": "string", "minLength": 2,
            "maxLength": 50},
        "parent": {"type": "string", "pattern": "^[0-9]{6}$"},
        "level": {"type": "integer", "minimum": 1, "maximum": 4}}}},
"calendar": {"type": "array", "items": {
    "type": "object", "additionalProperties": false, "required": ["year", "source", "holidays", "make_up"],
    "properties": {
        "year": {"type": "integer", "minimum": 2000, "maximum": 2100}, "source": {"type": "string",
            "minLength": 1},
        "holidays": {"type": "array", "minItems": 1, "items": {
            "type": "object", "additionalProperties": false, "required": ["name", "from", "to"],
            "properties": {"name": {"type": "string", "minLength": 1},
                           "from": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
                           "to": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}}},
        "make_up": {"type": "array", "items": {"type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}}}},
"code_lists": {"type": "array", "items": {
    "type": "object", "additionalProperties": false, "required": ["code", "name", "values"],
    "properties": {
        "code": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_.-]{0,62}$"},
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "values": {"type": "array", "minItems": 1, "maxItems": 10000, "items": {
            "type": "object", "additionalProperties": false, "required": ["value", "label"],
            "properties": {"value": {"type": "string", "minLength": 1, "maxLength": 50},
                           "label": {"type": "string", "minLength": 1, "maxLength": 200},
                           "parent": {"type": "string", "maxLength": 50}}}}}}},
"resources": {"type": "array", "items": {"type": "object", "required": ["organization", "name"],
    "properties": {"organization": {"type": "string", "pattern": "^[0-9]{3}$"},
                   "name": {"type": "string", "minLength": 1, "maxLength": 200}}}},
"rules": {"type": "array", "items": {
    "type": "object", "additionalProperties": false, "required": ["organization", "resource", "rules"],
    "properties": {"organization": {"type": "string", "pattern": "^[0-9]{3}$"},
                   "resource": {"type": "string", "minLength": 1, "maxLength": 200},
                   "rules": {"type": "array", "minItems": 1, "maxItems": 500, "items": {"type": "object"}}}}},
"service_items": {"type": "array", "items": {"type": "object", "required": ["code"],
    "properties": {"code": {"type": "string"}}}}
})json";

}  // namespace pengcheng::packs
