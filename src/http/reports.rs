//! What the public reports: something on the map is wrong. Sent without an account, answered by the office of the street.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use geo::{Centroid as _, Coord, LineString, Point};
use geojson::{Geometry, GeometryValue};
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::{
    NewReport, Occasion, Outcome, Place, REPORTS_LIMIT_MAX, Reason, Report, ReportAnswer, ReportQuery, ReportState,
};
use crate::app::{LocateQuery, Snapshot};
use crate::auth::{Action, Actor, Resource};
use crate::http::areas::{PageLinks, page_limit};
use crate::http::body::{fault, read, seen};
use crate::http::extract::{NoParams, Params, Segments, known_street};
use crate::http::records::JSON;
use crate::http::session::NO_STORE;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::model::{AreaCode, StreetCode};

/// Days are those of Beijing, which has kept UTC+8 all year since 1991.
const BEIJING: Offset = Offset::constant(8);

/// The body of `POST /api/reports`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    place: Geometry,
    #[serde(default)]
    area: Option<String>,
    reason: String,
    #[serde(default)]
    text: String,
}

/// `POST /api/reports`: for everybody who sees the map.
pub async fn create_report(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::SendReport, &Resource::District)?;
    let Sent { place, area, reason, text } = read(&headers, body)?;
    let reason = Reason::from_key(&reason).ok_or_else(|| fault("/reason", format!("there is no reason {reason:?}")))?;
    let place = place_of(&place).ok_or_else(|| fault("/place", "a Point or LineString is expected".to_owned()))?;
    let snapshot = site.app().snapshot()?;
    let area = area.as_deref().map(AreaCode::parse).transpose().map_err(|err| fault("/area", err.to_string()))?;
    if let Some(code) = area.as_ref().filter(|code| snapshot.area_position(code).is_none()) {
        return Err(fault("/area", format!("area {code} does not exist")));
    }
    let street = street_of(&snapshot, &place, area.as_ref());
    work(move || {
        let report = NewReport { place, area, street, reason, text };
        let report = site.app().send_report(&actor, &occasion, &report)?;
        let location = [(header::LOCATION, format!("/api/reports/{}", report.number))];
        let body = Json(json!({ "number": report.number, "url": format!("/r/{}", report.number) }));
        Ok((StatusCode::CREATED, [NO_STORE], location, body).into_response())
    })
    .await
}

/// `GET /api/reports/{number}`: how it stands, to everybody who has the number; all of it to who may answer it.
pub async fn show_report(
    State(site): State<Site>,
    actor: Actor,
    Segments(number): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    work(move || {
        let access = site.app().access();
        let own = if actor.streets.is_empty() { Resource::District } else { Resource::Streets(&actor.streets) };
        if actor.may(Action::ReadDesk, &own)
            && let Ok(report) = access.report(&actor, &number)
        {
            let tag = [(header::ETAG, format!("\"{}\"", report.revision))];
            return Ok(([NO_STORE], tag, Json(report_object(&*site.app().snapshot()?, &report))).into_response());
        }
        Ok(([NO_STORE], Json(outcome_object(&access.report_outcome(&number)?))).into_response())
    })
    .await
}

/// Parameters of `GET /api/reports`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    state: Option<String>,
    street: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /api/reports`: newest first; officers are told of those of their streets.
pub async fn list_reports(
    State(site): State<Site>,
    actor: Actor,
    Params(params): Params<ListParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let snapshot = site.app().snapshot()?;
    let street = params.street.as_deref().map(|text| known_street(&snapshot, text)).transpose()?;
    let street = site.app().desk_scope(&actor, street)?;
    let state = params
        .state
        .as_deref()
        .map(|key| {
            ReportState::from_key(key).ok_or_else(|| Problem::bad_parameter(format!("there is no state {key:?}")))
        })
        .transpose()?;
    let limit = page_limit(params.limit.as_deref())?.min(REPORTS_LIMIT_MAX - 1);
    work(move || {
        let access = site.app().access();
        let query = |state, after, limit| ReportQuery { state, street: street.clone(), after, limit };
        let mut reports = access.reports(&actor, &query(state, params.cursor.clone(), limit + 1))?;
        let more = reports.len() > limit;
        reports.truncate(limit);
        let next = reports.last().filter(|_| more).map(|report| report.number.as_str());
        let kept = [("state", params.state.as_deref()), ("street", params.street.as_deref())];
        let cursor = params.cursor.as_deref();
        let links = PageLinks { kind: JSON, path: uri.path(), limit, cursor, next }.keeping(kept);
        let mut counts = json!({});
        for (state, count) in access.report_counts(&actor, street.as_ref())? {
            counts[state.key()] = count.into();
        }
        let told: Vec<Value> = reports.iter().map(|report| report_object(&snapshot, report)).collect();
        Ok(([NO_STORE], Json(json!({ "reports": told, "counts": counts, "links": links }))).into_response())
    })
    .await
}

/// The body of `PATCH /api/reports/{number}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    state: String,
    #[serde(default)]
    answer: Option<String>,
}

/// `PATCH /api/reports/{number}` with `If-Match`.
pub async fn answer_report(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    Segments(number): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let own = if actor.streets.is_empty() { Resource::District } else { Resource::Streets(&actor.streets) };
    site.app().require(&actor, Action::AnswerReport, &own)?;
    let Answered { state, answer } = read(&headers, body)?;
    let seen = seen(&headers)?;
    let state = ReportState::from_key(&state).ok_or_else(|| fault("/state", format!("there is no state {state:?}")))?;
    work(move || {
        let answer = ReportAnswer { number, seen: Some(seen), state, answer };
        let report = site.app().access().answer_report(&actor, &occasion, &answer)?;
        let tag = [(header::ETAG, format!("\"{}\"", report.revision))];
        Ok(([NO_STORE], tag, Json(report_object(&*site.app().snapshot()?, &report))).into_response())
    })
    .await
}

fn place_of(geometry: &Geometry) -> Option<Place> {
    let coord = |position: &geojson::Position| {
        let [lng, lat] = position.as_slice() else { return None };
        (lng.abs() <= 180.0 && lat.abs() <= 90.0).then_some(Coord { x: *lng, y: *lat })
    };
    match &geometry.value {
        GeometryValue::Point { coordinates } => Some(Place::Point(Point(coord(coordinates)?))),
        GeometryValue::LineString { coordinates } => {
            let line: LineString = coordinates.iter().map(coord).collect::<Option<Vec<Coord>>>()?.into();
            Some(Place::Line(line))
        }
        _ => None,
    }
}

/// The street whose office is to look: of the area that is named, else of the place.
fn street_of(snapshot: &Snapshot, place: &Place, area: Option<&AreaCode>) -> Option<StreetCode> {
    if let Some(position) = area.and_then(|code| snapshot.area_position(code)) {
        return Some(snapshot.area(position).street.clone());
    }
    let point = match place {
        Place::Point(point) => Some(point.0),
        Place::Line(line) => line.centroid().map(|point| point.0),
    };
    let found = snapshot.locate(LocateQuery { point: point?, accuracy_m: None }).ok()?;
    let by_area = found.areas.first().map(|area| snapshot.area(area.position).street.clone());
    by_area.or_else(|| found.street.map(|position| snapshot.streets()[position].code.clone()))
}

fn day(instant: Timestamp) -> String {
    BEIJING.to_datetime(instant).date().to_string()
}

fn outcome_object(outcome: &Outcome) -> Value {
    json!({
        "number": outcome.number,
        "state": outcome.state.key(),
        "answer": outcome.answer,
        "received_on": day(outcome.received_at),
        "decided_on": outcome.decided_at.map(day),
    })
}

fn report_object(snapshot: &Snapshot, report: &Report) -> Value {
    let area = report.area.as_ref().and_then(|code| snapshot.area_position(code));
    let place = match &report.place {
        Place::Point(point) => GeometryValue::from(point),
        Place::Line(line) => GeometryValue::from(line),
    };
    json!({
        "number": report.number,
        "state": report.state.key(),
        "answer": report.answer,
        "received_on": day(report.received_at),
        "decided_on": report.decided_at.map(day),
        "reason": report.reason.key(),
        "text": report.text,
        "place": Geometry::new(place),
        "area": report.area.as_ref().map(|code| code.as_str()),
        "area_name": area.map(|position| snapshot.area(position).name.as_str()),
        "street": report.street.as_ref().map(|street| street.as_str()),
        "street_name": report.street.as_ref().and_then(|street| snapshot.street_position(street)).map(|at| snapshot.streets()[at].name.as_str()),
        "revision": report.revision,
    })
}
