#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::quality {

inline constexpr http::Schema params_schema{"QualityRuleParams", R"json({
    "type": "object", "additionalProperties": false,
    "properties": {
        "pattern": {"type": "string", "maxLength": 1000},
        "min": {"type": ["number", "string"]}, "max": {"type": ["number", "string"]},
        "values": {"type": "array", "maxItems": 1000, "items": {"type": "string"}},
        "code_list": {"type": "string"}, "before": {"type": "string"}, "birth": {"type": "string"},
        "sex": {"type": "string"}, "when": {"type": "string"}, "equals": {"type": "string"},
        "columns": {"type": "array", "minItems": 1, "maxItems": 16, "items": {"type": "string"}}}
})json"};

inline constexpr http::Schema rule_input_schema{"QualityRuleInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["kind", "item"],
    "properties": {
        "id": {"type": "string", "maxLength": 200, "pattern": "^[A-Za-z0-9_.-]*$"},
        "kind": {"type": "string"}, "item": {"type": "string"},
        "params": {"$ref": "#/components/schemas/QualityRuleParams"},
        "severity": {"enum": ["block", "major", "minor", "hint"]}, "title": {"type": "string",
            "maxLength": 200},
        "derived": {"type": "boolean"}, "dimension": {"type": "string"}, "indicator": {"type": "string"}}
})json"};

inline constexpr http::Schema rule_schema{"QualityRule", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "kind", "item", "params", "severity", "title", "derived", "dimension", "indicator"],
    "properties": {
        "id": {"type": "string", "maxLength": 200, "pattern": "^[A-Za-z0-9_.-]*$"},
        "kind": {"type": "string"}, "item": {"type": "string"},
        "params": {"$ref": "#/components/schemas/QualityRuleParams"},
        "severity": {"enum": ["block", "major", "minor", "hint"]}, "title": {"type": "string",
            "maxLength": 200},
        "derived": {"type": "boolean"}, "dimension": {"type": "string"}, "indicator": {"type": "string"}}
})json"};

inline constexpr http::Schema rules_schema{"QualityRuleList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/QualityRule"}}}
})json"};

inline constexpr http::Schema rules_body{"QualityRulesInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["rules"],
    "properties": {
        "rules": {"type": "array", "maxItems": 500,
                  "items": {"$ref": "#/components/schemas/QualityRuleInput"}}}
})json"};

inline constexpr http::Schema started_schema{"QualityRunStarted", R"json({
    "type": "object", "additionalProperties": false, "required": ["job_id", "run_id"],
    "properties": {"job_id": {"type": "string"}, "run_id": {"type": "string"}}
})json"};

inline constexpr http::Schema run_schema{"QualityRun", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "state", "score", "grade", "rows", "bad_rows", "load", "created_at", "finished_at"],
    "properties": {
        "id": {"type": "string"}, "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
        "score": {"type": ["number", "null"]},
        "grade": {"enum": ["excellent", "good", "medium", "low", "poor", null]},
        "rows": {"type": "integer"}, "bad_rows": {"type": "integer"}, "load": {"type": ["integer", "null"]},
        "created_at": {"type": "string"}, "finished_at": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema runs_schema{"QualityRunList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/QualityRun"}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema report_schema{"QualityReport", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "ref", "state", "score", "grade", "capped", "rows", "bad_rows", "load", "created_at",
                 "finished_at", "dimensions", "rules"],
    "properties": {
        "id": {"type": "string"}, "ref": {"type": "string"},
        "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
        "score": {"type": ["number", "null"]},
        "grade": {"enum": ["excellent", "good", "medium", "low", "poor", null]},
        "capped": {"type": "boolean", "description": "a block rule failed: at most 59.9"},
        "rows": {"type": "integer"}, "bad_rows": {"type": "integer"}, "load": {"type": ["integer", "null"]},
        "created_at": {"type": "string"}, "finished_at": {"type": ["string", "null"]},
        "dimensions": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["code", "name", "score", "weight", "judged", "failed", "bad_rows"],
            "properties": {
                "code": {"type": "string"}, "name": {"type": "string"}, "score": {"type": ["number", "null"]},
                "weight": {"type": "number"}, "judged": {"type": "integer"}, "failed": {"type": "integer"},
                "bad_rows": {"type": "integer"}}}},
        "rules": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "kind", "item", "title", "severity", "dimension", "indicator", "judged",
                "failed",
                         "score"],
            "properties": {
                "id": {"type": "string"}, "kind": {"type": "string"}, "item": {"type": "string"},
                "title": {"type": "string"}, "severity": {"type": "string"}, "dimension": {"type": "string"},
                "indicator": {"type": "string"}, "judged": {"type": "integer"}, "failed": {"type": "integer"},
                "score": {"type": ["number", "null"]}}}}}
})json"};

inline constexpr http::Schema failures_schema{"QualityFailureList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["row_key", "line", "rule", "column", "value", "reason"],
            "properties": {
                "row_key": {"type": "string", "description": "number of the row in the stored table"},
                "line": {"type": ["integer", "null"], "description": "line of the source file"},
                "rule": {"type": "string"}, "column": {"type": "string"}, "value": {"type": ["string",
                    "null"]},
                "reason": {"type": "string"}}}},
        "next_cursor": {"type": ["string", "null"]}}
})json"};

}  // namespace pengcheng::quality
