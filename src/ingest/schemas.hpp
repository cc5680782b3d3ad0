#pragma once

#include <pengcheng/http/route.hpp>

namespace pengcheng::ingest {

inline constexpr http::Schema upload_schema{"IngestUpload", R"json({
    "type": "object", "additionalProperties": false, "required": ["id", "name", "bytes", "sha256"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "bytes": {"type": "integer"},
                   "sha256": {"type": "string"}}
})json"};

inline constexpr http::Schema inspect_body{"IngestInspectInput", R"json({
    "type": "object", "additionalProperties": false,
    "properties": {"sheet": {"type": "string", "maxLength": 200}, "encoding": {"type": "string",
        "maxLength": 40},
                   "header_row": {"type": "integer", "minimum": 1, "maximum": 1000}}
})json"};

inline constexpr http::Schema guess_schema{"IngestGuess", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["no", "name", "column", "type", "length", "scale", "nullable", "unique", "primary_key",
                 "element", "code_list", "sensitive", "grade", "samples"],
    "properties": {
        "no": {"type": "integer"}, "name": {"type": "string"}, "column": {"type": "string"},
        "type": {"type": "string"}, "length": {"type": ["integer", "null"]}, "scale": {"type": ["integer",
            "null"]},
        "nullable": {"type": "boolean"}, "unique": {"type": "boolean"}, "primary_key": {"type": "boolean"},
        "element": {"type": "string"}, "code_list": {"type": "string"}, "sensitive": {"type": "boolean"},
        "grade": {"type": "integer"}, "samples": {"type": "array", "items": {"type": "string"}}}
})json"};

inline constexpr http::Schema inspection_schema{"IngestInspection", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["format", "encoding", "delimiter", "sheets", "sheet", "header_row", "row_count", "items",
                 "sample_rows", "warnings"],
    "properties": {
        "format": {"enum": ["csv", "xlsx", "json"]}, "encoding": {"type": "string"},
        "delimiter": {"type": "string"}, "sheet": {"type": "string"},
        "sheets": {"type": "array", "items": {"type": "object", "additionalProperties": false,
            "required": ["name", "hidden"],
            "properties": {"name": {"type": "string"}, "hidden": {"type": "boolean"}}}},
        "header_row": {"type": "integer"}, "row_count": {"type": "integer"},
        "row_count_estimated": {"type": "boolean"},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/IngestGuess"}},
        "sample_rows": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        "warnings": {"type": "array", "items": {"type": "object", "additionalProperties": false,
            "required": ["code", "text"],
            "properties": {"code": {"type": "string"}, "text": {"type": "string"}}}}}
})json"};

inline constexpr http::Schema load_body{"IngestLoadInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["upload_id", "mode"],
    "properties": {"upload_id": {"type": "string", "maxLength": 36},
                   "mode": {"enum": ["replace", "upsert", "append"]},
                   "sheet": {"type": "string", "maxLength": 200}, "encoding": {"type": "string",
                       "maxLength": 40},
                   "header_row": {"type": "integer", "minimum": 1, "maximum": 1000}}
})json"};

inline constexpr http::Schema preview_started_schema{"IngestPreviewStarted", R"json({
    "type": "object", "additionalProperties": false, "required": ["job_id"],
    "properties": {"job_id": {"type": "string"}}
})json"};

inline constexpr http::Schema batch_started_schema{"IngestBatchStarted", R"json({
    "type": "object", "additionalProperties": false, "required": ["batch_id", "job_id"],
    "properties": {"batch_id": {"type": "string"}, "job_id": {"type": "string"}}
})json"};

inline constexpr http::Schema batch_schema{"IngestBatch", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "no", "mode", "state", "file_name", "rows_read", "rows_loaded", "rows_rejected",
        "job_id",
                 "created_at", "created_by"],
    "properties": {
        "id": {"type": "string"}, "no": {"type": "integer"}, "mode": {"enum": ["replace", "upsert",
            "append"]},
        "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
            "file_name": {"type": "string"},
        "format": {"type": "string"}, "encoding": {"type": "string"}, "sheet": {"type": "string"},
        "rows_read": {"type": "integer"}, "rows_loaded": {"type": "integer"},
            "rows_rejected": {"type": "integer"},
        "job_id": {"type": "string"}, "load": {"type": ["integer", "null"]}, "problem": {"type": "string"},
        "created_by": {"type": "string"}, "created_at": {"type": "string"},
        "finished_at": {"type": ["string", "null"]}}
})json"};

inline constexpr http::Schema batch_list_schema{"IngestBatchList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/IngestBatch"}},
                   "next_cursor": {"type": "string"}}
})json"};

inline constexpr http::Schema reject_schema{"IngestReject", R"json({
    "type": "object", "additionalProperties": false, "required": ["line", "column", "code", "reason", "raw"],
    "properties": {"line": {"type": "integer"}, "column": {"type": "string"}, "code": {"type": "string"},
                   "reason": {"type": "string"}, "raw": {"type": "string"}}
})json"};

inline constexpr http::Schema reject_list_schema{"IngestRejectList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/IngestReject"}},
                   "next_cursor": {"type": "string"}}
})json"};

}  // namespace pengcheng::ingest
