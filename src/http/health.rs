//! Whether the process lives, and whether it can answer.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::extract::{NoParams, Params};
use crate::http::{Problem, Site};

const NO_STORE: (header::HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// `GET /healthz`: 200 while the process lives.
pub async fn show_health(Params(NoParams {}): Params<NoParams>) -> Response {
    ([NO_STORE], Json(json!({ "status": "alive" }))).into_response()
}

/// `GET /readyz`: 200 once a snapshot is served, 503 before.
pub async fn show_readiness(
    State(site): State<Site>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let snapshot = site.published()?.snapshot;
    Ok(([NO_STORE], Json(json!({ "status": "ready", "revision": snapshot.revision().0 }))).into_response())
}
