//! The register's section of a district report.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Error;
use crate::auth::{Actor, Resource};
use crate::http::extract::Asked;
use crate::http::rate_lists::{seen_rate, unknown_rate};
use crate::http::rates::fitting_object;
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::stats::{ReportError, stated};

/// Parameters of `GET /api/report`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportParams {
    rate: Option<String>,
    percent: Option<f64>,
}

/// `GET /api/report`: the paragraphs, and whether a percentage that somebody wants printed follows from its counts.
pub async fn show_report(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<ReportParams>,
) -> Result<Response, Problem> {
    work(move || {
        let snapshot = &*view.snapshot;
        let asked = match (params.rate.as_deref(), params.percent) {
            (None, None) => Value::Null,
            (Some(key), Some(percent)) => {
                let id = seen_rate(actor.sight(&Resource::District), key).ok_or_else(|| unknown_rate(key))?;
                if site.app().told(&actor, snapshot.tallies()).scope(None).whole_rate(id).is_none() {
                    let detail = "the counts of this rate are too small to be told";
                    return Err(Problem::new(StatusCode::FORBIDDEN, "small-counts", detail));
                }
                let sentence = stated(&snapshot.tallies().district.rate(id), percent).map_err(Error::Report)?;
                json!({ "rate": id.key(), "percent": percent, "text": sentence })
            }
            _ => return Err(Problem::bad_parameter("rate and percent are asked for together")),
        };
        let report = site.app().write_report(snapshot, &actor)?;
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "title": report.title,
            "paragraphs": report.paragraphs,
            "asked": asked,
        });
        cache::json(&view.tag, JSON, &body)
    })
    .await
}

impl From<ReportError> for Problem {
    fn from(err: ReportError) -> Self {
        let name = match err {
            ReportError::DoesNotAdd { .. } => "does-not-add",
            ReportError::DoesNotFollow { .. } => "does-not-follow",
        };
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, name, err.to_string());
        match err {
            ReportError::DoesNotFollow { rate, fitting, .. } => problem
                .with("rate", rate.id.key())
                .with("numerator", rate.numerator)
                .with("denominator", rate.denominator)
                .with("computed", rate.percent())
                .with("candidates", fitting_object(&fitting, &rate)),
            ReportError::DoesNotAdd { .. } => problem,
        }
    }
}
