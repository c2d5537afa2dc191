//! `GET /api/openapi.json`: the API described for programs, OpenAPI 3.0.3.

mod operations;
mod parameters;
mod schemas;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::http::extract::{NoParams, Params};
use crate::http::openapi::operations::{OPERATIONS, Operation};
use crate::http::openapi::parameters::{path_parameter, query_parameter};
use crate::http::openapi::schemas::schemas;

/// Type of the document, as OGC API asks for it.
const MEDIA_TYPE: &str = "application/vnd.oai.openapi+json;version=3.0";

/// What comes back when nothing is wrong.
pub(super) enum Answer {
    /// An object with at least these members.
    Object(&'static [&'static str]),
    /// One feature of GeoJSON.
    Feature,
    /// Features of GeoJSON.
    Collection,
    /// Bytes of this type.
    Media(&'static str),
    /// No body.
    Nothing,
}

/// `GET /api/openapi.json`
pub async fn show_openapi(Params(NoParams {}): Params<NoParams>) -> Response {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| document().to_string().into());
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], DOCUMENT.clone()).into_response()
}

/// The whole document.
fn document() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| path_item(operation.path));
        path[operation.method] = described(operation);
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "onemap",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The register of a district's property-management areas. Positions are lng, lat in degrees.",
            "license": { "name": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "onemap" },
            },
        },
        // Nobody needs to sign in for what is public; the rest answers 401 or 403.
        "security": [{}, { "token": [] }, { "session": [] }],
    })
}

/// The parameters that stand in a path.
fn path_item(path: &str) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    json!({ "parameters": names.map(path_parameter).collect::<Vec<_>>() })
}

fn described(operation: &Operation) -> Value {
    let mut told = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": operation.query.iter().map(|key| query_parameter(key)).collect::<Vec<_>>(),
        "responses": answers(operation),
    });
    if let Some(body) = operation.body {
        let media = if body == "Upload" { "multipart/form-data" } else { "application/json" };
        told["requestBody"] = json!({ "required": true, "content": { media: { "schema": reference(body) } } });
    }
    told
}

fn answers(operation: &Operation) -> Value {
    let problem = json!({ "description": "A problem document.", "content": { "application/problem+json": { "schema": reference("Problem") } } });
    let mut answers = Map::new();
    for (status, answer) in operation.answers {
        let told = answers.entry(status.to_string()).or_insert_with(|| json!({ "description": "As asked." }));
        if let Some((media, schema)) = content(answer) {
            told["content"][media]["schema"] = schema;
        }
    }
    answers.insert("default".to_owned(), problem);
    Value::Object(answers)
}

/// Type and shape of an answer that has a body.
fn content(answer: &Answer) -> Option<(&'static str, Value)> {
    Some(match answer {
        Answer::Object(members) => ("application/json", json!({ "type": "object", "required": members })),
        Answer::Feature => ("application/geo+json", reference("Feature")),
        Answer::Collection => ("application/geo+json", reference("FeatureCollection")),
        Answer::Media(media) => (media, json!({ "type": "string", "format": "binary" })),
        Answer::Nothing => return None,
    })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_of_the_api_is_described_and_nothing_else() {
        let is_of_the_api = |path: &&str| {
            ["/api", "/tiles", "/healthz", "/readyz", "/metrics"].iter().any(|start| path.starts_with(start))
        };
        let routed: BTreeSet<&str> = crate::http::paths().into_iter().filter(is_of_the_api).collect();
        let described: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.path).collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn names_of_operations_are_unique_and_every_reference_leads_somewhere() {
        let document = document();
        let ids: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.id).collect();
        assert_eq!(ids.len(), OPERATIONS.len());
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(document.pointer(&format!("/{reference}")).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_parameter_of_a_path_is_described() {
        let document = document();
        for (path, item) in document["paths"].as_object().unwrap() {
            let named = path.matches('{').count();
            assert_eq!(item["parameters"].as_array().unwrap().len(), named, "{path}");
        }
    }
}
