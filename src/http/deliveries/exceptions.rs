//! Exceptions, and the catalogue of what can be wrong.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::Occasion;
use crate::auth::{Action, Actor, Resource};
use crate::http::allowed::{Allowed, Excepting};
use crate::http::body::read_json;
use crate::http::deliveries::both;
use crate::http::deliveries::list::NO_STORE;
use crate::http::extract::{NoParams, Params, Segments};
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::ISSUES;
use crate::ingest::delivery::render::{severity_key, side_key};
use crate::model::{Exception, ExceptionId, read_date};

/// The body of `POST /api/exceptions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionMembers {
    issue: String,
    subject: String,
    #[serde(default)]
    other: Option<String>,
    fingerprint: String,
    reason: String,
    owner: String,
    expires_on: String,
}

/// `GET /api/issue-types`
pub async fn list_issue_types(
    State(site): State<Site>,
    actor: Actor,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    // The catalogue is the same for everybody who works with findings, wherever they do.
    site.app().desk_scope(&actor, actor.streets.first().cloned())?;
    let types: Vec<Value> = ISSUES
        .iter()
        .map(|issue| {
            json!({
                "id": issue.id,
                "severity": severity_key(issue.severity),
                "side": side_key(issue.side),
                "title": both(issue.title),
                "wrong": both(issue.wrong),
                "fix": both(issue.fix),
            })
        })
        .collect();
    Ok(([NO_STORE], Json(json!({ "issue_types": types }))).into_response())
}

/// `GET /api/exceptions`
pub async fn list_exceptions(
    State(site): State<Site>,
    actor: Actor,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    work(move || {
        let exceptions: Vec<Value> = site.app().exceptions(&actor)?.iter().map(exception_object).collect();
        Ok(([NO_STORE], Json(json!({ "exceptions": exceptions }))).into_response())
    })
    .await
}

/// `POST /api/exceptions`
pub async fn create_exception(
    State(site): State<Site>,
    Allowed(actor, _): Allowed<Excepting>,
    occasion: Occasion,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = read_json(&headers, body)?;
    let fault = |place: &str, message: String| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", message.clone())
            .with("faults", json!([{ "place": place, "message": message }]))
    };
    let members: ExceptionMembers = serde_json::from_slice(&body).map_err(|err| fault("", err.to_string()))?;
    if !ISSUES.iter().any(|issue| issue.id == members.issue) {
        return Err(fault("/issue", format!("there is no issue type {:?}", members.issue)));
    }
    let bounded = [("/fingerprint", Some(&members.fingerprint)), ("/other", members.other.as_ref())];
    for (place, text) in bounded.into_iter().filter_map(|(place, text)| Some((place, text?))) {
        if text.chars().count() > 500 {
            return Err(fault(place, "a text of at most 500 characters is expected".to_owned()));
        }
    }
    for (place, text) in [("/subject", &members.subject), ("/reason", &members.reason), ("/owner", &members.owner)] {
        if text.trim().is_empty() || text.chars().count() > 500 {
            return Err(fault(place, "a text of 1 to 500 characters is expected".to_owned()));
        }
    }
    let expires_on = read_date(&members.expires_on)
        .ok_or_else(|| fault("/expires_on", format!("{:?} is not a date as in 2022-10-27", members.expires_on)))?;
    work(move || {
        let ExceptionMembers { issue, subject, other, fingerprint, reason, owner, .. } = members;
        let about = crate::app::ExceptionSource { issue, subject, other, fingerprint, reason, owner, expires_on };
        let exception = site.app().except(&actor, &occasion, about)?;
        Ok((StatusCode::CREATED, [NO_STORE], Json(exception_object(&exception))).into_response())
    })
    .await
}

/// `DELETE /api/exceptions/{id}`
pub async fn withdraw_exception(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    Segments(id): Segments<String>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::GrantException, &Resource::District)?;
    let unknown = || Problem::not_found(format!("there is no exception {id} that holds"));
    let number = id.parse::<u32>().map_err(|_| unknown())?;
    let unknown = unknown();
    work(move || {
        if site.app().withdraw_exception(&actor, &occasion, ExceptionId(number))? {
            Ok(StatusCode::NO_CONTENT.into_response())
        } else {
            Err(unknown)
        }
    })
    .await
}

fn exception_object(exception: &Exception) -> Value {
    let recorded = &exception.recorded;
    json!({
        "id": exception.id.0,
        "issue": recorded.issue,
        "subject": recorded.subject,
        "other": recorded.other,
        "fingerprint": recorded.fingerprint,
        "reason": recorded.reason,
        "owner": recorded.owner,
        "expires_on": recorded.expires_on.to_string(),
        "recorded_at": recorded.recorded_at.to_string(),
        "recorded_by": recorded.recorded_by,
        "withdrawn_at": exception.withdrawn_at.map(|at| at.to_string()),
    })
}
