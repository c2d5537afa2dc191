//! Codes of areas that are known but not true on the day: what became of them, or when they begin.

use axum::http::{StatusCode, Uri};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::app::{Error, Snapshot};
use crate::http::Problem;
use crate::http::site::View;
use crate::model::AreaCode;
use crate::store::AbsentArea;

/// Why there is no area of this code on the day asked for: it has ended (308 to its only successor, else 410), it has not
/// begun (404), or it was never entered (404).
pub fn absent_area(view: &View, code: &AreaCode, asked: &Uri) -> Problem {
    let snapshot = &*view.snapshot;
    let Some(absent) = snapshot.absent(code) else {
        return Error::NoSuchArea(code.to_string()).into();
    };
    match absent.valid.until.filter(|until| *until <= snapshot.data_date()) {
        Some(ended_on) => ended(snapshot, absent, ended_on, asked),
        None => not_begun(absent),
    }
}

fn ended(snapshot: &Snapshot, area: &AbsentArea, ended_on: Date, asked: &Uri) -> Problem {
    let code = area.code.as_str();
    let successors = successors(snapshot, &area.code);
    let status = if successors.len() == 1 { StatusCode::PERMANENT_REDIRECT } else { StatusCode::GONE };
    let told: Vec<Value> =
        successors.iter().map(|next| json!({ "code": next.as_str(), "name": name_of(snapshot, next) })).collect();
    let problem = Problem::new(status, "ended", format!("area {code} ended on {ended_on}"))
        .with("code", code)
        .with("name", area.name.as_str())
        .with("ended_on", ended_on.to_string())
        .with("successors", told)
        .with("history", format!("/api/areas/{code}/history"));
    match successors.as_slice() {
        [only] => problem.leading_to(&with_last_segment(asked, only)),
        _ => problem,
    }
}

fn not_begun(area: &AbsentArea) -> Problem {
    let begins_on = area.valid.from.map(|day| day.to_string());
    let detail = format!("area {} is not there yet on that day", area.code);
    Problem::new(StatusCode::NOT_FOUND, "not-begun", detail)
        .with("code", area.code.as_str())
        .with("name", area.name.as_str())
        .with("begins_on", begins_on)
}

/// The areas that took the place of this one, in the order of codes.
fn successors<'a>(snapshot: &'a Snapshot, code: &AreaCode) -> Vec<&'a AreaCode> {
    let edges = snapshot.lineage().filter(|edge| edge.predecessor == *code && edge.from <= snapshot.data_date());
    let mut successors: Vec<&AreaCode> = edges.map(|edge| &edge.successor).collect();
    successors.sort_unstable();
    successors.dedup();
    successors
}

/// The name of an area on the day, or when it last was there.
fn name_of<'a>(snapshot: &'a Snapshot, code: &AreaCode) -> Option<&'a str> {
    let absent = || snapshot.absent(code).map(|area| area.name.as_str());
    snapshot.area_position(code).map(|position| snapshot.area(position).name.as_str()).or_else(absent)
}

/// The same path and query, with another code at the end of the path.
fn with_last_segment(asked: &Uri, code: &AreaCode) -> String {
    let parent = asked.path().rsplit_once('/').map_or("", |(parent, _)| parent);
    match asked.query() {
        Some(query) => format!("{parent}/{code}?{query}"),
        None => format!("{parent}/{code}"),
    }
}
