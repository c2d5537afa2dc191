//! The draft on the map: what each row says and does.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use geojson::{Feature, Geometry, GeometryValue, JsonObject};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{CheckedDelivery, RowView};
use crate::auth::Actor;
use crate::formats::Place;
use crate::history::ValueChange;
use crate::http::areas::{GEO_JSON, PageLinks};
use crate::http::deliveries::delivery_id;
use crate::http::deliveries::list::NO_STORE;
use crate::http::extract::{Params, Segments, parse_limit};
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::{Draft, FindingState, Severity, Silent};

/// Most rows of one page.
const ROWS_MAX: usize = 5_000;

/// Parameters of `GET /api/deliveries/{id}/rows`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowParams {
    limit: Option<String>,
    cursor: Option<usize>,
}

/// `GET /api/deliveries/{id}/rows`
pub async fn list_rows(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(params): Params<RowParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let limit = params.limit.as_deref().map_or(Ok(ROWS_MAX), |text| parse_limit(text, ROWS_MAX))?;
    let path = uri.path().to_owned();
    work(move || {
        let checked = site.app().checked_delivery(&actor, id, &Silent)?;
        let counts = counts(&checked);
        let from = params.cursor.unwrap_or(0);
        let rows = checked.delivered.drafts.iter().zip(&checked.rows).enumerate().skip(from);
        let features: Vec<Feature> = rows.take(limit).map(|(at, row)| feature(at, row, &counts)).collect();
        let next = (from + features.len() < checked.rows.len()).then(|| (from + features.len()).to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let links = PageLinks { kind: GEO_JSON, path: &path, limit, cursor: cursor.as_deref(), next: next.as_deref() };
        let body = json!({
            "type": "FeatureCollection",
            "features": features,
            "numberMatched": checked.rows.len(),
            "links": links.keeping([]),
        });
        let bytes = serde_json::to_vec(&body).map_err(|err| Problem::internal(&err))?;
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(GEO_JSON));
        Ok(([kind, NO_STORE], bytes).into_response())
    })
    .await
}

/// Open findings of each place: those that must be fixed, and the others.
fn counts(checked: &CheckedDelivery) -> HashMap<&Place, (usize, usize)> {
    let mut counts: HashMap<&Place, (usize, usize)> = HashMap::new();
    for finding in checked.delivered.findings.iter().filter(|finding| finding.state == FindingState::Open) {
        let count = counts.entry(&finding.place).or_default();
        match finding.issue.severity {
            Severity::MustFix => count.0 += 1,
            Severity::FixLater => count.1 += 1,
        }
    }
    counts
}

fn feature(at: usize, (draft, view): (&Draft, &RowView), counts: &HashMap<&Place, (usize, usize)>) -> Feature {
    let (must_fix, fix_later) = draft
        .places
        .iter()
        .filter_map(|place| counts.get(place))
        .fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    let values: &[ValueChange] = match view {
        RowView::Changed(change) => &change.values,
        _ => &[],
    };
    let fields: Vec<&str> = values.iter().map(|value| value.field).collect();
    let values: JsonObject =
        values.iter().map(|value| (value.field.to_owned(), json!([value.before, value.after]))).collect();
    let properties: Value = json!({
        "row": at + 1,
        "file": &*draft.place().file,
        "item": draft.place().item.to_string(),
        "code": draft.row.code.as_ref().map(|code| code.as_str()),
        "name": draft.row.name,
        "street": draft.row.street.as_ref().map(|street| street.as_str()),
        "change": view.key(),
        "fields": fields,
        "values": values,
        "must_fix": must_fix,
        "fix_later": fix_later,
    });
    let properties: JsonObject = match properties {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    };
    let boundary = draft.outline.as_ref().map(|outline| &outline.boundary).or(draft.unusable.as_ref());
    let geometry = boundary.map(|boundary| Geometry::new(GeometryValue::from(boundary)));
    Feature {
        id: Some(geojson::feature::Id::Number((at + 1).into())),
        geometry,
        properties: Some(properties),
        bbox: None,
        foreign_members: None,
    }
}
