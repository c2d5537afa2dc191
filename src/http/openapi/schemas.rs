//! The shapes of what is sent and answered.

use serde_json::{Value, json};

/// Shapes that operations refer to by name.
pub(super) fn schemas() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    let position = json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 });
    let record = json!({
        "type": "object",
        "required": ["document", "authority", "dated"],
        "additionalProperties": false,
        "properties": { "document": text, "authority": text, "dated": { "type": "string", "format": "date" }, "author": text, "note": text },
    });
    let change = json!({ "type": "object", "description": "Its members are told in the description of the API." });
    json!({
        "Problem": {
            "description": "RFC 9457",
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": { "type": text, "title": text, "status": { "type": "integer" }, "detail": text },
        },
        "Link": { "type": "object", "required": ["rel", "href"], "properties": { "rel": text, "href": text, "type": text } },
        "Feature": {
            "description": "RFC 7946",
            "type": "object",
            "required": ["type", "geometry", "properties"],
            "properties": {
                "type": { "type": "string", "enum": ["Feature"] },
                "geometry": { "type": "object", "nullable": true },
                "properties": { "type": "object" },
            },
        },
        "FeatureCollection": {
            "description": "RFC 7946",
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": { "type": "string", "enum": ["FeatureCollection"] },
                "features": { "type": "array", "items": { "$ref": "#/components/schemas/Feature" } },
                "links": { "type": "array", "items": { "$ref": "#/components/schemas/Link" } },
                "numberReturned": { "type": "integer" },
            },
        },
        "SignIn": {
            "type": "object", "required": ["name", "password"], "additionalProperties": false,
            "properties": { "name": text, "password": { "type": "string", "format": "password" } },
        },
        "NewPassword": {
            "type": "object", "required": ["current", "new"], "additionalProperties": false,
            "properties": { "current": { "type": "string", "format": "password" }, "new": { "type": "string", "format": "password" } },
        },
        "NewAccount": {
            "type": "object", "required": ["name", "role", "password"], "additionalProperties": false,
            "properties": {
                "name": text, "display_name": text, "role": text, "streets": texts,
                "password": { "type": "string", "format": "password" },
            },
        },
        "AccountChange": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "display_name": text, "role": text, "streets": texts, "disabled": { "type": "boolean" },
                "password": { "type": "string", "format": "password" },
            },
        },
        "NewToken": {
            "type": "object", "required": ["name", "scopes", "days"], "additionalProperties": false,
            "properties": { "name": text, "scopes": texts, "days": { "type": "integer", "minimum": 1, "maximum": 400 } },
        },
        "NewReport": {
            "type": "object", "required": ["place", "reason"], "additionalProperties": false,
            "properties": {
                "place": {
                    "type": "object", "required": ["type", "coordinates"],
                    "properties": {
                        "type": { "type": "string", "enum": ["Point", "LineString"] },
                        "coordinates": { "oneOf": [position, { "type": "array", "items": position, "minItems": 2 }] },
                    },
                },
                "area": { "type": "string", "nullable": true },
                "reason": { "type": "string", "enum": ["boundary_wrong", "name_wrong", "missing_area", "duplicate", "other"] },
                "text": { "type": "string", "maxLength": 200 },
            },
        },
        "ReportAnswer": {
            "type": "object", "required": ["state"], "additionalProperties": false,
            "properties": { "state": { "type": "string", "enum": ["accepted", "rejected", "done"] }, "answer": { "type": "string", "maxLength": 200 } },
        },
        "Selection": {
            "type": "object", "required": ["format"], "additionalProperties": false,
            "properties": {
                "format": { "type": "string", "enum": ["xlsx", "csv", "geojson"] },
                "codes": { "type": "array", "items": text, "nullable": true },
                "columns": { "type": "array", "items": text, "nullable": true },
                "filter": text,
                "lang": { "type": "string", "enum": ["zh-CN", "en"] },
            },
        },
        "RecordEntry": {
            "description": "Exactly one of the changes.",
            "type": "object", "required": ["record"],
            "properties": {
                "record": record,
                "effective": { "type": "string", "format": "date" },
                "seen": { "type": "object", "additionalProperties": { "type": "integer" } },
                "split": change, "merge": change, "adjust": change, "rename": change, "retire": change, "correct": change, "amend": change,
            },
        },
        "Upload": {
            "type": "object", "required": ["sender", "file"],
            "properties": {
                "sender": { "type": "string", "minLength": 1, "maxLength": 64 },
                "note": text,
                "file": { "type": "array", "items": { "type": "string", "format": "binary" } },
            },
        },
        "DeliverySettings": {
            "type": "object",
            "properties": {
                "columns": { "type": "object" }, "position": { "type": "string", "nullable": true },
                "scope": { "type": "string", "enum": ["listed", "streets", "district"] },
                "effective": { "type": "string", "format": "date" }, "encoding": { "type": "string", "nullable": true },
                "left_out": texts, "remember": { "type": "boolean" },
            },
        },
        "Publication": {
            "type": "object", "required": ["record"], "additionalProperties": false,
            "properties": { "record": record, "confirm_vanishing": { "type": "integer", "minimum": 0 } },
        },
        "Nothing": { "type": "object", "additionalProperties": false },
        "Decision": {
            "description": "`cases` or `bulk`; `expected` for more than one case.",
            "type": "object", "required": ["verdict", "reason"], "additionalProperties": false,
            "properties": {
                "cases": texts,
                "bulk": { "type": "string", "enum": ["near_identical", "fills", "minor"] },
                "verdict": { "type": "string", "enum": ["accept", "keep", "both_wrong", "fields"] },
                "fields": { "type": "object", "additionalProperties": { "type": "string", "enum": ["ours", "theirs"] } },
                "reason": {
                    "type": "string",
                    "enum": [
                        "plan", "survey", "street_confirmed", "better_source", "outdated", "drawing_noise", "not_an_area", "other",
                    ],
                },
                "note": { "type": "string", "maxLength": 200 },
                "expected": { "type": "integer", "minimum": 0 },
                "seen": { "type": "object", "additionalProperties": { "type": ["string", "null"], "format": "date-time" } },
            },
        },
        "ReconciliationPublication": {
            "type": "object", "required": ["record"], "additionalProperties": false,
            "properties": {
                "record": record, "confirm_vanishing": { "type": "integer", "minimum": 0 }, "leave_undecided": { "type": "boolean" },
                "preview": text,
            },
        },
        "DecisionUndo": {
            "description": "`record` once the delivery is in the register.",
            "type": "object", "required": ["case"], "additionalProperties": false,
            "properties": { "case": text, "record": record },
        },
        "StreetOwner": {
            "type": "object", "required": ["street"], "additionalProperties": false,
            "properties": { "street": text, "name": { "type": "string", "minLength": 1, "maxLength": 40, "nullable": true } },
        },
        "TaskAnswer": {
            "type": "object", "required": ["case", "answer", "name", "dated"], "additionalProperties": false,
            "properties": {
                "case": text,
                "answer": { "type": "string", "enum": ["still_valid", "adjusted", "deferred"] },
                "name": { "type": "string", "minLength": 1, "maxLength": 40 },
                "dated": { "type": "string", "format": "date" },
                "until": { "type": "string", "format": "date" },
                "note": { "type": "string", "maxLength": 200 },
            },
        },
        "Exception": {
            "type": "object", "required": ["issue", "subject", "fingerprint", "reason", "owner", "expires_on"], "additionalProperties": false,
            "properties": {
                "issue": text, "subject": text, "other": { "type": "string", "nullable": true }, "fingerprint": text,
                "reason": text, "owner": text, "expires_on": { "type": "string", "format": "date" },
            },
        },
    })
}
