//! `POST /api/records`: areas are changed as a document says, or are not and the answer says why.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use geojson::Feature;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::Occasion;
use crate::app::{Changed, Error, Mode};
use crate::auth::Actor;
use crate::history::{ChangeRequest, ChangeSource};
use crate::http::areas::{area_feature, past_feature};
use crate::http::changes::keys;
use crate::http::entry_headers::EntryHeaders;
use crate::http::extract::Params;
use crate::http::records::record_object;
use crate::http::site::{View, work};
use crate::http::{Problem, Site};
use crate::model::{AreaCode, Revision};
use crate::store::Question;

/// Parameters of `POST /api/records`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryParams {
    dry_run: Option<bool>,
}

/// `POST /api/records`
pub async fn create_record(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    headers: EntryHeaders,
    Params(params): Params<EntryParams>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body.map_err(|rejection| unread(&rejection))?;
    let mode = if params.dry_run == Some(true) { Mode::DryRun } else { Mode::Commit };
    work(move || {
        let by_tag = headers.seen.is_some();
        let request = read_request(&body, headers)?;
        match site.app().change(&actor, &occasion, &request, mode) {
            Ok(changed) => answer((&site, &actor), &request, &changed),
            Err(err) => Err(refusal((&site, &actor), err, by_tag)),
        }
    })
    .await
}

fn unread(rejection: &BytesRejection) -> Problem {
    let status = rejection.status();
    let name = if status == StatusCode::PAYLOAD_TOO_LARGE { "too-large" } else { "bad-body" };
    Problem::new(status, name, rejection.body_text())
}

/// The document with what its headers say. Errors: 422 with every fault, 400 when header and document contradict.
fn read_request(body: &[u8], headers: EntryHeaders) -> Result<ChangeRequest, Problem> {
    let mut request = ChangeRequest::read(body).map_err(|faults| Problem::faults(&faults))?;
    request.request = headers.request;
    let touched = request.operation.touched();
    // Of several areas the header does not say which one it is about; those the document does not name are asked for then.
    if let (Some(seen), [only]) = (headers.seen, &Vec::from_iter(touched)[..]) {
        let told = *request.seen.entry(only.clone()).or_insert(seen);
        if told != seen {
            let detail = format!("If-Match says that area {only} was seen at {seen}, the document says {told}");
            return Err(Problem::new(StatusCode::BAD_REQUEST, "bad-header", detail));
        }
    }
    Ok(request)
}

fn answer((site, actor): (&Site, &Actor), request: &ChangeRequest, changed: &Changed) -> Result<Response, Problem> {
    let dry_run = changed.mode == Mode::DryRun;
    let areas: Vec<Value> =
        changed.areas.iter().map(|(code, kinds)| json!({ "code": code.as_str(), "change": keys(kinds) })).collect();
    let record = if dry_run { proposed(request) } else { entered((site, actor), request, changed.revision) };
    let body = json!({ "revision": changed.revision.0, "record": record, "dry_run": dry_run, "areas": areas });
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    if dry_run {
        return Ok((no_store, Json(body)).into_response());
    }
    let location = [(header::LOCATION, format!("/api/records/{}", changed.revision))];
    Ok((StatusCode::CREATED, no_store, location, Json(body)).into_response())
}

/// The record as it would be.
fn proposed(request: &ChangeRequest) -> Value {
    let ChangeSource { document, authority, dated, author, note } = &request.source;
    json!({
        "id": null, "kind": request.operation.kind().key(), "document": document, "authority": authority,
        "dated": dated.to_string(), "author": author, "recorded_at": null, "note": note,
    })
}

/// The record as it is. Another instance may have entered it, so the published state may have to catch up first; where it
/// cannot, the record is durable all the same and is told as far as it is known.
fn entered((site, actor): (&Site, &Actor), request: &ChangeRequest, revision: Revision) -> Value {
    let latest = site
        .app()
        .snapshot()
        .and_then(|snapshot| if snapshot.revision() < revision { site.app().catch_up() } else { Ok(snapshot) });
    let snapshot = latest
        .inspect_err(|error| tracing::warn!(%error, %revision, "the record is entered but cannot be read yet"))
        .ok();
    let record = snapshot.as_ref().and_then(|snapshot| {
        let records = snapshot.records();
        let at = records.binary_search_by_key(&revision.0, |record| u64::from(record.id.0)).ok()?;
        Some(Value::Object(record_object(actor, &records[at])))
    });
    record.unwrap_or_else(|| {
        let mut known = proposed(request);
        known["id"] = revision.0.into();
        known
    })
}

/// Why a change was not entered; of two people who change the same area the second gets both versions.
fn refusal((site, actor): (&Site, &Actor), err: Error, by_tag: bool) -> Problem {
    let Error::Changed { area, seen, .. } = &err else { return err.into() };
    match both((site, actor), area, *seen) {
        Ok([yours, theirs]) => {
            let problem = Problem::from(err).with("yours", yours).with("theirs", theirs);
            // What If-Match says is a condition of the request; what only the document says is not (RFC 9110, 13.1.1).
            if by_tag { problem.with_status(StatusCode::PRECONDITION_FAILED) } else { problem }
        }
        Err(problem) => problem,
    }
}

/// An area as it stood at a revision and as it stands now; null when it was not there.
fn both((site, actor): (&Site, &Actor), code: &AreaCode, seen: Revision) -> Result<[Value; 2], Problem> {
    site.app().catch_up()?;
    let view = site.published()?;
    let now = view.snapshot.area_position(code).map(|position| area_feature(&view, actor, position));
    // Before the first record there was nothing.
    let then = view.snapshot.resolve(Question { day: None, known: Some(seen) }).ok();
    let then = then.map(|as_of| site.app().area_at(code, as_of)).transpose()?.flatten();
    let past = View { present: false, ..view };
    let then = then.as_ref().map(|area| past_feature(&past, actor, area));
    let value = |feature: Option<Feature>| serde_json::to_value(feature).map_err(|err| Problem::internal(&err));
    Ok([value(then)?, value(now)?])
}
