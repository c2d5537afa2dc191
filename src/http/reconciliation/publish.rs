//! The preview, what is entered, and the files that go back.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::Occasion;
use crate::app::reconciliation::{
    HandbackFormat, HandbackPart, Preview, PreviewCounts, Reconciled, ReconciliationPublication,
};
use crate::auth::{Actor, Field};
use crate::http::allowed::{Allowed, Publishing};
use crate::http::body::read;
use crate::http::deliveries::{NO_STORE, RecordMembers, delivery_id, entered};
use crate::http::extract::{NoParams, Params, Segments};
use crate::http::rates::{is_party_rate, rate_objects};
use crate::http::reconciliation::refused_cases;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::Silent;

/// `GET /api/deliveries/{id}/preview`
pub async fn show_preview(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    work(move || {
        let preview = site.app().preview(&actor, id)?;
        Ok(([NO_STORE], Json(preview_object(&actor, &preview))).into_response())
    })
    .await
}

fn preview_object(actor: &Actor, preview: &Preview) -> Value {
    let rates = |rates| rate_objects(actor, rates, preview.day);
    let streets: Vec<Value> = preview
        .streets
        .iter()
        .map(|street| {
            json!({
                "code": street.code.as_str(),
                "name": street.name,
                "before": rates(&street.before),
                "after": rates(&street.after),
            })
        })
        .collect();
    let seen = |id: &crate::model::RateId| !is_party_rate(*id) || actor.may_see(Field::PartyRates);
    let moved: Vec<Value> = preview
        .moved
        .iter()
        .map(|area| {
            json!({
                "code": area.code.as_str(),
                "name": area.name,
                "street": area.street.as_str(),
                "why": area.why,
                "rates": area.rates.iter().filter(|id| seen(id)).map(|id| id.key()).collect::<Vec<_>>(),
            })
        })
        .collect();
    let obstacles: Vec<Value> =
        preview.obstacles.iter().map(|obstacle| json!({ "kind": obstacle.kind, "count": obstacle.count })).collect();
    let blocked: Vec<Value> = preview
        .blocked
        .iter()
        .map(|one| json!({ "case": one.key, "name": one.name, "what": { "zh-CN": one.what.0, "en": one.what.1 } }))
        .collect();
    json!({
        "revision": preview.revision.0,
        "effective": preview.day.to_string(),
        "rates": { "before": rates(&preview.before), "after": rates(&preview.after) },
        "streets": streets,
        "moved": moved,
        "counts": counts_object(&preview.counts),
        "open_tasks": preview.open_tasks,
        "refused": refused_cases(&preview.refused),
        "blocked": blocked,
        "digest": preview.digest,
        "publishable": preview.is_publishable(),
        "obstacles": obstacles,
    })
}

fn counts_object(counts: &PreviewCounts) -> Value {
    json!({
        "accepted": counts.accepted,
        "kept": counts.kept,
        "both_wrong": counts.both_wrong,
        "undecided": counts.undecided,
        "ended": counts.ended,
        "begun": counts.begun,
        "changed": counts.changed,
    })
}

/// The body of `POST /api/deliveries/{id}/reconciliation/publish`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicationMembers {
    record: RecordMembers,
    #[serde(default)]
    confirm_vanishing: Option<usize>,
    #[serde(default)]
    leave_undecided: bool,
    #[serde(default)]
    preview: Option<String>,
}

/// `POST /api/deliveries/{id}/reconciliation/publish`
pub async fn publish_reconciliation(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Publishing>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    told: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let PublicationMembers { record, confirm_vanishing, leave_undecided, preview: seen } = read(&headers, told)?;
    let publication = ReconciliationPublication {
        source: record.source(&actor)?,
        confirmed: confirm_vanishing,
        leave_undecided,
        seen,
    };
    work(move || {
        let app = site.app();
        let Reconciled { revision, counts } =
            app.publish_reconciliation((&actor, &occasion), id, &publication, &Silent)?;
        let published = json!({ "published": counts_object(&counts) });
        match revision {
            Some(revision) => entered((&site, &actor), revision, published),
            None => {
                let body = json!({ "nothing_new": true, "published": counts_object(&counts) });
                Ok((StatusCode::OK, [NO_STORE], Json(body)).into_response())
            }
        }
    })
    .await
}

/// Parameters of `GET /api/deliveries/{id}/handback`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandbackParams {
    f: Option<String>,
    part: Option<String>,
}

/// `GET /api/deliveries/{id}/handback`
pub async fn show_handback(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(params): Params<HandbackParams>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let bad = |name: &str, text: &str| Problem::bad_parameter(format!("{name}: there is no {text:?}"));
    let (format, ending, kind) = match params.f.as_deref() {
        None | Some("csv") => (Some(HandbackFormat::Csv), "csv", "text/csv; charset=utf-8"),
        Some("xlsx") => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            (Some(HandbackFormat::Xlsx), "xlsx", kind)
        }
        Some("zip") if params.part.is_some() => {
            return Err(Problem::bad_parameter("part: an archive has every part"));
        }
        Some("zip") => (None, "zip", "application/zip"),
        Some(other) => return Err(bad("f", other)),
    };
    let (part, name) = match params.part.as_deref() {
        None | Some("rows") => (HandbackPart::Rows, "rows"),
        Some("tasks") => (HandbackPart::Tasks, "tasks"),
        Some(other) => return Err(bad("part", other)),
    };
    work(move || {
        let (bytes, file) = match format {
            Some(format) => {
                (site.app().handback(&actor, id, (part, format))?, format!("handback-{id}-{name}.{ending}"))
            }
            None => (site.app().handback_archive(&actor, id)?, format!("handback-{id}.{ending}")),
        };
        let disposition = format!("attachment; filename=\"{file}\"");
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|err| Problem::internal(&err))?),
            NO_STORE,
        ];
        Ok((headers, bytes).into_response())
    })
    .await
}
