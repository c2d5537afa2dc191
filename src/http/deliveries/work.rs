//! Checking, publishing and taking back.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::app::access::Occasion;
use crate::app::{Publication, Published, RecordSource, read_settings};
use crate::auth::Actor;
use crate::http::allowed::{Allowed, Delivering, Publishing};
use crate::http::body::{fault, read_json};
use crate::http::deliveries::list::NO_STORE;
use crate::http::deliveries::report::{changes_object, report_object};
use crate::http::deliveries::{delivery_id, delivery_object};
use crate::http::extract::Segments;
use crate::http::records::record_object;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::Silent;
use crate::model::{Revision, read_date};

/// How long a check is waited for before the answer says that it goes on.
const PATIENCE: Duration = Duration::from_secs(5);

/// `POST /api/deliveries/{id}/check`: checks with these settings; 202 when it goes on for longer than one waits.
pub async fn check_delivery(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Delivering>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let body = read_json(&headers, body)?;
    let text = std::str::from_utf8(&body).map_err(|_| unreadable("the body is not UTF-8"))?;
    let settings = if text.trim().is_empty() { None } else { Some(read_settings(text)?) };
    let remember = serde_json::from_str::<Remember>(text).is_ok_and(|told| told.remember);
    let (site_of_work, by) = (site.clone(), actor.clone());
    let checked = work(move || {
        let app = site_of_work.app();
        let checked = app.check_delivery((&by, &occasion), id, settings.clone(), &Silent)?;
        if remember && let Some(settings) = &settings {
            app.remember_columns(&by, &occasion, id, settings)?;
        }
        Ok(checked)
    });
    match tokio::time::timeout(PATIENCE, checked).await {
        Ok(checked) => {
            let checked = checked?;
            Ok(([NO_STORE], Json(report_object(&actor, &checked))).into_response())
        }
        // The check goes on; its thread is not ended with this answer.
        Err(_) => {
            work(move || {
                let delivery = site.app().own_delivery(&actor, id)?;
                let location = [(header::LOCATION, format!("/api/deliveries/{id}/report"))];
                let body = Json(delivery_object(site.app(), &delivery));
                Ok((StatusCode::ACCEPTED, [NO_STORE], location, body).into_response())
            })
            .await
        }
    }
}

/// The one member of the settings that is about the request and not about the delivery.
#[derive(Deserialize)]
struct Remember {
    #[serde(default)]
    remember: bool,
}

/// The body of `POST …/publish` and `POST …/undo`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entering {
    record: RecordMembers,
    #[serde(default)]
    confirm_vanishing: Option<usize>,
}

/// What a body says of a record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RecordMembers {
    document: String,
    authority: String,
    dated: String,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

impl Entering {
    fn read(body: &[u8], actor: &Actor) -> Result<Publication, Problem> {
        let Self { record, confirm_vanishing } =
            serde_json::from_slice(body).map_err(|err| fault("", err.to_string()))?;
        let source = record.source(actor)?;
        Ok(Publication { source, confirmed: confirm_vanishing })
    }
}

impl RecordMembers {
    /// What the record says of itself; its author is whoever asks, unless another is named. Errors: 422 for a date that is none.
    pub(in crate::http) fn source(self, actor: &Actor) -> Result<RecordSource, Problem> {
        let Self { document, authority, dated, author, note } = self;
        let day = read_date(&dated)
            .ok_or_else(|| fault("/record/dated", format!("{dated:?} is not a date as in 2022-10-27")))?;
        let author = author.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| actor.who().to_owned());
        Ok(RecordSource { document, authority, dated: day, author, note: note.unwrap_or_default() })
    }
}

/// `POST /api/deliveries/{id}/publish`
pub async fn publish_delivery(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Publishing>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let publication = Entering::read(&read_json(&headers, body)?, &actor)?;
    work(move || {
        let app = site.app();
        match app.publish_delivery((&actor, &occasion), id, &publication, &Silent)? {
            Published::NothingNew => Ok(([NO_STORE], Json(json!({ "nothing_new": true }))).into_response()),
            Published::Entered(revision, check) => {
                let changes = changes_object(&check);
                entered((&site, &actor), revision, json!({ "changes": changes }))
            }
        }
    })
    .await
}

/// `POST /api/deliveries/{id}/undo`
pub async fn undo_delivery(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Publishing>,
    occasion: Occasion,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let Publication { source, .. } = Entering::read(&read_json(&headers, body)?, &actor)?;
    work(move || {
        let revision = site.app().undo_delivery((&actor, &occasion), id, &source)?;
        entered((&site, &actor), revision, json!({}))
    })
    .await
}

/// 201 with the record, as far as the published state knows it.
pub(in crate::http) fn entered(
    (site, actor): (&Site, &Actor),
    revision: Revision,
    mut body: serde_json::Value,
) -> Result<Response, Problem> {
    let snapshot = site.app().snapshot()?;
    let records = snapshot.records();
    let at = records.binary_search_by_key(&revision.0, |record| u64::from(record.id.0)).ok();
    body["revision"] = revision.0.into();
    body["record"] = at.map(|at| record_object(actor, &records[at]).into()).unwrap_or_default();
    let location = [(header::LOCATION, format!("/api/records/{revision}"))];
    Ok((StatusCode::CREATED, [NO_STORE], location, Json(body)).into_response())
}

fn unreadable(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-body", detail)
}
