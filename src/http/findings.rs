//! What contradicts a rule in the register itself.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Snapshot;
use crate::auth::Actor;
use crate::http::areas::{PageLinks, page_limit};
use crate::http::deliveries::both;
use crate::http::extract::{Asked, known_street};
use crate::http::rate_lists::summary;
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::ingest::delivery::render::{Language, fix, severity_key, wrong};
use crate::ingest::delivery::{Finding, ISSUES, Issue};
use crate::model::{AreaCode, StreetCode};

/// Parameters of `GET /api/findings`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingParams {
    street: Option<String>,
    issue: Option<String>,
    limit: Option<String>,
    cursor: Option<usize>,
}

/// `GET /api/findings`
pub async fn list_findings(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<FindingParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    let street = site.app().desk_scope(&actor, street)?;
    if let Some(id) = params.issue.as_deref().filter(|id| Issue::of(id).is_none()) {
        return Err(Problem::bad_parameter(format!("there is no issue type {id:?}")));
    }
    let limit = page_limit(params.limit.as_deref())?;
    work(move || {
        let snapshot = &*view.snapshot;
        let open = site.app().open_findings(snapshot)?;
        let in_scope = of_street(&open, street.as_ref());
        let wanted: Vec<&Finding> = in_scope
            .iter()
            .copied()
            .filter(|finding| params.issue.as_deref().is_none_or(|id| id == finding.issue.id))
            .collect();
        let from = params.cursor.unwrap_or(0).min(wanted.len());
        let to = wanted.len().min(from + limit);
        let next = (to < wanted.len()).then(|| to.to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let own = [("street", params.street.as_deref()), ("issue", params.issue.as_deref())];
        let links = PageLinks { kind: JSON, path: uri.path(), limit, cursor: cursor.as_deref(), next: next.as_deref() }
            .keeping(own.into_iter().chain(view.clocks.kept()));
        let listed: Vec<Value> = wanted[from..to].iter().map(|one| finding_object(snapshot, &actor, one)).collect();
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": street.as_ref().map(StreetCode::as_str),
            "count": wanted.len(),
            "issues": issue_counts(&in_scope),
            "findings": listed,
            "links": links,
        });
        // An exception changes the answer without a revision.
        let tag = view.tag.with(&fingerprint(&open));
        cache::json(&tag, JSON, &body)
    })
    .await
}

/// What findings are open, for an entity tag.
pub(super) fn fingerprint(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{} {}\n", finding.issue.id, finding.subject)).collect()
}

/// The findings of one street, or of all.
pub(super) fn of_street<'a>(findings: &'a [Finding], street: Option<&StreetCode>) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| street.is_none_or(|street| finding.street.as_ref() == Some(street))).collect()
}

/// How many findings there are of each type that there are any of, in the order of the catalogue.
pub(super) fn issue_counts(findings: &[&Finding]) -> Vec<Value> {
    let count = |issue: &Issue| findings.iter().filter(|finding| finding.issue.id == issue.id).count();
    let counted = ISSUES.iter().map(|issue| (issue, count(issue))).filter(|(_, count)| *count > 0);
    counted
        .map(|(issue, count)| {
            json!({
                "id": issue.id,
                "title": both(issue.title),
                "severity": severity_key(issue.severity),
                "count": count,
            })
        })
        .collect()
}

/// A finding about an area of the register.
pub(super) fn finding_object(snapshot: &Snapshot, actor: &Actor, finding: &Finding) -> Value {
    let position = AreaCode::parse(&finding.subject).ok().and_then(|code| snapshot.area_position(&code));
    let told = |of: fn(&Finding, Language) -> String| json!({ "zh-CN": of(finding, Language::Chinese), "en": of(finding, Language::English) });
    json!({
        "issue": finding.issue.id,
        "title": both(finding.issue.title),
        "text": told(wrong),
        "fix": told(fix),
        "area": position.map(|position| summary(snapshot, actor, position)),
    })
}
