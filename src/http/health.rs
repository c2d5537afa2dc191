//! Whether the process lives, and whether it can answer.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::auth::{Action, Actor, Resource};
use crate::http::extract::{NoParams, Params};
use crate::http::{Problem, Site};

/// Media type of the text format of Prometheus.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

const NO_STORE: (header::HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// `GET /healthz`: 200 while the process lives.
pub async fn show_health(Params(NoParams {}): Params<NoParams>) -> Response {
    ([NO_STORE], Json(json!({ "status": "alive" }))).into_response()
}

/// `GET /readyz`: 200 once a snapshot is served, also while the store is away, 503 before.
pub async fn show_readiness(
    State(site): State<Site>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let snapshot = site.published()?.snapshot;
    let lost_since = site.app().health().store_lost_since;
    let body = json!({
        "status": "ready",
        "revision": snapshot.revision().0,
        "store": if lost_since.is_some() { "lost" } else { "connected" },
        "store_lost_since": lost_since.map(|since| since.to_string()),
    });
    Ok(([NO_STORE], Json(body)).into_response())
}

/// `GET /metrics`: figures for whoever watches the server, as Prometheus reads them. Nobody outside may know of them.
pub async fn show_metrics(
    State(site): State<Site>,
    actor: Actor,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    if !actor.may(Action::ReadOperations, &Resource::District) {
        return Err(Problem::not_found("there is nothing at /metrics"));
    }
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(PROMETHEUS_TEXT));
    Ok(([NO_STORE, kind], site.metrics().tell(site.app())).into_response())
}
