//! Checking, publishing and taking back.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::app::{Published, RecordSource, read_settings};
use crate::http::deliveries::list::NO_STORE;
use crate::http::deliveries::report::{changes_object, report_object};
use crate::http::deliveries::{Editing, delivery_id, delivery_object};
use crate::http::extract::Segments;
use crate::http::records::record_object;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::Silent;
use crate::model::{Revision, read_date};

/// How long a check is waited for before the answer says that it goes on.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who enters a record that does not say so.
const NOBODY: &str = super::upload::NOBODY;

/// `POST /api/deliveries/{id}/check`: checks with these settings; 202 when it goes on for longer than one waits.
pub async fn check_delivery(
    State(site): State<Site>,
    _: Editing,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let body = read_json(&headers, body)?;
    let text = std::str::from_utf8(&body).map_err(|_| unreadable("the body is not UTF-8"))?;
    let settings = if text.trim().is_empty() { None } else { Some(read_settings(text)?) };
    let remember = serde_json::from_str::<Remember>(text).is_ok_and(|told| told.remember);
    let site_of_work = site.clone();
    let checked = tokio::task::spawn_blocking(move || -> Result<_, Problem> {
        let app = site_of_work.app();
        let checked = app.check_delivery(id, settings.clone(), &Silent)?;
        if remember && let Some(settings) = &settings {
            app.remember_columns(id, settings)?;
        }
        Ok(checked)
    });
    match tokio::time::timeout(PATIENCE, checked).await {
        Ok(checked) => {
            let checked = checked.map_err(|err| Problem::internal(&err))??;
            Ok(([NO_STORE], Json(report_object(&site.actor(), &checked))).into_response())
        }
        // The check goes on; its thread is not ended with this answer.
        Err(_) => {
            work(move || {
                let delivery = site.app().delivery(id)?;
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordMembers {
    document: String,
    authority: String,
    dated: String,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

impl Entering {
    fn read(body: &[u8]) -> Result<(RecordSource, Option<usize>), Problem> {
        let fault = |place: &str, message: String| {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", message.clone())
                .with("faults", json!([{ "place": place, "message": message }]))
        };
        let Self { record, confirm_vanishing } =
            serde_json::from_slice(body).map_err(|err| fault("", err.to_string()))?;
        let dated = read_date(&record.dated)
            .ok_or_else(|| fault("/record/dated", format!("{:?} is not a date as in 2022-10-27", record.dated)))?;
        let author =
            record.author.clone().filter(|author| !author.trim().is_empty()).unwrap_or_else(|| NOBODY.to_owned());
        let RecordMembers { document, authority, note, .. } = record;
        Ok((RecordSource { document, authority, dated, author, note: note.unwrap_or_default() }, confirm_vanishing))
    }
}

/// `POST /api/deliveries/{id}/publish`
pub async fn publish_delivery(
    State(site): State<Site>,
    _: Editing,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let (source, confirmed) = Entering::read(&read_json(&headers, body)?)?;
    work(move || {
        let app = site.app();
        match app.publish_delivery(id, &source, confirmed, &Silent)? {
            Published::NothingNew => Ok(([NO_STORE], Json(json!({ "nothing_new": true }))).into_response()),
            Published::Entered(revision, check) => {
                let changes = changes_object(&check);
                entered(&site, revision, json!({ "changes": changes }))
            }
        }
    })
    .await
}

/// `POST /api/deliveries/{id}/undo`
pub async fn undo_delivery(
    State(site): State<Site>,
    _: Editing,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let (source, _) = Entering::read(&read_json(&headers, body)?)?;
    work(move || {
        let revision = site.app().undo_delivery(id, &source)?;
        entered(&site, revision, json!({}))
    })
    .await
}

/// 201 with the record, as far as the published state knows it.
fn entered(site: &Site, revision: Revision, mut body: serde_json::Value) -> Result<Response, Problem> {
    let snapshot = site.app().snapshot()?;
    let records = snapshot.records();
    let at = records.binary_search_by_key(&revision.0, |record| u64::from(record.id.0)).ok();
    body["revision"] = revision.0.into();
    body["record"] = at.map(|at| record_object(&site.actor(), &records[at]).into()).unwrap_or_default();
    let location = [(header::LOCATION, format!("/api/records/{revision}"))];
    Ok((StatusCode::CREATED, [NO_STORE], location, Json(body)).into_response())
}

/// A body that is JSON by its type, which no form of another site can send.
pub(super) fn read_json(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with(b"application/json") {
        let detail = "the body is application/json in UTF-8";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail));
    }
    body.map_err(|rejection| {
        let status = rejection.status();
        let name = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-large" } else { "bad-body" };
        Problem::new(status, name, rejection.body_text())
    })
}

fn unreadable(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-body", detail)
}
