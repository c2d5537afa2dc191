//! The parameters that the API takes, each described once.

use serde_json::{Value, json};

/// A parameter of a query.
pub(super) struct Parameter {
    /// What operations call it; the name, unless operations mean different things by one name.
    key: &'static str,
    /// Its name in a query.
    name: &'static str,
    /// Whether a question without it is refused.
    required: bool,
    /// What it means.
    description: &'static str,
    /// Its JSON Schema.
    schema: fn() -> Value,
}

const fn optional(name: &'static str, description: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { key: name, name, required: false, description, schema }
}

const fn required(name: &'static str, description: &'static str, schema: fn() -> Value) -> Parameter {
    Parameter { key: name, name, required: true, description, schema }
}

const fn called(key: &'static str, parameter: Parameter) -> Parameter {
    Parameter { key, ..parameter }
}

/// Every parameter of a query.
const PARAMETERS: &[Parameter] = &[
    optional(
        "datetime",
        "The day on which it is true: a date, or an instant, of which the date in Beijing counts.",
        day,
    ),
    optional("known", "As far as was known then: a revision, a date or an instant.", revision_or_day),
    optional("bbox", "west,south,east,north in degrees.", bbox),
    optional("limit", "Most items of one page; more than the page can hold is clamped.", limit),
    optional("cursor", "Where the page begins, from the link `next` of the page before.", text),
    called("position", optional("cursor", "Where the page begins, from the link `next` of the page before.", whole)),
    optional("street", "Code of a street.", street),
    optional("manager", "Unified social credit code of a manager.", text),
    optional("lng", "Longitude, degrees; with `lat`, or else `easting` and `northing`.", number),
    optional("lat", "Latitude, degrees.", number),
    optional("easting", "Metres of EPSG:4548.", number),
    optional("northing", "Metres of EPSG:4548.", number),
    optional("accuracy", "How uncertain the position is, metres.", number),
    required("q", "What is looked for: a name, pinyin, initials, an address, a manager or a code.", query_text),
    optional("near", "lng,lat in degrees: what is nearer comes first.", text),
    optional("rate", "Id of a rate.", text),
    optional("percent", "A percentage that is to be printed.", number),
    optional("part", "Which members.", || one_of(&["numerator", "denominator", "missing"])),
    optional("from", "First month, YYYY-MM.", month),
    optional("to", "Last month, YYYY-MM.", month),
    optional("within", "Days from the day of the question on.", whole),
    optional("duty", "Key of a duty.", text),
    optional("next", "The path of a page of this server, with its query.", text),
    optional("code", "What the provider gives for who somebody is.", text),
    called("provider_state", optional("state", "What was sent to the provider, and comes back.", text)),
    called("provider_error", optional("error", "Why the provider let nobody in.", text)),
    called("due_state", optional("state", "How urgent.", text)),
    called("due_format", optional("f", "Form of the answer.", || one_of(&["json", "xlsx"]))),
    optional("issue", "Id of an issue type.", text),
    optional("severity", "How severe.", || one_of(&["must_fix", "fix_later"])),
    called("finding_state", optional("state", "What became of it.", || one_of(&["open", "excepted", "repaired"]))),
    called("finding_format", optional("f", "Form of the answer.", || one_of(&["json", "csv", "xlsx", "html"]))),
    required("format", "Format of the file.", || {
        one_of(&["geojson", "geojsonl", "shapefile", "geopackage", "kml", "kmz", "flatgeobuf", "csv", "xlsx"])
    }),
    required("since", "A revision, a date or an instant.", revision_or_day),
    optional("until", "A revision, a date or an instant.", revision_or_day),
    optional("v", "Version that the register names; such a tile may be kept for ever.", text),
    optional("dry_run", "Whether it is only tried.", boolean),
    optional("everywhere", "Whether all sessions of the account end.", boolean),
    optional("tokens", "With `everywhere`: whether the tokens of the account are removed, too.", boolean),
    optional("owner", "Name of an account.", text),
    optional("everybody", "Whether those of every account are told.", boolean),
    called(
        "report_state",
        optional("state", "What became of it.", || one_of(&["received", "accepted", "rejected", "done"])),
    ),
    optional("class", "What the case is.", || {
        one_of(&["same", "redrawn", "split", "merge", "recut", "duplicate", "missing", "new"])
    }),
    called(
        "case_state",
        optional("state", "Where the case stands.", || one_of(&["settled", "open", "decided", "remembered"])),
    ),
    optional("consequence", "What accepting it changes first of all.", || {
        one_of(&["rate", "street", "area", "attribute", "none"])
    }),
    optional("owner", "Whose the case is.", text),
    called(
        "case_task",
        optional("task", "State of the question about its committee.", || one_of(&["open", "answered", "deferred"])),
    ),
    called(
        "handback_format",
        optional("f", "Form of the answer; `zip` has every part, a file each.", || one_of(&["csv", "xlsx", "zip"])),
    ),
    called("handback_part", optional("part", "Which part.", || one_of(&["rows", "tasks"]))),
    called("words", optional("q", "Part of a name, a code or the place of a row.", text)),
    optional("area", "Code of an area.", text),
    optional("who", "Name of an account or token.", text),
    optional("action", "What was done.", text),
    called("audit_since", optional("since", "An instant or a date.", day)),
    called("audit_until", optional("until", "An instant or a date.", day)),
    called("audit_format", optional("f", "Form of the answer.", || one_of(&["json", "csv"]))),
];

/// A parameter of a query by its key, as OpenAPI 3.0 has it.
pub(super) fn query_parameter(key: &str) -> Value {
    let parameter = PARAMETERS.iter().find(|parameter| parameter.key == key).expect("operations name known parameters");
    let mut object = json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": (parameter.schema)(),
    });
    if parameter.name == "bbox" {
        // Said in full, because what is left out differs between versions of the standard.
        object["style"] = json!("form");
        object["explode"] = json!(false);
    }
    object
}

/// A parameter of a path, as OpenAPI 3.0 has it.
pub(super) fn path_parameter(name: &str) -> Value {
    let (schema, description) = match name {
        "z" => (json!({ "type": "integer", "minimum": 0, "maximum": 18 }), "Zoom of the tile, XYZ."),
        "x" => (json!({ "type": "integer", "minimum": 0 }), "Column of the tile."),
        "y" => (json!({ "type": "string", "pattern": "^(0|[1-9][0-9]{0,5})\\.mvt$" }), "Row of the tile and the form."),
        "number" => (text(), "Number of a file from 1 on, or of a report."),
        "id" => (text(), "Number or id."),
        "layer" => (one_of(&["areas", "streets"]), "The layer."),
        "file" => (one_of(&["areas.json", "streets.json"]), "The layer and the form."),
        "name" => (text(), "Name of an account."),
        "key" => (text(), "Key of a case."),
        _ => (text(), "Code."),
    };
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// A date or an instant (RFC 3339).
fn day() -> Value {
    json!({ "anyOf": [{ "type": "string", "format": "date" }, { "type": "string", "format": "date-time" }] })
}

fn revision_or_day() -> Value {
    let mut schema = day();
    if let Some(kinds) = schema["anyOf"].as_array_mut() {
        kinds.push(json!({ "type": "integer", "minimum": 1 }));
    }
    schema
}

fn query_text() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 64 })
}

fn street() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{9}$" })
}

fn month() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$" })
}

fn number() -> Value {
    json!({ "type": "number" })
}

fn whole() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn limit() -> Value {
    json!({ "type": "integer", "minimum": 1, "default": 100 })
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

fn bbox() -> Value {
    json!({ "type": "array", "items": { "type": "number" }, "minItems": 4, "maxItems": 4 })
}

fn one_of(keys: &[&str]) -> Value {
    json!({ "type": "string", "enum": keys })
}
