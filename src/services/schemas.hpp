#pragma once

#include <pengcheng/http/route.hpp>

/// What the services API takes and gives, as JSON Schema.
namespace pengcheng::services::schema {

using http::Schema;

inline constexpr Schema body_name{"ServiceBody", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "name"],
    "properties": {"code": {"type": "string"}, "name": {"type": "string"}}
})json"};

inline constexpr Schema item_brief{"ServiceItemBrief", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["code", "name", "organization", "type", "subject", "promised_days", "visits", "state"],
    "properties": {
        "code": {"type": "string"}, "name": {"type": "string"},
        "organization": {"$ref": "#/components/schemas/ServiceBody"},
        "type": {"type": "string"}, "subject": {"type": "string", "enum": ["person", "legal"]},
        "promised_days": {"type": "integer"}, "visits": {"type": "integer"},
        "state": {"type": "string", "enum": ["active", "paused"]}
    }
})json"};

inline constexpr Schema item_list{"ServiceItemList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ServiceItemBrief"}},
        "next_cursor": {"type": "string"}
    }
})json"};

inline constexpr Schema form_field{"ServiceFormField", R"json({
    "type": "object", "additionalProperties": false, "required": ["name", "label", "type", "required"],
    "properties": {
        "name": {"type": "string"}, "label": {"type": "string"},
        "type": {"enum": ["text", "textarea", "number", "date", "select", "radio", "checkbox", "id_number",
            "mobile"]},
        "required": {"type": "boolean"}, "pattern": {"type": "string"}, "min": {"type": "number"},
        "max": {"type": "number"}, "max_length": {"type": "integer"}, "when": {"type": "string"},
        "placeholder": {"type": "string"}, "hint": {"type": "string"},
        "options": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["value", "label"],
            "properties": {"value": {"type": "string"}, "label": {"type": "string"}}}},
        "prefill": {
            "type": "object", "additionalProperties": false, "required": ["resource", "column", "title",
                "organization"],
            "properties": {"resource": {"type": "string"}, "column": {"type": "string"},
                "title": {"type": "string"},
                           "organization": {"type": "string"}}}
    }
})json"};

inline constexpr Schema material{"ServiceMaterial", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "name", "required", "accept",
        "max_bytes"],
    "properties": {
        "code": {"type": "string"}, "name": {"type": "string"}, "required": {"type": "boolean"},
        "note": {"type": "string"}, "source": {"type": "string"}, "basis": {"type": "string"},
        "accept": {"type": "array", "items": {"type": "string"}}, "max_bytes": {"type": "integer"}
    }
})json"};

inline constexpr Schema item{"ServiceItem", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["code", "basic_code", "name", "organization", "type", "subject", "promised_days",
        "statutory_days",
                 "conditions", "materials", "form", "flow", "fee", "place", "phone", "result", "state"],
    "properties": {
        "code": {"type": "string"}, "basic_code": {"type": "string"}, "name": {"type": "string"},
        "organization": {"$ref": "#/components/schemas/ServiceBody"},
        "type": {"type": "string"}, "subject": {"type": "string"}, "promised_days": {"type": "integer"},
        "statutory_days": {"type": "integer"}, "visits": {"type": "integer"}, "state": {"type": "string"},
        "version": {"type": "integer"}, "basis": {"type": "string"},
        "conditions": {"type": "array", "items": {"type": "string"}},
        "flow": {"type": "array", "items": {"type": "string"}},
        "fee": {"type": "string"}, "place": {"type": "string"}, "hours": {"type": "string"},
        "phone": {"type": "string"}, "complaint_phone": {"type": "string"}, "result": {"type": "string"},
        "questions": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["question", "answer"],
            "properties": {"question": {"type": "string"}, "answer": {"type": "string"}}}},
        "materials": {"type": "array", "items": {"$ref": "#/components/schemas/ServiceMaterial"}},
        "form": {
            "type": "object", "additionalProperties": false, "required": ["version", "fields"],
            "properties": {"version": {"type": "integer"},
                           "fields": {"type": "array",
                               "items": {"$ref": "#/components/schemas/ServiceFormField"}}}}
    }
})json"};

inline constexpr Schema form_value{"ServiceFormValue", R"json({
    "type": ["string", "number", "boolean", "array", "null"], "items": {"type": "string", "maxLength": 200}
})json"};

inline constexpr Schema prefill_body{"ServicePrefillInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["consent"],
    "properties": {"consent": {"type": "boolean"}}
})json"};

inline constexpr Schema prefill{"ServicePrefill", R"json({
    "type": "object", "additionalProperties": false, "required": ["fields", "missing"],
    "properties": {
        "fields": {"type": "object", "additionalProperties": {
            "type": "object", "additionalProperties": false, "required": ["value", "source"],
            "properties": {
                "value": {"$ref": "#/components/schemas/ServiceFormValue"},
                "source": {
                    "type": "object", "additionalProperties": false, "required": ["resource", "title",
                        "organization"],
                    "properties": {"resource": {"type": "string"}, "title": {"type": "string"},
                                   "organization": {"type": "string"},
                                       "organization_name": {"type": "string"}}}}}},
        "missing": {"type": "array", "items": {"type": "string"}}
    }
})json"};

inline constexpr Schema objection_body{"ServiceObjectionInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["field", "shown", "right"],
    "properties": {
        "field": {"type": "string", "maxLength": 63}, "shown": {"type": "string", "maxLength": 500},
        "right": {"type": "string", "minLength": 1, "maxLength": 500}, "note": {"type": "string",
            "maxLength": 1000}
    }
})json"};

inline constexpr Schema objection{"ServiceObjection", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["id", "item", "field", "label", "resource", "provider", "person", "shown", "right", "note",
                 "state", "due_on", "days_left", "answer", "answered_by", "answered_at", "created_at",
                 "version"],
    "properties": {
        "id": {"type": "string"}, "item": {"$ref": "#/components/schemas/ServiceBody"},
        "field": {"type": "string"}, "label": {"type": "string"},
        "resource": {"type": "object", "additionalProperties": false, "required": ["ref", "name"],
            "properties": {"ref": {"type": "string"}, "name": {"type": "string"}}},
        "provider": {"$ref": "#/components/schemas/ServiceBody"},
        "person": {"description": "for the provider, to find the record", "anyOf": [{"type": "null"}, {
            "type": "object", "additionalProperties": false, "required": ["name", "id_number"],
            "properties": {"name": {"type": "string"}, "id_number": {"type": "string"}}}]},
        "shown": {"type": "string"}, "right": {"type": "string"}, "note": {"type": "string"},
        "state": {"enum": ["raised", "corrected", "confirmed_right"]},
        "due_on": {"type": "string", "format": "date"},
        "days_left": {"type": ["integer", "null"], "description": "working days; negative: over"},
        "answer": {"type": "string"}, "answered_by": {"type": "string"},
        "answered_at": {"type": ["string", "null"]}, "created_at": {"type": "string"},
        "version": {"type": "integer"}
    }
})json"};

inline constexpr Schema objection_list{"ServiceObjectionList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items", "next_cursor"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ServiceObjection"}},
        "next_cursor": {"type": ["string", "null"]}
    }
})json"};

inline constexpr Schema objection_accept{"ServiceObjectionAccept", R"json({
    "type": "object", "additionalProperties": false, "required": ["mended"],
    "properties": {"mended": {"type": "string", "minLength": 1, "maxLength": 1000,
                              "description": "what was mended in the register"}}
})json"};

inline constexpr Schema attachment{"ServiceAttachment", R"json({
    "type": "object", "additionalProperties": false, "required": ["id", "name", "bytes"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "kind": {"type": "string"},
                   "bytes": {"type": "integer"}, "sha256": {"type": "string"}}
})json"};

inline constexpr Schema handed_material{"ServiceHandedMaterial", R"json({
    "type": "object", "additionalProperties": false, "required": ["code", "attachment_id"],
    "properties": {
        "code": {"type": "string", "maxLength": 60},
        "attachment_id": {"type": "string",
                          "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
    }
})json"};

inline constexpr Schema case_body{"ServiceCaseInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["item", "form"],
    "properties": {
        "item": {"type": "string", "maxLength": 33},
        "form": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/ServiceFormValue"}},
        "materials": {"type": "array", "maxItems": 100,
                      "items": {"$ref": "#/components/schemas/ServiceHandedMaterial"}},
        "consent": {"type": "boolean"}
    }
})json"};

inline constexpr Schema case_brief{"ServiceCaseBrief", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["case_no", "item", "organization", "state", "state_name", "applicant", "submitted_at",
        "due_date",
                 "days_left", "light", "provisional", "version"],
    "properties": {
        "case_no": {"type": "string"}, "item": {"$ref": "#/components/schemas/ServiceBody"},
        "organization": {"$ref": "#/components/schemas/ServiceBody"},
        "state": {"enum": ["received", "supplement", "accepted", "review", "decided", "closed", "withdrawn",
            "refused"]},
        "state_name": {"type": "string"}, "applicant": {"type": "string"}, "submitted_at": {"type": "string"},
        "received_on": {"type": "string"}, "due_date": {"type": "string"}, "days_left": {"type": "integer"},
        "light": {"enum": ["green", "yellow", "red", "overdue"]}, "provisional": {"type": "boolean"},
        "version": {"type": "integer"}
    }
})json"};

inline constexpr Schema case_list{"ServiceCaseList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ServiceCaseBrief"}},
        "next_cursor": {"type": "string"}
    }
})json"};

inline constexpr Schema case_{"ServiceCase", R"json({
    "type": "object", "additionalProperties": false,
    "required": ["case_no", "item", "organization", "state", "state_name", "applicant", "submitted_at",
                 "promised_days", "consent", "form", "materials", "due_date", "days_left", "light",
                 "provisional", "receipt_url", "actions", "events", "supplement", "decision", "review",
                 "version"],
    "properties": {
        "case_no": {"type": "string"}, "item": {"$ref": "#/components/schemas/ServiceBody"},
        "organization": {"$ref": "#/components/schemas/ServiceBody"},
        "state": {"enum": ["received", "supplement", "accepted", "review", "decided", "closed", "withdrawn",
            "refused"]},
        "state_name": {"type": "string"}, "applicant": {"type": "string"}, "submitted_at": {"type": "string"},
        "received_on": {"type": "string"}, "promised_days": {"type": "integer"},
            "consent": {"type": "boolean"},
        "due_date": {"type": "string"}, "days_left": {"type": "integer"},
        "light": {"enum": ["green", "yellow", "red", "overdue"]}, "provisional": {"type": "boolean"},
        "version": {"type": "integer"}, "receipt_url": {"type": "string"},
        "actions": {"type": "array", "items": {"type": "string"}},
        "form": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["name", "label", "value", "raw",
                "source"],
            "properties": {"name": {"type": "string"}, "label": {"type": "string"},
                "value": {"type": "string"},
                           "raw": {"$ref": "#/components/schemas/ServiceFormValue"},
                               "source": {"type": "string"}}}},
        "materials": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["code", "name", "attachment_id", "file_name", "bytes"],
            "properties": {"code": {"type": "string"}, "name": {"type": "string"},
                           "attachment_id": {"type": "string"}, "file_name": {"type": "string"},
                           "bytes": {"type": "integer"}}}},
        "events": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["at", "actor", "action", "state",
                "note"],
            "properties": {"at": {"type": "string"}, "actor": {"type": "string"},
                "action": {"type": "string"},
                           "state": {"type": "string"}, "note": {"type": "string"},
                               "body": {"type": "string"}}}},
        "supplement": {
            "type": ["object", "null"], "additionalProperties": false,
            "required": ["missing", "note", "asked_at", "due", "answered_at"],
            "properties": {
                "missing": {"type": "array", "items": {
                    "type": "object", "additionalProperties": false, "required": ["code", "name", "reason"],
                    "properties": {"code": {"type": "string"}, "name": {"type": "string"},
                                   "reason": {"type": "string"}}}},
                "note": {"type": "string"}, "asked_at": {"type": "string"}, "due": {"type": "string"},
                "answered_at": {"type": ["string", "null"]}}},
        "decision": {
            "type": ["object", "null"], "additionalProperties": false,
            "required": ["result", "reason", "at", "document_url"],
            "properties": {"result": {"type": "string"}, "reason": {"type": "string"},
                "at": {"type": "string"},
                           "document_url": {"type": "string"}}},
        "review": {
            "type": ["object", "null"], "additionalProperties": false, "required": ["stars", "comment", "at"],
            "properties": {"stars": {"type": "integer"}, "comment": {"type": "string"},
                "at": {"type": "string"}}}
    }
})json"};

inline constexpr Schema note_body{"ServiceNote", R"json({
    "type": "object", "additionalProperties": false,
    "properties": {"note": {"type": "string", "maxLength": 1000}}
})json"};

inline constexpr Schema reason_body{"ServiceReason", R"json({
    "type": "object", "additionalProperties": false, "required": ["reason"],
    "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 1000}}
})json"};

inline constexpr Schema supplement_body{"ServiceSupplementInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["missing"],
    "properties": {
        "missing": {"type": "array", "minItems": 1, "maxItems": 100, "items": {
            "type": "object", "additionalProperties": false, "required": ["code", "reason"],
            "properties": {"code": {"type": "string", "maxLength": 63},
                           "reason": {"type": "string", "minLength": 1, "maxLength": 500}}}},
        "note": {"type": "string", "maxLength": 1000}
    }
})json"};

inline constexpr Schema answer_body{"ServiceAnswerInput", R"json({
    "type": "object", "additionalProperties": false,
    "properties": {
        "form": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/ServiceFormValue"}},
        "materials": {"type": "array", "maxItems": 100,
                      "items": {"$ref": "#/components/schemas/ServiceHandedMaterial"}},
        "note": {"type": "string", "maxLength": 1000}
    }
})json"};

inline constexpr Schema decide_body{"ServiceDecisionInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["result"],
    "properties": {"result": {"enum": ["grant", "refuse"]}, "reason": {"type": "string", "maxLength": 2000}}
})json"};

inline constexpr Schema review_body{"ServiceReviewInput", R"json({
    "type": "object", "additionalProperties": false, "required": ["stars"],
    "properties": {"stars": {"type": "integer", "minimum": 1, "maximum": 5},
                   "comment": {"type": "string", "maxLength": 500}}
})json"};

inline constexpr Schema access_list{"ServiceAccessList", R"json({
    "type": "object", "additionalProperties": false, "required": ["items"],
    "properties": {
        "items": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "at", "organization", "organization_name", "system", "resource",
                         "resource_name", "channel", "purpose", "fields", "field_names", "rows", "outcome",
                         "case_no"],
            "properties": {
                "id": {"type": "string"}, "at": {"type": "string"}, "organization": {"type": "string"},
                "organization_name": {"type": "string"},
                "system": {"type": "string", "description": "name of the system that read, or empty"},
                "resource": {"type": "string"}, "resource_name": {"type": "string"},
                "channel": {"type": "string"}, "purpose": {"type": "string"},
                "fields": {"type": "array", "items": {"type": "string"}},
                "field_names": {"type": "array", "items": {"type": "string"}},
                "rows": {"type": "integer"},
                "outcome": {"type": "string"}, "case_no": {"type": "string"}}}},
        "next_cursor": {"type": "string"}
    }
})json"};

inline constexpr Schema verification{"ServiceDocumentCheck", R"json({
    "type": "object", "additionalProperties": false, "required": ["case_no", "kind", "valid"],
    "properties": {"case_no": {"type": "string"}, "kind": {"type": "string"}, "valid": {"type": "boolean"}}
})json"};

}  // namespace pengcheng::services::schema
