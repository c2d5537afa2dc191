//! What a check found.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::CheckedDelivery;
use crate::auth::Actor;
use crate::formats::Place;
use crate::http::areas::PageLinks;
use crate::http::deliveries::list::{NO_STORE, position_object};
use crate::http::deliveries::{both, delivery_id};
use crate::http::extract::{NoParams, Params, Segments, parse_limit};
use crate::http::rates::rate_objects;
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::render::{self, severity_key, side_key, state_key};
use crate::ingest::delivery::{Finding, FindingState, ISSUES, Severity, Silent};

/// Most findings of one page.
const FINDINGS_MAX: usize = 1_000;

/// Findings of a page that does not say how many.
const FINDINGS_DEFAULT: usize = 100;

/// Vanishing areas that are named in a report.
const VANISHING_NAMED: usize = 1_000;

/// `GET /api/deliveries/{id}/report`
pub async fn show_report(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    work(move || {
        let checked = site.app().checked_delivery(&actor, id, &Silent)?;
        Ok(([NO_STORE], Json(report_object(&actor, &checked))).into_response())
    })
    .await
}

/// A report without its findings and rows, which come by pages.
pub(super) fn report_object(actor: &Actor, checked: &CheckedDelivery) -> Value {
    let issues: Vec<Value> = ISSUES
        .iter()
        .filter_map(|issue| {
            let count = checked.delivered.findings.iter().filter(|finding| finding.issue.id == issue.id).count();
            (count > 0).then(|| {
                json!({
                    "id": issue.id,
                    "severity": severity_key(issue.severity),
                    "side": side_key(issue.side),
                    "title": both(issue.title),
                    "count": count,
                })
            })
        })
        .collect();
    let vanishing: Vec<Value> = checked
        .vanishing
        .iter()
        .take(VANISHING_NAMED)
        .map(|(code, name)| json!({ "code": code.as_str(), "name": name }))
        .collect();
    let share = if checked.areas == 0 { 0.0 } else { checked.vanishing.len() as f64 / checked.areas as f64 };
    json!({
        "delivery": checked.id.0,
        "revision": checked.revision.0,
        "effective": checked.effective.to_string(),
        "rows": checked.rows.len(),
        "publishable": checked.open(Severity::MustFix) == 0,
        "counts": {
            "must_fix": checked.open(Severity::MustFix),
            "fix_later": checked.open(Severity::FixLater),
            "excepted": checked.in_state(|state| matches!(state, FindingState::Excepted(_))),
            "repaired": checked.in_state(|state| state == FindingState::Repaired),
        },
        "changes": changes_object(checked),
        "fields": checked.changed_fields(),
        "vanishing": {
            "count": checked.vanishing.len(),
            "share": share,
            "needs_confirmation": share > crate::app::VANISHING_SHARE,
            "areas": vanishing,
        },
        "position": position_object(&checked.position),
        "issues": issues,
        "rates": {
            "before": rate_objects(actor, &checked.forecast.before, checked.effective),
            "after": rate_objects(actor, &checked.forecast.after, checked.effective),
        },
    })
}

/// Rows by what becomes of them, and the areas that vanish.
pub(super) fn changes_object(checked: &CheckedDelivery) -> Value {
    json!({
        "added": checked.count("added"),
        "changed": checked.count("changed"),
        "unchanged": checked.count("unchanged"),
        "unusable": checked.count("unusable"),
        "unlocated": checked.count("unlocated"),
        "vanished": checked.vanishing.len(),
    })
}

/// Parameters of `GET /api/deliveries/{id}/findings`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingParams {
    severity: Option<String>,
    issue: Option<String>,
    state: Option<String>,
    limit: Option<String>,
    cursor: Option<usize>,
    f: Option<String>,
}

/// `GET /api/deliveries/{id}/findings`: a page of them, or all as a file.
pub async fn list_findings(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(params): Params<FindingParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let limit = params.limit.as_deref().map_or(Ok(FINDINGS_DEFAULT), |text| parse_limit(text, FINDINGS_MAX))?;
    for (name, value, allowed) in [
        ("severity", &params.severity, &["must_fix", "fix_later"][..]),
        ("state", &params.state, &["open", "excepted", "repaired"][..]),
        ("f", &params.f, &["json", "csv", "xlsx", "html"][..]),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !allowed.contains(value)) {
            return Err(Problem::bad_parameter(format!(
                "{name} must be one of {}, it is {value:?}",
                allowed.join(", ")
            )));
        }
    }
    if let Some(issue) = params.issue.as_deref().filter(|issue| !ISSUES.iter().any(|known| known.id == *issue)) {
        return Err(Problem::bad_parameter(format!("there is no issue type {issue:?}")));
    }
    let path = uri.path().to_owned();
    work(move || {
        let checked = site.app().checked_delivery(&actor, id, &Silent)?;
        let wanted = |finding: &&Finding| {
            params.severity.as_deref().is_none_or(|key| severity_key(finding.issue.severity) == key)
                && params.issue.as_deref().is_none_or(|id| finding.issue.id == id)
                && params.state.as_deref().is_none_or(|key| state_key(finding.state) == key)
        };
        let numbered = checked.delivered.findings.iter().enumerate().filter(|(_, finding)| wanted(finding));
        if let Some(format) = params.f.as_deref().filter(|format| *format != "json") {
            let findings: Vec<&Finding> = numbered.map(|(_, finding)| finding).collect();
            return file(&findings, format, &checked);
        }
        // The row of the draft, which is unique over all files.
        let row_of: HashMap<&Place, usize> = checked
            .delivered
            .drafts
            .iter()
            .enumerate()
            .flat_map(|(at, draft)| draft.places.iter().map(move |place| (place, at + 1)))
            .collect();
        let all: Vec<(usize, &Finding)> = numbered.collect();
        let from = params.cursor.unwrap_or(0);
        let page: Vec<Value> = all
            .iter()
            .filter(|(at, _)| *at >= from)
            .take(limit)
            .map(|(at, finding)| {
                let mut object = render::finding_object(finding);
                object["number"] = (at + 1).into();
                object["row"] = row_of.get(&finding.place).copied().into();
                object
            })
            .collect();
        let next = all.iter().filter(|(at, _)| *at >= from).nth(limit).map(|(at, _)| at.to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let links = PageLinks { kind: JSON, path: &path, limit, cursor: cursor.as_deref(), next: next.as_deref() }
            .keeping([
                ("severity", params.severity.as_deref()),
                ("issue", params.issue.as_deref()),
                ("state", params.state.as_deref()),
            ]);
        let body = json!({ "findings": page, "total": all.len(), "links": links });
        Ok(([NO_STORE], Json(body)).into_response())
    })
    .await
}

/// All findings as a file to keep or to hand back.
fn file(findings: &[&Finding], format: &str, checked: &CheckedDelivery) -> Result<Response, Problem> {
    let title = format!("{} · {}", checked.sender, checked.effective);
    let (bytes, kind, ending) = match format {
        "csv" => (render::csv(findings), "text/csv; charset=utf-8", "csv"),
        "html" => (render::html(findings, &title).into_bytes(), "text/html; charset=utf-8", "html"),
        _ => {
            let bytes = render::xlsx(findings, &title).map_err(|err| {
                tracing::error!(error = %err, "a report could not be written");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the report could not be written")
            })?;
            (bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
        }
    };
    let disposition = format!("attachment; filename=\"findings-{}.{ending}\"", checked.id);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|err| Problem::internal(&err))?),
        NO_STORE,
    ];
    Ok((headers, bytes).into_response())
}
