//! A run in figures.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::Occasion;
use crate::app::reconciliation::{Reconciliation, Run, Standing};
use crate::app::{App, Error};
use crate::auth::Actor;
use crate::http::allowed::{Allowed, Delivering};
use crate::http::deliveries::{NO_STORE, delivery_id};
use crate::http::extract::{NoParams, Params, Segments};
use crate::http::site::work;
use crate::http::{Problem, Site, body};
use crate::ingest::delivery::Silent;
use crate::model::StreetCode;

/// The body of `POST /api/deliveries/{id}/reconciliation`: nothing is to be said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// `POST /api/deliveries/{id}/reconciliation`
pub async fn run_reconciliation(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Delivering>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    told: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let Nothing {} = body::read(&headers, told)?;
    work(move || {
        let app = site.app();
        app.reconcile_delivery((&actor, &occasion), id, &Silent)?;
        let (run, standing) = app.reconciliation_summary(&actor, id)?;
        Ok(([NO_STORE], Json(summary_object(app, &run, &standing)?)).into_response())
    })
    .await
}

/// `GET /api/deliveries/{id}/reconciliation`
pub async fn show_reconciliation(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    work(move || {
        let app = site.app();
        let (run, standing) = app.reconciliation_summary(&actor, id)?;
        Ok(([NO_STORE], Json(summary_object(app, &run, &standing)?)).into_response())
    })
    .await
}

/// The figures of a run.
pub(super) fn summary_object(app: &App, run: &Run, standing: &Standing) -> Result<Value, Error> {
    let figures: Reconciliation = app.reconciliation_figures(run, standing)?;
    let classes: Vec<Value> = figures
        .classes
        .iter()
        .map(|count| {
            json!({
                "class": count.class.key(),
                "cases": count.cases,
                "ours": count.ours,
                "theirs": count.theirs,
                "open": count.open,
                "decided": count.decided,
                "settled": count.settled,
            })
        })
        .collect();
    let sum = |of: fn(&crate::app::reconciliation::ClassCount) -> usize| figures.classes.iter().map(of).sum::<usize>();
    let states: serde_json::Map<String, Value> =
        figures.states.iter().map(|(state, count)| (state.key().to_owned(), json!(count))).collect();
    let alignments: Vec<Value> = run
        .outcome
        .alignments
        .iter()
        .map(|one| {
            json!({
                "source": one.source,
                "street": one.street,
                "system": one.system,
                "shift_m": [tenths(one.shift_m.0), tenths(one.shift_m.1)],
                "rows": one.rows,
                "agreeing": one.agreeing,
            })
        })
        .collect();
    let weights: Vec<Value> = run
        .outcome
        .weights
        .iter()
        .map(|one| {
            json!({ "evidence": one.evidence, "level": one.level, "bits": tenths(one.bits), "learned": one.learned })
        })
        .collect();
    let streets: Vec<Value> = figures
        .streets
        .iter()
        .map(|(code, open)| {
            let owner = standing.owner_of_street(code);
            json!({ "code": code.as_str(), "name": street_name(run, code), "open": open, "owner": owner })
        })
        .collect();
    let owners: Vec<Value> = figures.owners.iter().map(|(name, open)| json!({ "name": name, "open": open })).collect();
    Ok(json!({
        "delivery": figures.delivery.0,
        "sender": run.check.sender,
        "revision": figures.revision.0,
        "current": figures.current,
        "ours": run.ours,
        "theirs": run.theirs(),
        "classes": classes,
        "sum": { "ours": sum(|count| count.ours), "theirs": sum(|count| count.theirs) },
        "states": states,
        "open_tasks": figures.open_tasks,
        "deferred_tasks": figures.deferred_tasks,
        "deferred_until": figures.deferred_until.map(|day| day.to_string()),
        "shift_m": [tenths(run.outcome.shift_m.0), tenths(run.outcome.shift_m.1)],
        "turn_deg": run.outcome.turn_deg,
        "noise_m": run.outcome.noise_m,
        "alignments": alignments,
        "weights": weights,
        "streets": streets,
        "owners": owners,
        "bulk": { "open": figures.bulk, "fills": figures.fills, "minor": figures.minor, "differing": figures.differing },
    }))
}

/// Rounded to one decimal.
pub(super) fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Name of a street; empty where it is none of the district's.
pub(super) fn street_name<'a>(run: &'a Run, code: &StreetCode) -> &'a str {
    run.snapshot.street_position(code).map_or("", |at| &run.snapshot.streets()[at].name)
}
